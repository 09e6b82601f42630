// Two tellers pay out money from one account, at the same time, and money is lost: both read the balance, and each writes back
// what it has seen, less what it paid out.
//
// In production that goes wrong once in a while. Here it goes wrong every time, in an order that is declared, on a real database,
// with the state looked at on the way. Then every order is played, and then all of it again with the code mended.
//
//     two_tellers [file]      the database is made in `file`, or else in the folder for temporary files, and removed at the end

#include "database.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// --- The code under test. It names two checkpoints; `begun`, `committing` and `committed` come from SQLite's own hooks. -----

void careless_teller(const std::string& path, int amount) {
    session bank(path); // it opens a connection, and hands it to cppvaldi::sqlite::cooperate
    const int seen = bank.number("SELECT balance FROM account");
    cppvaldi::checkpoint("read", seen);
    bank.run("UPDATE account SET balance = " + std::to_string(seen - amount));
    cppvaldi::checkpoint("written");
}

void careful_teller(const std::string& path, int amount) {
    session bank(path);
    bank.run("BEGIN IMMEDIATE"); // nobody else may write from here on
    const int seen = bank.number("SELECT balance FROM account");
    cppvaldi::checkpoint("read", seen);
    bank.run("UPDATE account SET balance = " + std::to_string(seen - amount));
    cppvaldi::checkpoint("written");
    bank.run("COMMIT");
}

using teller = void (*)(const std::string& path, int amount);

std::string indented(const std::string& text) {
    std::string made;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        made += "   " + line + '\n';
    }
    return made;
}

// --- Playing one order ------------------------------------------------------------------------------------------------------

constexpr int deposit = 100;
constexpr int alice_pays = 30;
constexpr int bob_pays = 50;
constexpr int should_be_left = deposit - alice_pays - bob_pays;

/// The account, and a session of its own, which looks on.
class bank {
public:
    explicit bank(const database_place& where) : where_(where), books_(where.file) {
        books_.run("BEGIN; CREATE TABLE account (balance INTEGER); INSERT INTO account VALUES (0); COMMIT");
    }
    bank(const bank&) = delete;
    bank& operator=(const bank&) = delete;
    ~bank() {
        try {
            if (where_.found) { // it is somebody's: leave it as it was
                books_.run("DROP TABLE account");
            }
        } catch (const std::exception& refused) {
            std::cerr << "two_tellers: the table 'account' is left behind: " << refused.what() << '\n';
        }
    }

    int balance() { return books_.number("SELECT balance FROM account"); }

    /// Has two tellers pay out in this order. Returns the timeline, with the balance of each pause beside it.
    std::string play(teller pay_out, const cppvaldi::order& declared) {
        books_.run("UPDATE account SET balance = " + std::to_string(deposit));

        cppvaldi::runner run;
        run.start("alice", pay_out, where_.file, alice_pays);
        run.start("bob", pay_out, where_.file, bob_pays);
        run.declare(declared);

        std::vector<int> balances;
        while (run.next()) { // both tellers are held now, and the state of the world is ours
            balances.push_back(balance());
        }
        return beside(run.timeline(), balances);
    }

private:
    static std::string beside(const std::string& timeline, const std::vector<int>& balances) {
        std::istringstream lines(timeline);
        std::string text;
        auto next = balances.begin();
        for (std::string line; std::getline(lines, line);) {
            const bool pause = line.starts_with("||");
            if (pause || text.empty()) {
                line.resize(std::max<std::size_t>(65, line.size() + 2), ' ');
                line += pause ? std::to_string(*next++) : "balance";
            }
            text += line + '\n';
        }
        return text;
    }

    const database_place& where_;
    session books_;
};

void play_one(bank& ours, teller pay_out, const cppvaldi::order& declared) {
    std::cout << "   declared: " << declared << "\n\n";
    std::cout << indented(ours.play(pay_out, declared)) << '\n';
    std::cout << "   left in the account: " << ours.balance() << ", and it should be " << should_be_left << "\n\n";
}

// --- Playing every order ----------------------------------------------------------------------------------------------------

/// Returns every order in which two tellers can read and write.
std::vector<cppvaldi::order> all_orders() {
    std::vector<cppvaldi::order> all;
    std::string turns = "aabb";
    do {
        cppvaldi::order made;
        for (std::size_t turn = 0; turn < turns.size(); ++turn) {
            const bool first = turns.find(turns[turn]) == turn;
            made.push_back(cppvaldi::at(turns[turn] == 'a' ? "alice" : "bob", first ? "read" : "written"));
        }
        all.push_back(made);
    } while (std::next_permutation(turns.begin(), turns.end()));
    return all;
}

void play_all(bank& ours, teller pay_out) {
    int wrong = 0;
    int impossible = 0;
    for (const cppvaldi::order& each : all_orders()) {
        std::cout << "   " << std::left << std::setw(48) << each.text() << std::right;
        try {
            (void)ours.play(pay_out, each);
            const bool right = ours.balance() == should_be_left;
            wrong += right ? 0 : 1;
            std::cout << std::setw(5) << ours.balance() << (right ? "   right" : "   WRONG") << '\n';
        } catch (const cppvaldi::infeasible_order& refused) {
            ++impossible;
            const std::string why = refused.what(); // "infeasible order: bob:read is due, but bob is blocked, and ..."
            const std::size_t from = why.find("but ") + 4;
            std::cout << "    -   cannot be: " << why.substr(from, why.find(',', from) - from) << '\n';
        }
    }
    std::cout << "\n   of " << all_orders().size() << " orders, " << wrong << " lose money, and " << impossible
              << " cannot be.\n\n";
}

void show(const database_place& where) {
    using cppvaldi::at;
    bank ours(where);
    const cppvaldi::order loses_money{at("alice", "read"), at("bob", "read"), at("bob", "written"),
                                      at("alice", "written")};

    std::cout << "Two tellers, one account with " << deposit << " in it. Alice pays out " << alice_pays << ", bob "
              << bob_pays << ", so " << should_be_left << " should be left.\n\n";

    std::cout << "1. Careless tellers: each reads the balance, then writes what it has seen less what it pays.\n"
                 "   At each pause (||) another session asks the database for the balance.\n\n";
    play_one(ours, careless_teller, loses_money);

    std::cout << "2. Careless tellers, in every order, and what is left:\n\n";
    play_all(ours, careless_teller);

    std::cout << "3. Careful tellers: each begins with BEGIN IMMEDIATE. The order that lost money is refused:\n\n";
    try {
        play_one(ours, careful_teller, loses_money);
    } catch (const cppvaldi::infeasible_order& refused) {
        std::cout << indented(refused.what()) << '\n';
    }
    std::cout << "   So bob waits for alice, and this can be declared:\n\n";
    play_one(ours, careful_teller,
             {at("alice", "read"), at("bob", "blocked"), at("alice", "committed"), at("bob", "read"),
              at("bob", "committed")});

    std::cout << "4. Careful tellers, in every order, and what is left:\n\n";
    play_all(ours, careful_teller);
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc > 2) {
            throw std::runtime_error("usage: two_tellers [file]");
        }
        std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is SQLite's to report
        const database_place where(argc == 2 ? argv[1] : "");
        show(where);
        if (!std::cout.flush()) {
            throw std::runtime_error("what it has to say cannot be written");
        }
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::cerr << "two_tellers: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
