// Plays orders that end well and orders that do not, and prints all that a person would see of them: what was reached and
// with which value, traces, tokens, where everybody stands, and what errors say.

#include <cppvaldi/cppvaldi.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using cppvaldi::checkpoint;

/// Runs `body` and prints what it throws.
void told(const std::string& title, const std::function<void()>& body) {
    std::cout << "--- " << title << '\n';
    try {
        body();
    } catch (const std::exception& problem) {
        std::cout << problem.what() << '\n';
    }
    std::cout << '\n';
}

/// Plays what is left, pause by pause, and prints the end of it.
void play(cppvaldi::runner& run) {
    try {
        for (const cppvaldi::checkpoint_ref& reached : run) {
            std::cout << "  " << reached << '\n';
        }
    } catch (const std::exception& problem) {
        std::cout << problem.what() << '\n';
    }
    std::cout << run.status() << run.trace_so_far().timeline(100) << run.played().token() << '\n';
}

struct account {
    int balance = 100;
    void withdraw(int amount) {
        int seen = balance;
        checkpoint("read", seen);
        balance = seen - amount;
        checkpoint("written");
    }
};

void tellers(const std::string& text) {
    told("tellers: " + text, [&] {
        account shared;
        cppvaldi::runner run;
        for (int teller = 0; teller < 4; ++teller) {
            run.start("teller" + std::to_string(teller), &account::withdraw, &shared, 1 << teller);
        }
        if (!text.empty()) {
            run.declare(cppvaldi::order::parse(text));
        }
        play(run);
        std::cout << "balance " << shared.balance << '\n';
    });
}

void values() {
    told("values", [] {
        cppvaldi::runner run;
        const cppvaldi::starter alice = run.start("alice", [] {
            checkpoint("truth", true);
            checkpoint("small", static_cast<signed char>(-7));
            checkpoint("smallest", INT64_MIN);
            checkpoint("largest", UINT64_MAX);
            checkpoint("letter", 'x');
            checkpoint("half", 0.5);
            checkpoint("text", std::string("a text"));
            checkpoint("pointer", static_cast<const void*>(&std::cout));
            checkpoint("an odd \"name\"\n");
        });
        run.declare({alice.at("half"), alice.at("an odd \"name\"\n")});
        run.next();
        std::cout << alice.value<double>() << '\n';
        told("of another type", [&] { (void)alice.value<std::string>(); });
        play(run);
    });
}

void waiting(const std::string& text) {
    told("waiting: " + text, [&] {
        cppvaldi::resource door("door", "front");
        cppvaldi::resource gate("gate", "back");
        cppvaldi::runner run;
        run.start("alice", [&] {
            door.held();
            checkpoint("has the door");
            (void)gate.wait();
            checkpoint("through");
            door.changed();
        });
        run.start("bob", [&] {
            gate.held();
            checkpoint("has the gate");
            (void)door.wait();
            checkpoint("through");
            gate.changed();
        });
        run.start("carol", [&] {
            checkpoint("comes");
            gate.released();
            gate.changed();
        });
        run.declare(cppvaldi::order::parse(text));
        play(run);
    });
}

void locks() {
    told("locks", [] {
        cppvaldi::mutex one("one");
        cppvaldi::mutex two("two");
        cppvaldi::runner run;
        run.start("alice", [&] {
            const std::scoped_lock first(one);
            checkpoint("has one");
            const std::scoped_lock second(two);
        });
        run.start("bob", [&] {
            const std::scoped_lock first(two);
            checkpoint("has two");
            const std::scoped_lock second(one);
        });
        run.declare(cppvaldi::order::parse("alice:\"has one\" bob:\"has two\" alice:finished bob:finished"));
        play(run);
    });
}

