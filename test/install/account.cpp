// A program of somebody else's: it knows the installed headers, and what pkg-config says.

#undef NDEBUG

#include <cppvaldi/cppvaldi.hpp>

#include <cassert>
#include <iostream>
#include <string>

struct account {
    int balance = 100;
    void withdraw(int amount) {
        int seen = balance;
        cppvaldi::checkpoint("read");
        balance = seen - amount;
        cppvaldi::checkpoint("written");
    }
};

int main() {
    account acc;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", &account::withdraw, &acc, 30);
    cppvaldi::starter bob = run.start("bob", [&] { acc.withdraw(50); });

    run.declare({alice.at("read"), bob.at("read"), bob.at("written"), alice.at("written")});

    run.next();
    assert(acc.balance == 100);
    run.run_to(bob.at("written"));
    assert(acc.balance == 50);
    run.finish();
    assert(acc.balance == 70);

    std::string token = run.played().token();
    assert(!token.empty());
    std::cout << "balance " << acc.balance << '\n';
}
