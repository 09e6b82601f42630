// What cannot go on: cycles of every kind, and declared orders that need one starter to release another.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/semaphore.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace std::chrono_literals;
using cppvaldi::deadlock;

namespace {

/// Locks one and then the other, with a checkpoint in between.
void lock_both(cppvaldi::mutex& first, cppvaldi::mutex& second) {
    cppvaldi::lock_guard one(first);
    cppvaldi::checkpoint("has one");
    cppvaldi::lock_guard two(second);
}

} // namespace

BOOST_AUTO_TEST_CASE(two_that_lock_two_in_opposite_orders_deadlock_in_some_schedules) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::mutex a("a");
        cppvaldi::mutex b("b");
        cppvaldi::thread other("other", [&] { lock_both(b, a); });
        lock_both(a, b);
        other.join();
        said = "fine";
    });
    BOOST_TEST(found.are(
                   {"fine", "deadlock: main waits for mutex b, held by other, who waits for mutex a, held by main"}),
               found);
}

BOOST_AUTO_TEST_CASE(a_cycle_of_three_is_reported_with_who_has_what_since_where) {
    cppvaldi::mutex a("a");
    cppvaldi::mutex b("b");
    cppvaldi::mutex c("c");
    cppvaldi::runner run;
    cppvaldi::starter one = run.start("one", [&] { lock_both(a, b); });
    cppvaldi::starter two = run.start("two", [&] { lock_both(b, c); });
    cppvaldi::starter three = run.start("three", [&] { lock_both(c, a); });
    run.declare(
        {one.at("has one"), two.at("has one"), three.at("has one"), one.blocked(), two.blocked(), three.finished()});
    run.run_to(two.blocked());
    BOOST_CHECK_EXCEPTION(
        run.finish(), deadlock,
        says({"deadlock: one waits for mutex b, held by two, who waits for mutex c, held by three, who "
              "waits for mutex a, held by one",
              "one ", "waits for mutex b at deadlock.cpp:", ", held by two since deadlock.cpp:", "three",
              "waits for mutex a at deadlock.cpp:", ", held by one since deadlock.cpp:", "played so far:"}));
}

BOOST_AUTO_TEST_CASE(a_cycle_among_some_is_found_at_once_while_others_go_on) {
    cppvaldi::mutex a("a");
    cppvaldi::mutex b("b");
    int turns = 0;
    cppvaldi::runner run;
    run.start("busy", [&] {
        for (;;) {
            ++turns;
            cppvaldi::checkpoint("turn");
        }
    });
    cppvaldi::starter one = run.start("one", [&] { lock_both(a, b); });
    cppvaldi::starter two = run.start("two", [&] { lock_both(b, a); });
    run.declare({one.at("has one"), two.at("has one"), one.blocked(), two.finished()});
    BOOST_CHECK_EXCEPTION(run.finish(), deadlock,
                          says({"deadlock: one waits for mutex b, held by two, who waits for mutex a, held by one"}));
    BOOST_TEST(turns < 10);
}

BOOST_AUTO_TEST_CASE(who_waits_with_a_deadline_is_in_no_cycle) {
    cppvaldi::timed_mutex a("a");
    cppvaldi::timed_mutex b("b");
    cppvaldi::runner run;
    cppvaldi::starter one = run.start("one", [&] {
        cppvaldi::lock_guard held(a);
        cppvaldi::checkpoint("has one");
        BOOST_TEST(!b.try_lock_for(1s));
    });
    cppvaldi::starter two = run.start("two", [&] {
        cppvaldi::lock_guard held(b);
        cppvaldi::checkpoint("has one");
        cppvaldi::lock_guard also(a);
    });
    run.declare({one.at("has one"), two.at("has one"), one.finished(), two.finished()});
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_cycle_through_join_is_found) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::mutex mutex("till");
        cppvaldi::thread worker("worker", [&] { cppvaldi::lock_guard held(mutex); });
        {
            cppvaldi::lock_guard held(mutex);
            worker.join();
        }
        said = "fine";
    });
    BOOST_TEST(found.are(
                   {"fine", "deadlock: main waits for the end of worker, who waits for mutex till, held by main"}),
               found);
}

