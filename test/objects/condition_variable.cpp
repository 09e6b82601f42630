// condition_variable, member by member, and then the interleavings.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/expected_leaks.hpp"
#include "support/gate.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/starter_local.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using cppvaldi::cv_status;
using cppvaldi::usage_error;

namespace {

using lock_type = cppvaldi::unique_lock<cppvaldi::mutex>;

} // namespace

BOOST_AUTO_TEST_CASE(wait_gives_the_lock_up_until_it_is_notified_and_has_it_again_then) {
    gate entry;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        lock_type lock(entry.mutex);
        entry.changed.wait(lock);
        BOOST_TEST(lock.owns_lock());
        cppvaldi::checkpoint("through");
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        BOOST_TEST(entry.mutex.try_lock());
        cppvaldi::checkpoint("locked");
        entry.changed.notify_one();
        cppvaldi::checkpoint("notified");
        entry.mutex.unlock();
        cppvaldi::checkpoint("unlocked");
        BOOST_TEST(!entry.mutex.try_lock());
    });
    run.declare({alice.blocked(), bob.at("locked"), bob.at("notified"), alice.blocked(), bob.at("unlocked"),
                 alice.at("through"), bob.finished(), alice.finished()});
    run.finish();
}

BOOST_AUTO_TEST_CASE(waits_with_a_predicate_do_not_wait_for_what_is_so_already) {
    gate entry;
    entry.open = true;
    alone([&] {
        lock_type lock(entry.mutex);
        const auto is_open = [&] { return entry.open; };
        entry.changed.wait(lock, is_open);
        BOOST_TEST(entry.changed.wait_for(lock, 1h, is_open));
        BOOST_TEST(entry.changed.wait_until(lock, cppvaldi::steady_clock::now() + 1h, is_open));
        BOOST_TEST((cppvaldi::steady_clock::now().time_since_epoch() == 0s));
    });
}

BOOST_AUTO_TEST_CASE(a_wait_with_a_predicate_goes_on_waiting_until_it_is_so) {
    const endings found = all_schedules([](std::string& said) {
        gate entry;
        cppvaldi::thread other([&] {
            lock_type lock(entry.mutex);
            entry.changed.wait(lock, [&] { return entry.open; });
            said = entry.open ? "open" : "closed";
        });
        entry.changed.notify_all(); // too early
        entry.set();
        other.join();
    });
    BOOST_TEST(found.are({"open"}), found);
}

BOOST_AUTO_TEST_CASE(timed_waits_end_at_their_deadline_with_the_lock_held) {
    gate entry;
    alone([&] {
        lock_type lock(entry.mutex);
        const auto begin = cppvaldi::steady_clock::now();
        BOOST_TEST((entry.changed.wait_for(lock, 3s) == cv_status::timeout));
        BOOST_TEST(lock.owns_lock());
        BOOST_TEST((cppvaldi::steady_clock::now() - begin == 3s));
        BOOST_TEST((entry.changed.wait_until(lock, begin + 5s) == cv_status::timeout));
        BOOST_TEST((entry.changed.wait_until(lock, cppvaldi::system_clock::now() + 1s) == cv_status::timeout));
        BOOST_TEST((cppvaldi::steady_clock::now() - begin == 6s));
        BOOST_TEST((entry.changed.wait_until(lock, begin) == cv_status::timeout));
        BOOST_TEST((entry.changed.wait_for(lock, -1s) == cv_status::timeout));
        BOOST_TEST((cppvaldi::steady_clock::now() - begin == 6s));
        int asked = 0;
        BOOST_TEST(!entry.changed.wait_for(lock, 1s, [&] { return ++asked == 0; }));
        BOOST_TEST(asked == 2); // before, and once more at the deadline
        BOOST_TEST(!entry.changed.wait_until(lock, begin, [] { return false; }));
        BOOST_TEST((cppvaldi::steady_clock::now() - begin == 7s));
    });
}

