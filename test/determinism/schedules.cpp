// Plays orders that end well and orders that do not, and prints all that a person would see of them.

#include <cppvaldi/cppvaldi.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

struct account {
    int balance = 100;
    void withdraw(int amount) {
        int seen = balance;
        cppvaldi::checkpoint("read");
        balance = seen - amount;
        cppvaldi::checkpoint("written");
    }
};

void play(const std::string& text) {
    account shared;
    cppvaldi::runner run;
    std::vector<cppvaldi::starter> tellers;
    for (int teller = 0; teller < 4; ++teller) {
        tellers.push_back(run.start("teller" + std::to_string(teller), &account::withdraw, &shared, 1 << teller));
    }
    std::cout << text << '\n';
    try {
        if (!text.empty()) {
            run.declare(cppvaldi::order::parse(text));
        }
        for (const cppvaldi::checkpoint_ref& reached : run) {
            std::cout << "  " << reached << ", balance " << shared.balance << '\n';
        }
    } catch (const std::exception& problem) {
        std::cout << problem.what() << '\n';
    }
    std::cout << "balance " << shared.balance << ", " << run.played().token() << "\n\n";
}

} // namespace

int main() {
    play("");
    play("teller0:read teller1:read teller1:written teller0:written");
    play("teller3:read teller2:read teller1:read teller0:read teller0:written teller3:written");
    play("teller0:written teller0:read");
    play("teller2:read teller2:read");
    play("teller1:read teller0:finished teller3:started teller1:written");
}