BOOST_AUTO_TEST_CASE(one_that_waits_for_itself_is_told_so) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::mutex mutex("till");
                              cppvaldi::lock_guard once(mutex);
                              cppvaldi::lock_guard twice(mutex);
                          }),
                          cppvaldi::usage_error, says({"mutex till is locked", "by who has it already"}));
}

BOOST_AUTO_TEST_CASE(waiting_on_a_condition_with_another_lock_held_is_a_deadlock_that_names_both) {
    cppvaldi::mutex outer("outer");
    cppvaldi::mutex inner("inner");
    cppvaldi::condition_variable ready("ready");
    cppvaldi::runner run;
    cppvaldi::starter consumer = run.start("consumer", [&] {
        cppvaldi::lock_guard held(outer);
        cppvaldi::unique_lock lock(inner);
        ready.wait(lock);
    });
    run.start("producer", [&] {
        cppvaldi::lock_guard held(outer);
        cppvaldi::lock_guard also(inner);
        ready.notify_one();
    });
    run.run_to(consumer.blocked());
    BOOST_CHECK_EXCEPTION(
        run.finish(), deadlock,
        says({"deadlock: consumer waits for condition ready; nobody has notified it, and everybody else who has not "
              "finished waits too\n",
              "waits for condition ready at deadlock.cpp:", "nobody has notified it", "producer",
              "waits for mutex outer at deadlock.cpp:", "held by consumer since deadlock.cpp:"}));
}

BOOST_AUTO_TEST_CASE(a_lock_that_its_owner_has_taken_to_the_grave_is_a_deadlock_that_names_it) {
    cppvaldi::mutex mutex("till");
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] { mutex.lock(); });
    run.start("bob", [&] { mutex.lock(); });
    run.run_to(alice.finished());
    BOOST_CHECK_EXCEPTION(run.finish(), deadlock,
                          says({"deadlock: bob waits for mutex till, held by alice, who has finished\n", "alice",
                                "has finished", "bob", "waits for mutex till", "held by alice since"}));
}

BOOST_AUTO_TEST_CASE(a_declared_order_lets_the_owner_of_a_lock_release_who_is_due) {
    cppvaldi::mutex mutex;
    std::string order;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        cppvaldi::lock_guard held(mutex);
        cppvaldi::checkpoint("locked");
        order += "alice "; // not declared, so she may go on from there
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        cppvaldi::lock_guard held(mutex);
        order += "bob ";
        cppvaldi::checkpoint("locked");
    });
    run.declare({alice.at("locked"), bob.blocked(), bob.at("locked"), alice.finished()});
    run.run_to(bob.blocked());
    BOOST_TEST(order.empty());
    run.run_to(bob.at("locked")); // due, and blocked: alice is resumed until he is not
    BOOST_TEST(order == "alice bob ");
    run.finish();
}

BOOST_AUTO_TEST_CASE(an_order_that_holds_the_owner_of_a_lock_back_is_infeasible_and_says_who_waits_for_whom) {
    cppvaldi::mutex mutex("till");
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        cppvaldi::lock_guard held(mutex);
        cppvaldi::checkpoint("locked");
        cppvaldi::checkpoint("still locked");
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        cppvaldi::lock_guard held(mutex);
        cppvaldi::checkpoint("locked");
    });
    run.declare({alice.at("locked"), bob.at("locked"), alice.at("still locked")});
    BOOST_CHECK_EXCEPTION(run.finish(), cppvaldi::infeasible_order,
                          says({"bob:locked is due", "waits for mutex till", "held by alice since deadlock.cpp:"}));
}

BOOST_AUTO_TEST_CASE(a_declared_order_works_through_sleeps_and_timed_waits) {
    cppvaldi::binary_semaphore ready(0);
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        cppvaldi::this_thread::sleep_for(1h);
        cppvaldi::checkpoint("awake");
        ready.release();
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        BOOST_TEST(!ready.try_acquire_for(30min));
        cppvaldi::checkpoint("gave up");
        BOOST_TEST(ready.try_acquire_for(1h));
    });
    run.declare({bob.at("gave up"), alice.at("awake"), bob.finished()});
    run.finish();
    BOOST_TEST(run.done());
}