void exceptions() {
    told("exceptions", [] {
        struct leaves {
            std::string name;
            ~leaves() { std::cout << "  " << name << " is destroyed\n"; }
        };
        cppvaldi::runner run;
        run.start("alice", [] {
            const leaves guard{"alice"};
            checkpoint("here");
            throw std::runtime_error("alice has had enough");
        });
        run.start("bob", [] {
            const leaves guard{"bob"};
            try {
                throw std::logic_error("handled");
            } catch (const std::exception&) {
                checkpoint("here");
            }
            checkpoint("there");
        });
        run.start("carol", [guard = std::shared_ptr<leaves>(new leaves{"carol"})] { checkpoint("never"); });
        run.declare(cppvaldi::order::parse("bob:here alice:here alice:finished bob:there"));
        play(run);
    });
}

void many() {
    told("many", [] {
        constexpr unsigned players = 60;
        std::uint32_t luck = 1; // a generator of its own: the same everywhere
        cppvaldi::runner run;
        cppvaldi::order declared;
        std::uint64_t sum = 0;
        for (unsigned player = 0; player < players; ++player) {
            run.start("p" + std::to_string(player), [&sum, player] {
                for (unsigned turn = 0; turn < 5; ++turn) {
                    sum = sum * 31 + player;
                    checkpoint("turn", sum);
                }
            });
        }
        for (unsigned mentioned = 0; mentioned < 300; ++mentioned) {
            luck = luck * 1'664'525 + 1'013'904'223;
            const unsigned player = luck / 65'536 % players;
            if (player % 10 != 0) { // some are never mentioned
                declared.push_back(cppvaldi::at("p" + std::to_string(player), "turn"));
            }
        }
        run.declare(declared);
        play(run);
        std::cout << "sum " << sum << '\n';
    });
}

void races() {
    const auto body = [] {
        cppvaldi::mutex door("door");
        cppvaldi::atomic<int> told(0, "told");
        cppvaldi::shared<int> first(0, "first");
        cppvaldi::shared<int> second(0, "second");
        cppvaldi::thread alice("alice", [&] {
            const cppvaldi::lock_guard mine(door);
            first.write(1);
            told.store(1);
            second.write(1);
        });
        cppvaldi::thread bob("bob", [&] {
            if (told.load() == 1) {
                (void)first.read();
                (void)second.read();
            }
        });
        alice.join();
        bob.join();
    };
    told("races", [&] {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            std::cout << *cppvaldi::explore(body, cppvaldi::random{.seed = seed}, {.executions = 1'000}).finding;
        }
        std::cout << *cppvaldi::explore(body, cppvaldi::exhaustive{}).finding;
    });
}

void misuse() {
    for (const char* text :
         {"alice:", ":read", "alice:read#0", "alice:read bob", "\"alice:read", "alice:\"\\q\"", "a:b\n\nc"}) {
        told(std::string("parse ") + text, [&] { (void)cppvaldi::order::parse(text); });
    }
    cppvaldi::runner run;
    const cppvaldi::starter alice = run.start("alice", [] {
        checkpoint("read");
        checkpoint("started");
    });
    told("a name twice", [&] { run.start("alice", [] {}); });
    told("a stranger", [&] { run.declare({cppvaldi::at("bob", "read")}); });
    told("a misnamed checkpoint", [&] { run.finish(); });
    told("behind", [&] { run.declare({alice.at("read")}); });
    told("a damaged token", [] { (void)cppvaldi::schedule::parse("v1_nonsense"); });
}

} // namespace

int main() {
    tellers("");
    tellers("teller0:read teller1:read teller1:written teller0:written");
    tellers("teller3:read teller2:read teller1:read teller0:read teller0:written teller3:written");
    tellers("teller0:written teller0:read");
    tellers("teller2:read teller2:read");
    tellers("teller1:read teller0:finished teller3:started teller1:written");
    values();
    waiting("alice:\"has the door\" alice:blocked bob:blocked");
    waiting("alice:\"has the door\" alice:blocked carol:comes alice:through bob:finished");
    waiting("bob:\"has the gate\" bob:blocked carol:finished bob:through");
    locks();
    exceptions();
    many();
    races();
    misuse();
}