BOOST_AUTO_TEST_CASE(a_predicate_that_becomes_true_at_the_deadline_is_a_success) {
    gate entry;
    cppvaldi::runner run;
    run.start("alice", [&] {
        lock_type lock(entry.mutex);
        BOOST_TEST(entry.changed.wait_for(lock, 2s, [&] { return entry.open; }));
        BOOST_TEST((cppvaldi::steady_clock::now().time_since_epoch() == 2s));
    });
    run.start("bob", [&] {
        cppvaldi::this_thread::sleep_for(1s);
        entry.open = true; // and nobody is notified
    });
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_notification_that_comes_before_the_wait_is_missed) {
    // The lost wake-up: `open` is set without the lock, between the waiter's look at it and its wait.
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::mutex mutex("gate");
        cppvaldi::condition_variable opened("opened");
        bool open = false;
        cppvaldi::thread waiter("waiter", [&] {
            lock_type lock(mutex);
            cppvaldi::this_thread::yield();
            if (!open) {
                opened.wait(lock);
            }
        });
        open = true;
        opened.notify_one();
        waiter.join();
        said = "through";
    });
    BOOST_TEST(found.seen.count("through") == 1U, found);

    gate entry;
    cppvaldi::runner run;
    cppvaldi::starter bob = run.start("bob", [&] { entry.changed.notify_one(); });
    cppvaldi::starter alice = run.start("alice", [&] {
        lock_type lock(entry.mutex);
        entry.changed.wait(lock);
    });
    run.run_to(bob.finished());
    BOOST_CHECK_EXCEPTION(run.finish(), cppvaldi::deadlock,
                          says({"alice", "waits for condition opened at condition_variable.cpp:",
                                "bob notified it at condition_variable.cpp:", "before, when nobody waited"}));
}

BOOST_AUTO_TEST_CASE(a_wait_that_nobody_ever_notifies_says_so) {
    gate entry;
    BOOST_CHECK_EXCEPTION(alone([&] {
                              lock_type lock(entry.mutex);
                              entry.changed.wait(lock);
                          }),
                          cppvaldi::deadlock, says({"waits for condition opened", "nobody has notified it"}));
}

BOOST_AUTO_TEST_CASE(notify_one_wakes_one_and_it_may_be_any_that_waits) {
    const endings found = all_schedules(
        [](std::string& said) {
            gate entry;
            std::string woken;
            int waiting = 0;
            const auto wait = [&](char who) {
                lock_type lock(entry.mutex);
                ++waiting;
                entry.changed.wait(lock);
                woken += who;
            };
            cppvaldi::thread a(wait, 'a');
            cppvaldi::thread b(wait, 'b');
            cppvaldi::thread c(wait, 'c');
            for (bool all = false; !all;) {
                cppvaldi::this_thread::yield();
                cppvaldi::lock_guard held(entry.mutex);
                all = waiting == 3;
            }
            entry.changed.notify_one();
            cppvaldi::this_thread::sleep_for(1s); // until nobody can run
            said = woken;
            entry.changed.notify_all();
            a.join();
            b.join();
            c.join();
        },
        {.preemptions = 0});
    BOOST_TEST(found.are({"a", "b", "c"}), found);
}

BOOST_AUTO_TEST_CASE(by_default_notify_one_wakes_who_has_waited_for_longest) {
    gate entry;
    std::string woken;
    cppvaldi::runner run;
    const auto wait = [&](char who) {
        lock_type lock(entry.mutex);
        entry.changed.wait(lock);
        woken += who;
    };
    cppvaldi::starter a = run.start("a", wait, 'a');
    cppvaldi::starter b = run.start("b", wait, 'b');
    cppvaldi::starter c = run.start("c", wait, 'c');
    run.start("notifier", [&] {
        for (int time = 0; time < 3; ++time) {
            entry.changed.notify_one();
            cppvaldi::this_thread::sleep_for(1s);
        }
    });
    run.declare({b.blocked(), c.blocked(), a.blocked()});
    run.finish();
    BOOST_TEST(woken == "bca");
}

BOOST_AUTO_TEST_CASE(notify_all_wakes_all_that_wait) {
    const endings found = all_schedules(
        [](std::string& said) {
            gate entry;
            const auto wait = [&] {
                lock_type lock(entry.mutex);
                entry.changed.wait(lock, [&] { return entry.open; });
            };
            cppvaldi::thread a(wait);
            cppvaldi::thread b(wait);
            {
                cppvaldi::lock_guard held(entry.mutex);
                entry.open = true;
            }
            entry.changed.notify_all();
            a.join();
            b.join();
            said = "all";
        },
        {.preemptions = 2});
    BOOST_TEST(found.are({"all"}), found);
}

