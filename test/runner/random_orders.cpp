// Odd orders over small programs, by the thousand: whatever is declared, a run ends well or with one of the documented exceptions,
// twice the same, and alike however it is driven.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/luck.hpp"
#include "support/padlock.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace cppvaldi;

namespace {

/// What starters do, drawn by luck: each letter is an action.
///     x y z  reach that checkpoint      1 2  take that lock, until the end
///     -      yield        s  sleep      c    start a child      !  throw
struct program {
    std::vector<std::string> scripts;

    explicit program(luck& lucky) : scripts(1 + lucky.below(4)) {
        for (std::string& script : scripts) {
            for (std::size_t left = lucky.below(8); left > 0; --left) {
                const std::string actions = lucky.once_in(12) ? "sc!" : "xxyyz121212-";
                script += actions[lucky.below(actions.size())];
            }
        }
    }
};

/// The world that one run of a program acts on.
struct world {
    padlock first{"first"};
    padlock second{"second"};
    std::vector<std::string> children;
    runner run{execution_options{.stack_size_bytes = 64 * 1024, .step_limit = 10'000}};

    explicit world(const program& made) {
        for (std::size_t number = 0; number < made.scripts.size(); ++number) {
            const std::string name(1, static_cast<char>('a' + number));
            (void)run.start(name, [this, name, script = made.scripts[number]] { act(name, script); });
        }
    }

    void act(const std::string& name, const std::string& script) {
        std::map<char, int> held;
        for (char action : script) {
            switch (action) {
            case '1':
            case '2':
                if (held[action]++ == 0) {
                    of(action).take();
                }
                break;
            case '-': this_thread::yield(); break;
            case 's': this_thread::sleep_for(std::chrono::seconds(1)); break;
            case 'c': start_child(name); break;
            case '!': throw std::string("thrown by " + name);
            default: checkpoint(std::string(1, action)); break;
            }
        }
        for (const auto& [number, times] : held) {
            of(number).give_back();
        }
    }

    void start_child(const std::string& parent) {
        const std::string name = parent + '+';
        for (const std::string& known : children) {
            if (known == name) {
                return;
            }
        }
        children.push_back(name);
        (void)run.start(name, [] { checkpoint("x"); });
    }

    padlock& of(char number) { return number == '1' ? first : second; }
};

order any_order(luck& lucky, const program& made) {
    order declared;
    for (std::size_t left = lucky.below(7); left > 0; --left) {
        const std::string starter(1, static_cast<char>('a' + lucky.below(made.scripts.size())));
        const std::vector<std::string> names{"x", "x", "y", "z", "started", "finished", "finished", "blocked"};
        const std::string& name = names[lucky.below(names.size())];
        if (name.size() == 1 && lucky.once_in(5)) {
            declared.push_back(at(starter, name, static_cast<std::uint32_t>(1 + lucky.below(3))));
        } else {
            declared.push_back(at(starter, name));
        }
    }
    return declared;
}

/// An order that each starter by itself keeps: some of its checkpoints as they come. Locks may be in the way.
order plausible_order(luck& lucky, const program& made) {
    std::vector<std::vector<checkpoint_ref>> own;
    for (std::size_t number = 0; number < made.scripts.size(); ++number) {
        const std::string starter(1, static_cast<char>('a' + number));
        std::map<char, std::uint32_t> times;
        own.emplace_back();
        for (char action : made.scripts[number]) {
            if (action >= 'x' && action <= 'z' && (++times[action], !lucky.once_in(3))) {
                own.back().push_back(at(starter, std::string(1, action), times[action]));
            }
        }
    }
    order declared;
    while (!own.empty()) {
        const std::size_t who = lucky.below(own.size());
        if (own[who].empty()) {
            own.erase(own.begin() + static_cast<std::ptrdiff_t>(who));
        } else {
            declared.push_back(own[who].front());
            own[who].erase(own[who].begin());
        }
    }
    return declared;
}

/// How a call ended: nothing, or the type of what it threw and its text.
struct ending {
    std::string kind;
    std::string text;

    [[nodiscard]] std::string first_line() const { return kind + ": " + text.substr(0, text.find('\n')); }
};

template <typename Call>
ending end_of(Call&& call) {
    try {
        call();
        return {"well", ""};
    } catch (const infeasible_order& error) {
        return {"infeasible_order", error.what()};
    } catch (const missed_checkpoint& error) {
        return {"missed_checkpoint", error.what()};
    } catch (const out_of_order& error) {
        return {"out_of_order", error.what()};
    } catch (const deadlock& error) {
        return {"deadlock", error.what()};
    } catch (const usage_error& error) {
        return {"usage_error", error.what()};
    } catch (const std::string& thrown) {
        return {"its own", thrown};
    } // whatever else comes fails the test
}

struct outcome {
    ending how;
    std::string token;
    std::string timeline;
    bool done = false;
};

enum class driven { to_the_end, pause_by_pause, by_choice };

outcome play(const program& made, const order& declared, driven how, std::uint64_t seed) {
    world here(made);
    outcome result;
    result.how = end_of([&] {
        here.run.declare(declared);
        luck lucky(seed);
        std::size_t position = 0;
        if (how == driven::pause_by_pause) {
            while (const auto reached = here.run.next()) {
                BOOST_REQUIRE(*reached == declared[position]);
                ++position;
            }
            BOOST_REQUIRE(position == declared.size());
        } else if (how == driven::by_choice && !declared.empty()) {
            // One target in the order: the pauses before it are skipped, and what comes after is not.
            const std::size_t chosen = lucky.below(declared.size());
            for (; position < chosen; ++position) {
                BOOST_REQUIRE(here.run.next() == declared[position]);
            }
            here.run.run_to(declared[chosen]);
        }
        here.run.finish();
    });
    result.token = here.run.played().token();
    result.timeline = here.run.timeline();
    result.done = here.run.done();
    BOOST_REQUIRE(schedule::parse(result.token) == here.run.played());
    BOOST_REQUIRE(!here.run.status().empty());
    BOOST_REQUIRE(result.how.kind != "well" || result.done);
    // Whoever goes on after that gets an answer, too.
    for (int again = 0; again < 4; ++again) {
        (void)end_of([&] { (void)here.run.next(); });
    }
    (void)end_of([&] { here.run.run_to(at("a", "z")); });
    (void)end_of([&] { here.run.finish(); });
    return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(random_orders, clean_world)

BOOST_AUTO_TEST_CASE(every_run_ends_well_or_as_documented_and_the_same_way_however_it_is_driven) {
    std::map<std::string, int> seen;
    for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
        luck lucky(seed);
        const program made(lucky);
        const order declared = lucky.once_in(2) ? plausible_order(lucky, made) : any_order(lucky, made);
        std::string what = "seed " + std::to_string(seed) + ", order " + declared.text() + ", scripts";
        for (const std::string& script : made.scripts) {
            what += " '" + script + "'";
        }
        BOOST_TEST_CONTEXT(what) {
            const outcome first = play(made, declared, driven::to_the_end, seed);
            const outcome second = play(made, declared, driven::to_the_end, seed);
            BOOST_REQUIRE_EQUAL(first.how.kind + first.how.text, second.how.kind + second.how.text);
            BOOST_REQUIRE_EQUAL(first.token, second.token);
            BOOST_REQUIRE_EQUAL(first.timeline, second.timeline);
            for (const driven how : {driven::pause_by_pause, driven::by_choice}) {
                const outcome other = play(made, declared, how, seed);
                BOOST_REQUIRE_EQUAL(first.how.first_line(), other.how.first_line());
                BOOST_REQUIRE_EQUAL(first.token, other.token);
                BOOST_REQUIRE_EQUAL(first.done, other.done);
            }
            ++seen[first.how.kind];
        }
    }
    // All of it came up, or the programs are too tame.
    for (const std::string kind :
         {"well", "infeasible_order", "missed_checkpoint", "out_of_order", "deadlock", "usage_error", "its own"}) {
        BOOST_TEST(seen[kind] >= 20, kind << " came up " << seen[kind] << " times");
    }
}

BOOST_AUTO_TEST_CASE(whatever_is_run_to_there_is_an_answer) {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        luck lucky(seed);
        const program made(lucky);
        const order declared = lucky.once_in(2) ? plausible_order(lucky, made) : any_order(lucky, made);
        BOOST_TEST_CONTEXT("seed " << seed) {
            world here(made);
            (void)end_of([&] { here.run.declare(declared); });
            for (int call = 0; call < 12; ++call) {
                const order targets = any_order(lucky, made);
                for (const checkpoint_ref& target : targets) {
                    const ending how = end_of([&] { BOOST_REQUIRE(here.run.run_to(target).name() == target.name()); });
                    BOOST_REQUIRE(!how.kind.empty());
                }
                if (lucky.once_in(3)) {
                    (void)end_of([&] { (void)here.run.next(); });
                }
                if (lucky.once_in(4)) {
                    (void)end_of([&] { here.run.declare(any_order(lucky, made)); });
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
