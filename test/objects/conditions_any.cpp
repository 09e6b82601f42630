// std::condition_variable_any: any lock, stop requests, deadlines; and notify_all_at_thread_exit.

#include <cppvaldi/cppvaldi.hpp>

#include "support/every_schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>

using namespace cppvaldi;
using namespace std::chrono_literals;

namespace {

/// A lock of a user's own: BasicLockable, and not more.
struct own_lock {
    mutex inside;
    int locked = 0;
    int unlocked = 0;

    void lock() {
        inside.lock();
        ++locked;
    }
    void unlock() {
        ++unlocked;
        inside.unlock();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(conditions_any)

static_assert(!std::is_copy_constructible_v<condition_variable_any>);

BOOST_AUTO_TEST_CASE(a_wait_gives_any_lock_up_and_takes_it_again) {
    runner run;
    own_lock lock;
    condition_variable_any changed;
    run.start("waiter", [&] {
        lock.lock();
        changed.wait(lock);
        BOOST_TEST(lock.locked == 3);
        lock.unlock();
    });
    run.start("notifier", [&] {
        lock.lock();
        lock.unlock();
        changed.notify_one();
    });
    run.finish();
    BOOST_TEST(lock.unlocked == 3);
}

BOOST_AUTO_TEST_CASE(a_wait_works_with_the_locks_of_the_standard_and_with_a_bare_mutex) {
    runner run;
    mutex bare;
    recursive_mutex recursive;
    condition_variable_any changed;
    int woken = 0;
    run.start("bare", [&] {
        bare.lock();
        changed.wait(bare);
        ++woken;
        bare.unlock();
    });
    run.start("unique", [&] {
        std::unique_lock<recursive_mutex> lock(recursive);
        changed.wait(lock);
        ++woken;
        BOOST_TEST(lock.owns_lock());
    });
    run.start("notifier", [&] { changed.notify_all(); });
    run.finish();
    BOOST_TEST(woken == 2);
}

BOOST_AUTO_TEST_CASE(a_predicate_that_holds_is_not_waited_for) {
    runner run;
    run.start("main", [] {
        mutex m;
        condition_variable_any never;
        std::unique_lock lock(m);
        const stop_source source;
        never.wait(lock, [] { return true; });
        BOOST_TEST(never.wait_for(lock, 1h, [] { return true; }));
        BOOST_TEST(never.wait_until(lock, steady_clock::now() + 1h, [] { return true; }));
        BOOST_TEST(never.wait(lock, source.get_token(), [] { return true; }));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point()));
    });
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_timed_wait_ends_in_virtual_time) {
    runner run;
    run.start("main", [] {
        mutex m;
        condition_variable_any never;
        std::unique_lock lock(m);
        const auto no = [] { return false; };
        const stop_source source;
        BOOST_TEST((never.wait_for(lock, 1h) == std::cv_status::timeout));
        BOOST_TEST((never.wait_until(lock, steady_clock::now() + 1h) == std::cv_status::timeout));
        BOOST_TEST(!never.wait_for(lock, 1h, no));
        BOOST_TEST(!never.wait_until(lock, system_clock::now() + 1h, no));
        BOOST_TEST(!never.wait_for(lock, source.get_token(), 1h, no));
        BOOST_TEST(!never.wait_until(lock, source.get_token(), steady_clock::now() + 1h, no));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point(6h)));
        BOOST_TEST(lock.owns_lock());
    });
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_lock_that_cannot_be_given_up_ends_the_wait) {
    struct stubborn {
        void lock() {}
        void unlock() { throw std::runtime_error("no"); }
    };
    runner run;
    condition_variable_any condition;
    run.start("main", [&] {
        stubborn lock;
        BOOST_CHECK_THROW(condition.wait(lock), std::runtime_error);
        condition.notify_one(); // nobody waits, and nobody is woken
    });
    run.finish();
}

// --- stop requests ---

BOOST_AUTO_TEST_CASE(a_stop_that_came_before_is_not_waited_out) {
    runner run;
    run.start("main", [] {
        mutex m;
        condition_variable_any never;
        std::unique_lock lock(m);
        const stop_source source;
        source.request_stop();
        int asked = 0;
        BOOST_TEST(!never.wait(lock, source.get_token(), [&] { return ++asked == 0; }));
        BOOST_TEST(asked == 1);
        BOOST_TEST(!never.wait_for(lock, source.get_token(), 1h, [] { return false; }));
        BOOST_TEST(never.wait(lock, source.get_token(), [] { return true; }));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point()));
    });
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_stop_request_ends_a_wait_and_nobody_elses) {
    runner run;
    mutex m;
    condition_variable_any condition;
    const stop_source source;
    bool stopped = false;
    bool told = false;
    const starter alice = run.start("alice", [&] {
        std::unique_lock lock(m);
        stopped = !condition.wait(lock, source.get_token(), [] { return false; });
    });
    const starter bob = run.start("bob", [&] {
        std::unique_lock lock(m);
        condition.wait(lock);
        told = true;
    });
    run.start("boss", [&] {
        source.request_stop();
        checkpoint("requested");
        condition.notify_all();
    });
    run.declare({alice.blocked(), bob.blocked(), at("boss", "requested"), alice.finished(), at("boss", "finished")});
    run.next();
    BOOST_TEST(run.status().find("waits for condition") != std::string::npos);
    run.run_to(alice.finished());
    BOOST_TEST(stopped);
    BOOST_TEST(!told);
    run.finish();
    BOOST_TEST(told);
}