BOOST_AUTO_TEST_CASE(notify_one_where_two_wait_for_different_things_can_wake_the_wrong_one) {
    const endings found = all_schedules(
        [](std::string& said) {
            gate entry;
            bool other_open = false;
            const auto wait = [&](const bool& mine) {
                lock_type lock(entry.mutex);
                entry.changed.wait(lock, [&] { return mine; });
            };
            cppvaldi::thread a("a", wait, std::cref(entry.open));
            cppvaldi::thread b("b", wait, std::cref(other_open));
            entry.set();
            a.join();
            {
                cppvaldi::lock_guard held(entry.mutex);
                other_open = true;
            }
            entry.changed.notify_all();
            b.join();
            said = "both";
        },
        {.preemptions = 1});
    BOOST_TEST(found.are({"both", "stuck"}), found);
}

BOOST_AUTO_TEST_CASE(a_timeout_races_with_the_notification) {
    const auto race = [](std::string& said) {
        gate entry;
        cppvaldi::thread other([&] {
            lock_type lock(entry.mutex);
            const bool in_time = entry.changed.wait_for(lock, 1s, [&] { return entry.open; });
            said = in_time ? "in time" : "too late";
        });
        entry.set();
        other.join();
    };
    const endings found = all_schedules(race, {.timeouts_are_decisions = true});
    BOOST_TEST(found.are({"in time", "too late"}), found);
    const endings patient = all_schedules(race);
    BOOST_TEST(patient.are({"in time"}), patient);
}

BOOST_AUTO_TEST_CASE(a_notification_is_not_lost_on_who_has_timed_out) {
    // Two wait, one with a deadline; one notification. Either it wakes the other, or it is the timed one's own.
    const endings found = all_schedules(
        [](std::string& said) {
            gate entry;
            int waiting = 0;
            int woken = 0;
            cppvaldi::thread timed([&] {
                lock_type lock(entry.mutex);
                ++waiting;
                woken += entry.changed.wait_for(lock, 1s) == cv_status::no_timeout ? 1 : 0;
            });
            cppvaldi::thread patient([&] {
                lock_type lock(entry.mutex);
                ++waiting;
                entry.changed.wait(lock);
                ++woken;
            });
            while (waiting < 2) {
                cppvaldi::this_thread::yield();
            }
            {
                cppvaldi::lock_guard held(entry.mutex);
                entry.changed.notify_one();
            }
            timed.join();
            said = woken == 1 ? "one" : std::to_string(woken);
            entry.changed.notify_all();
            patient.join();
        },
        {.preemptions = 1, .timeouts_are_decisions = true});
    BOOST_TEST(found.seen.count("one") == 1U, found);
    BOOST_TEST(found.seen.count("2") == 0U, found);
}

BOOST_AUTO_TEST_CASE(a_spurious_wakeup_is_a_decision_where_it_is_asked_for) {
    const auto wait_once = [](std::string& said) {
        gate entry;
        cppvaldi::thread other([&] { entry.set(); });
        {
            lock_type lock(entry.mutex);
            if (!entry.open) {
                entry.changed.wait(lock);
            }
            said = entry.open ? "open" : "closed";
        }
        other.join();
    };
    const endings usual = all_schedules(wait_once);
    BOOST_TEST(usual.are({"open"}), usual);
    const endings found = all_schedules(wait_once, {.spurious_wakeups = true});
    BOOST_TEST(found.are({"open", "closed"}), found);
}

BOOST_AUTO_TEST_CASE(waiting_without_the_lock_is_reported) {
    gate entry;
    BOOST_CHECK_EXCEPTION(alone([&] {
                              lock_type lock(entry.mutex, std::defer_lock);
                              entry.changed.wait(lock);
                          }),
                          usage_error,
                          says({"condition opened is waited on at condition_variable.cpp:", "without the lock"}));
    BOOST_CHECK_THROW(alone([&] {
                          lock_type lock(entry.mutex, std::adopt_lock); // a lie
                          entry.changed.wait(lock);
                      }),
                      usage_error);
    BOOST_CHECK_THROW(alone([&] {
                          lock_type lock;
                          entry.changed.wait(lock);
                      }),
                      usage_error);
}

