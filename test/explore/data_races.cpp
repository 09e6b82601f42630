#include "support/finds.hpp"
#include "support/fixture.hpp"
#include "support/golden.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <string>

using cppvaldi::finding;
using cppvaldi::shared;
using cppvaldi::thread;

namespace {

struct account {
    shared<int> balance{100, "balance"};
    cppvaldi::mutex door{"door"};

    void withdraw(int amount) {
        door.lock();
        const int seen = balance.read();
        door.unlock();
        balance.write(seen - amount);
    }

    int look() {
        const cppvaldi::lock_guard mine(door);
        return balance.read();
    }
};

/// One withdraws, and forgets the lock for a part of that; the other only looks, with the lock.
void withdraw_and_look() {
    account acc;
    thread alice("alice", [&] { acc.withdraw(30); });
    thread bob("bob", [&] { (void)acc.look(); });
    alice.join();
    bob.join();
}

/// The mistake shows where alice is in time only: as a race it is there in each execution.
void write_and_tell() {
    shared<int> data(0, "data");
    cppvaldi::atomic<bool> told{false, "told"};
    thread alice("alice", [&] {
        told.store(true);
        data.write(1);
    });
    thread bob("bob", [&] {
        if (told.load()) {
            (void)data.read();
        }
    });
    alice.join();
    bob.join();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(data_races, clean_world)

BOOST_AUTO_TEST_CASE(a_race_is_reported_with_both_its_places) {
    const finding found = found_in(&withdraw_and_look, cppvaldi::exhaustive{});
    BOOST_TEST(found.what == finding::kind::data_race);
    BOOST_TEST(found.message == "alice writes shared balance at data_races.cpp:23, bob reads shared balance at "
                                "data_races.cpp:28, and nothing orders the two");
    check_golden("explore/golden/data_race.txt", found.report());
}

BOOST_AUTO_TEST_CASE(it_is_the_same_race_whichever_strategy_finds_it) {
    const finding found = found_in(&withdraw_and_look, cppvaldi::exhaustive{});
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const finding drawn = found_in(&withdraw_and_look, cppvaldi::random{.seed = seed});
        BOOST_TEST(drawn.report() == found.report());
    }
    BOOST_TEST(found_in(&withdraw_and_look, cppvaldi::dpor{}).report() == found.report());
}

BOOST_AUTO_TEST_CASE(a_race_needs_no_unlucky_schedule) {
    const auto body = [] {
        shared<int> data(0);
        thread alice("alice", [&] { data.write(1); });
        thread bob("bob", [&] { data.write(2); });
        alice.join();
        bob.join();
    };
    for (const bool switches : {false, true}) {
        const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::exhaustive{.preemptions = 0},
                                                              {.each = {.shared_accesses_switch = switches}});
        BOOST_REQUIRE(found.finding);
        BOOST_TEST(found.finding->what == finding::kind::data_race);
        BOOST_TEST(found.executions == 1U);
        BOOST_TEST(found.finding->cost.preemptions == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_race_that_hangs_on_the_schedule_is_searched_for) {
    const finding found = found_in(&write_and_tell, cppvaldi::exhaustive{});
    BOOST_TEST(found.what == finding::kind::data_race);
    check_golden("explore/golden/data_race_after_store.txt", found.report());
    BOOST_TEST(found_in(&write_and_tell, cppvaldi::dpor{}).message == found.message);
}

BOOST_AUTO_TEST_CASE(races_are_not_reported_where_they_are_not_wanted) {
    comes_out_clean(&withdraw_and_look, cppvaldi::exhaustive{}, {.executions = 10'000, .each = {.data_races = false}});
}

BOOST_AUTO_TEST_CASE(a_runner_reports_races_where_they_are_wanted) {
    const auto play = [](const cppvaldi::execution_options& options) {
        account acc;
        cppvaldi::runner run(options);
        run.start("alice", &account::withdraw, &acc, 30);
        run.start("bob", [&] {
            cppvaldi::checkpoint("looks");
            (void)acc.look();
        });
        run.declare(cppvaldi::order::parse("alice:finished bob:looks"));
        run.finish();
    };
    play({});
    try {
        play({.data_races = true});
        BOOST_ERROR("nothing was found");
    } catch (const cppvaldi::data_race& found) {
        check_golden("explore/golden/data_race_under_runner.txt", found.what());
    }
}

BOOST_AUTO_TEST_CASE(a_runner_goes_on_after_a_race_if_it_is_asked_to) {
    account acc;
    cppvaldi::runner run({.data_races = true});
    run.start("alice", &account::withdraw, &acc, 30);
    run.start("bob", &account::look, &acc);
    BOOST_CHECK_THROW(run.finish(), cppvaldi::data_race);
    run.finish();
    BOOST_TEST(run.done());
    BOOST_TEST(acc.balance.read() == 70);
}

BOOST_AUTO_TEST_CASE(code_that_catches_everything_cannot_hide_a_race) {
    const auto body = [] {
        shared<int> data(0);
        const auto add = [&] {
            try {
                data += 1;
            } catch (...) { // the unwinding
            }
        };
        thread alice("alice", add);
        thread bob("bob", add);
        alice.join();
        bob.join();
    };
    BOOST_TEST(found_in(body, cppvaldi::exhaustive{}).what == finding::kind::data_race);
}

BOOST_AUTO_TEST_SUITE_END()