BOOST_AUTO_TEST_CASE(no_stop_request_is_missed_in_any_schedule) {
    const exploration all = in_every_schedule([] {
        mutex m;
        condition_variable_any never;
        const stop_source source;
        thread waits("waits", [&] {
            std::unique_lock lock(m);
            BOOST_REQUIRE(!never.wait(lock, source.get_token(), [] { return false; }));
            BOOST_REQUIRE(lock.owns_lock());
        });
        source.request_stop();
        waits.join();
    });
    BOOST_TEST(all.executions > 5U);
}

BOOST_AUTO_TEST_CASE(stop_value_and_deadline_race_and_each_can_win) {
    std::set<std::string> seen;
    (void)in_every_schedule([&] {
        mutex m;
        condition_variable_any changed;
        const stop_source source;
        bool value = false;
        thread waits("waits", [&] {
            std::unique_lock lock(m);
            const auto begun = steady_clock::now();
            const bool got = changed.wait_for(lock, source.get_token(), 1s, [&] { return value; });
            seen.insert(got ? "value" : steady_clock::now() - begun >= 1s ? "deadline" : "stop");
        });
        thread sets("sets", [&] {
            m.lock();
            value = true;
            m.unlock();
            changed.notify_one();
        });
        source.request_stop();
        waits.join();
        sets.join();
    });
    BOOST_TEST((seen == std::set<std::string>{"value", "deadline", "stop"}));
}

BOOST_AUTO_TEST_CASE(a_jthread_that_waits_is_stopped_by_its_destructor) {
    (void)in_every_schedule([] {
        mutex m;
        condition_variable_any never;
        const jthread worker([&](const stop_token& token) {
            std::unique_lock lock(m);
            (void)never.wait(lock, token, [] { return false; });
        });
    });
}

// --- lost notifications ---

BOOST_AUTO_TEST_CASE(a_notification_between_unlock_and_wait_is_not_lost) {
    (void)in_every_schedule([] {
        own_lock lock;
        condition_variable_any changed;
        bool value = false;
        thread waits("waits", [&] {
            lock.lock();
            changed.wait(lock, [&] { return value; });
            lock.unlock();
        });
        lock.lock();
        value = true;
        lock.unlock();
        changed.notify_one();
        waits.join();
    });
}

BOOST_AUTO_TEST_CASE(a_notification_before_the_wait_is_lost_and_found) {
    const exploration all = explore(
        [] {
            mutex m;
            condition_variable_any changed;
            thread waits("waits", [&] {
                std::unique_lock lock(m);
                changed.wait(lock); // without a predicate: the mistake
            });
            changed.notify_one();
            waits.join();
        },
        exhaustive{});
    BOOST_REQUIRE(all.finding.has_value());
    BOOST_TEST((all.finding->what == finding::kind::deadlock));
    BOOST_TEST(all.finding->status.find("main notified it at conditions_any.cpp:") != std::string::npos);
}

// --- notify_all_at_thread_exit ---

BOOST_AUTO_TEST_CASE(at_thread_exit_the_locals_are_gone_before_others_are_told) {
    (void)in_every_schedule([] {
        mutex m;
        condition_variable ended;
        bool ready = false;
        bool local_is_gone = false;
        thread worker("worker", [&] {
            struct notes_end {
                bool& gone;
                ~notes_end() {
                    this_thread::yield();
                    gone = true;
                }
            } local{local_is_gone};
            std::unique_lock<mutex> lock(m);
            ready = true;
            notify_all_at_thread_exit(ended, std::move(lock));
        });
        {
            std::unique_lock<mutex> lock(m);
            ended.wait(lock, [&] { return ready; });
            BOOST_REQUIRE(local_is_gone);
        }
        worker.join();
    });
}

BOOST_AUTO_TEST_CASE(at_thread_exit_without_the_lock_is_refused) {
    runner run;
    mutex m;
    condition_variable ended;
    BOOST_CHECK_THROW(notify_all_at_thread_exit(ended, std::unique_lock<mutex>(m, std::defer_lock)), usage_error);
    run.start("main", [&] {
        BOOST_CHECK_THROW(notify_all_at_thread_exit(ended, std::unique_lock<mutex>(m, std::defer_lock)), usage_error);
    });
    run.finish();
}

BOOST_AUTO_TEST_SUITE_END()