BOOST_AUTO_TEST_CASE(waiting_with_different_mutexes_is_reported) {
    gate entry;
    cppvaldi::mutex other;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        lock_type lock(entry.mutex);
        entry.changed.wait(lock);
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        lock_type lock(other);
        entry.changed.wait(lock);
    });
    run.run_to(alice.blocked());
    BOOST_CHECK_EXCEPTION(run.finish(), usage_error, says({"with another mutex than alice waits with"}));
}

BOOST_AUTO_TEST_CASE(one_after_the_other_different_mutexes_are_fine) {
    gate entry;
    cppvaldi::mutex other;
    alone([&] {
        lock_type first(entry.mutex);
        (void)entry.changed.wait_for(first, 1s);
        lock_type second(other);
        (void)entry.changed.wait_for(second, 1s);
    });
}

BOOST_AUTO_TEST_CASE(destroying_it_while_somebody_waits_is_reported) {
    std::optional<gate> entry(std::in_place);
    cppvaldi::mutex mutex;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        lock_type lock(mutex);
        entry->changed.wait(lock);
    });
    run.start("bob", [&] { entry.reset(); });
    run.run_to(alice.blocked());
    BOOST_CHECK_EXCEPTION(run.finish(), usage_error,
                          says({"condition opened is destroyed while alice waits on it", "notify all"}));
}

BOOST_AUTO_TEST_CASE(destroying_it_once_all_are_notified_is_fine_even_before_they_go_on) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::mutex mutex;
        auto changed = std::make_unique<cppvaldi::condition_variable>();
        bool waiting = false;
        cppvaldi::thread other([&] {
            lock_type lock(mutex);
            waiting = true;
            said = changed->wait_for(lock, 1s) == cv_status::no_timeout ? "notified" : "timed out";
        });
        for (bool there = false; !there;) {
            cppvaldi::this_thread::yield();
            cppvaldi::lock_guard held(mutex);
            there = waiting;
        }
        changed->notify_all();
        changed.reset();
        other.join();
    });
    BOOST_TEST(found.are({"notified"}), found);
}

BOOST_AUTO_TEST_CASE(the_caller_can_notify_at_a_pause) {
    gate entry;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        lock_type lock(entry.mutex);
        entry.changed.wait(lock);
        entry.changed.wait(lock);
    });
    run.run_to(alice.blocked());
    entry.changed.notify_one();
    run.declare({alice.blocked()});
    run.next();
    entry.changed.notify_all();
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(outside_executions_notifying_does_nothing_and_waiting_is_reported) {
    gate entry;
    entry.changed.notify_one();
    entry.changed.notify_all();
    lock_type lock(entry.mutex);
    BOOST_CHECK_EXCEPTION(entry.changed.wait(lock), usage_error, says({"outside an execution"}));
    BOOST_TEST(lock.owns_lock());
}

BOOST_AUTO_TEST_CASE(unwinding_a_waiter_leaves_the_mutex_free_for_the_next_execution) {
    gate entry;
    {
        cppvaldi::runner run;
        cppvaldi::starter alice = run.start("alice", [&] {
            lock_type lock(entry.mutex);
            entry.changed.wait(lock);
        });
        run.run_to(alice.blocked());
    }
    BOOST_TEST(entry.mutex.try_lock());
    entry.mutex.unlock();
    alone([&] { entry.changed.notify_one(); });
}

BOOST_AUTO_TEST_CASE(a_destructor_that_waits_is_unwound_too) {
    const expected_leaks of_alice;
    gate entry;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        struct patient {
            gate& entry;
            ~patient() {
                lock_type lock(entry.mutex);
                while (!entry.open) { // not even a predicate, so the library can only count
                    entry.changed.wait(lock);
                }
            }
        } last{entry};
        cppvaldi::checkpoint("there");
    });
    run.run_to(alice.at("there"));
}
