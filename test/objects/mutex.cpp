// The four kinds of mutex, member by member, and then the interleavings.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/shared_mutex.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

using namespace std::chrono_literals;
using cppvaldi::usage_error;

namespace {

/// Calls `action` in bob, while alice has the mutex.
template <typename Mutex, typename Action>
void while_alice_has(Mutex& mutex, Action action) {
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        mutex.lock();
        cppvaldi::checkpoint("locked");
        mutex.unlock();
    });
    cppvaldi::starter bob = run.start("bob", action);
    run.declare({alice.at("locked"), bob.finished(), alice.finished()});
    run.finish();
}

template <typename Mutex>
void exclude_each_other() {
    const endings found = all_schedules([](std::string& said) {
        Mutex mutex;
        int inside = 0;
        bool alone = true;
        auto visit = [&] {
            mutex.lock();
            alone = alone && ++inside == 1;
            cppvaldi::this_thread::yield();
            alone = alone && inside-- == 1;
            mutex.unlock();
        };
        cppvaldi::thread other(visit);
        visit();
        other.join();
        said = alone ? "alone" : "together";
    });
    BOOST_TEST(found.are({"alone"}), found);
}

template <typename Mutex>
void try_fails_while_another_has_it() {
    Mutex mutex;
    while_alice_has(mutex, [&] { BOOST_TEST(!mutex.try_lock()); });
    alone([&] {
        BOOST_TEST(mutex.try_lock());
        mutex.unlock();
    });
}

template <typename Mutex>
void refuses_to_be_locked_twice() {
    Mutex mutex;
    const auto twice = [&](auto again) {
        alone([&] {
            cppvaldi::lock_guard once(mutex);
            again();
        });
    };
    BOOST_CHECK_EXCEPTION(
        twice([&] { mutex.lock(); }), usage_error,
        says({"mutex", "is locked at mutex.cpp:", "by who has it already at mutex.cpp:", "use a recursive mutex"}));
    BOOST_CHECK_EXCEPTION(twice([&] { (void)mutex.try_lock(); }), usage_error, says({"by who has it already"}));
    if constexpr (requires { mutex.try_lock_for(1s); }) {
        BOOST_CHECK_EXCEPTION(twice([&] { (void)mutex.try_lock_for(1s); }), usage_error,
                              says({"by who has it already"}));
    }
}

template <typename Mutex>
void can_be_locked_twice_by_its_owner() {
    Mutex mutex;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        mutex.lock();
        mutex.lock();
        BOOST_TEST(mutex.try_lock());
        mutex.unlock();
        mutex.unlock();
        cppvaldi::checkpoint("unlocked twice");
        mutex.unlock();
        cppvaldi::checkpoint("unlocked");
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        BOOST_TEST(!mutex.try_lock());
        cppvaldi::checkpoint("failed");
        BOOST_TEST(mutex.try_lock());
        mutex.unlock();
    });
    run.declare({alice.at("unlocked twice"), bob.at("failed"), alice.at("unlocked"), bob.finished()});
    run.finish();
}

template <typename Mutex>
void timed_members_wait_as_long_as_they_say() {
    Mutex mutex;
    mutex.lock();
    alone([&] { // nobody can run but for the one who waits, so time moves
        const auto before = cppvaldi::steady_clock::now();
        BOOST_TEST(!mutex.try_lock_for(2s));
        BOOST_TEST((cppvaldi::steady_clock::now() - before == 2s));
        BOOST_TEST(!mutex.try_lock_until(before + 5s));
        BOOST_TEST(!mutex.try_lock_until(cppvaldi::system_clock::now() + 1s));
        BOOST_TEST((cppvaldi::steady_clock::now() - before == 6s));
        BOOST_TEST(!mutex.try_lock_for(0s));
        BOOST_TEST(!mutex.try_lock_for(-1h));
        BOOST_TEST(!mutex.try_lock_until(before));
        BOOST_TEST((cppvaldi::steady_clock::now() - before == 6s));
    });
    mutex.unlock();
    alone([&] {
        BOOST_TEST(mutex.try_lock_for(-1s)); // free, so no time is needed
        mutex.unlock();
        BOOST_TEST(mutex.try_lock_until(cppvaldi::steady_clock::time_point::min()));
        mutex.unlock();
    });
}

} // namespace

BOOST_AUTO_TEST_CASE(mutexes_exclude_each_other_under_every_schedule) {
    exclude_each_other<cppvaldi::mutex>();
    exclude_each_other<cppvaldi::timed_mutex>();
    exclude_each_other<cppvaldi::recursive_mutex>();
    exclude_each_other<cppvaldi::recursive_timed_mutex>();
}

BOOST_AUTO_TEST_CASE(try_lock_fails_while_another_has_it_and_only_then) {
    try_fails_while_another_has_it<cppvaldi::mutex>();
    try_fails_while_another_has_it<cppvaldi::timed_mutex>();
    try_fails_while_another_has_it<cppvaldi::recursive_mutex>();
    try_fails_while_another_has_it<cppvaldi::recursive_timed_mutex>();
}

BOOST_AUTO_TEST_CASE(what_is_not_recursive_is_not_locked_twice) {
    refuses_to_be_locked_twice<cppvaldi::mutex>();
    refuses_to_be_locked_twice<cppvaldi::timed_mutex>();
}

BOOST_AUTO_TEST_CASE(what_is_recursive_is_free_when_it_is_unlocked_as_often_as_locked) {
    can_be_locked_twice_by_its_owner<cppvaldi::recursive_mutex>();
    can_be_locked_twice_by_its_owner<cppvaldi::recursive_timed_mutex>();
}

BOOST_AUTO_TEST_CASE(timed_members_wait_as_long_as_they_say_and_no_longer) {
    timed_members_wait_as_long_as_they_say<cppvaldi::timed_mutex>();
    timed_members_wait_as_long_as_they_say<cppvaldi::recursive_timed_mutex>();
}

BOOST_AUTO_TEST_CASE(a_deadline_far_beyond_the_clock_is_no_deadline) {
    cppvaldi::timed_mutex mutex;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        cppvaldi::lock_guard held(mutex);
        cppvaldi::checkpoint("locked");
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        BOOST_TEST(mutex.try_lock_for(std::chrono::hours::max()));
        mutex.unlock();
        BOOST_TEST(mutex.try_lock_until(std::chrono::time_point<cppvaldi::steady_clock, std::chrono::hours>::max()));
        mutex.unlock();
    });
    run.declare({alice.at("locked"), bob.blocked(), alice.finished(), bob.finished()});
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_timeout_may_come_before_or_after_the_unlock_that_it_races_with) {
    const auto race = [](std::string& said) {
        cppvaldi::timed_mutex mutex;
        mutex.lock();
        cppvaldi::thread other([&] {
            const bool locked = mutex.try_lock_for(1s);
            said = locked ? "locked" : "timed out";
            if (locked) {
                mutex.unlock();
            }
        });
        mutex.unlock();
        other.join();
    };
    const endings found = all_schedules(race, {.timeouts_are_decisions = true});
    BOOST_TEST(found.are({"locked", "timed out"}), found);
    const endings patient = all_schedules(race); // somebody can run, so time does not move
    BOOST_TEST(patient.are({"locked"}), patient);
}

BOOST_AUTO_TEST_CASE(whoever_waits_may_get_it_next) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::mutex mutex;
        std::string order;
        mutex.lock();
        cppvaldi::thread a([&] {
            cppvaldi::lock_guard held(mutex);
            order += 'a';
        });
        cppvaldi::thread b([&] {
            cppvaldi::lock_guard held(mutex);
            order += 'b';
        });
        mutex.unlock();
        a.join();
        b.join();
        said = order;
    });
    BOOST_TEST(found.are({"ab", "ba"}), found);
}

BOOST_AUTO_TEST_CASE(unlocking_what_one_does_not_have_is_reported) {
    cppvaldi::mutex mutex("till");
    BOOST_CHECK_EXCEPTION(alone([&] { mutex.unlock(); }), usage_error,
                          says({"mutex till is unlocked at mutex.cpp:", "it is free"}));
    BOOST_CHECK_EXCEPTION(while_alice_has(mutex, [&] { mutex.unlock(); }), usage_error,
                          says({"mutex till is unlocked at mutex.cpp:", "it is locked at mutex.cpp:"}));
    cppvaldi::recursive_mutex again;
    BOOST_CHECK_EXCEPTION(alone([&] {
                              again.lock();
                              again.unlock();
                              again.unlock();
                          }),
                          usage_error, says({"recursive mutex 1 is unlocked", "it is free"}));
}

BOOST_AUTO_TEST_CASE(misuse_cannot_be_swallowed_by_the_code_that_commits_it) {
    cppvaldi::mutex mutex;
    BOOST_CHECK_THROW(alone([&] {
                          try {
                              mutex.unlock();
                          } catch (...) {}
                      }),
                      usage_error);
}

BOOST_AUTO_TEST_CASE(destroying_a_locked_mutex_is_reported) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::mutex mutex("till");
                              mutex.lock();
                          }),
                          usage_error,
                          says({"mutex till is destroyed while it is locked", "by alice since mutex.cpp:"}));
}

BOOST_AUTO_TEST_CASE(destroying_a_mutex_that_somebody_is_about_to_lock_is_reported) {
    std::optional<cppvaldi::mutex> mutex(std::in_place, "till");
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        mutex->lock();
        cppvaldi::checkpoint("locked");
        mutex->unlock();
        mutex.reset();
    });
    cppvaldi::starter bob = run.start("bob", [&] { cppvaldi::lock_guard held(*mutex); });
    run.declare({alice.at("locked"), bob.blocked(), alice.finished()});
    BOOST_CHECK_EXCEPTION(run.finish(), usage_error, says({"mutex till is destroyed while bob is about to lock it"}));
}

BOOST_AUTO_TEST_CASE(a_mutex_may_go_before_the_runner_whose_starters_wait_for_it) {
    cppvaldi::runner run;
    cppvaldi::mutex mutex;
    mutex.lock();
    cppvaldi::starter bob = run.start("bob", [&] { mutex.lock(); });
    run.run_to(bob.blocked());
}

BOOST_AUTO_TEST_CASE(what_an_exception_leaves_locked_on_its_way_does_not_hide_it) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::mutex mutex("till");
                              mutex.lock();
                              mutex.lock();
                          }),
                          usage_error, says({"mutex till is locked at mutex.cpp:", "by who has it already"}));
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::shared_mutex mutex("book");
                              mutex.lock_shared();
                              mutex.lock();
                          }),
                          usage_error, says({"shared mutex book is locked at mutex.cpp:", "by who shares it already"}));
    BOOST_CHECK_THROW(alone([] {
                          cppvaldi::mutex mutex;
                          mutex.lock();
                          throw std::logic_error("full");
                      }),
                      std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_mutex_left_locked_by_an_earlier_execution_is_reported_once_and_free_again) {
    cppvaldi::mutex mutex("global");
    cppvaldi::recursive_timed_mutex again("global too");
    alone([&] {
        mutex.lock();
        again.lock();
        again.lock();
    });
    BOOST_CHECK_EXCEPTION(alone([&] { mutex.lock(); }), usage_error,
                          says({"mutex global was left locked by an earlier execution at mutex.cpp:"}));
    alone([&] {
        BOOST_TEST(mutex.try_lock());
        mutex.unlock();
        BOOST_TEST(again.try_lock()); // whoever is asked much later cannot tell, but does not carry it on
        again.unlock();
        BOOST_TEST(again.try_lock());
        again.unlock();
    });
}

BOOST_AUTO_TEST_CASE(what_an_execution_that_was_cut_short_has_left_locked_is_just_free_again) {
    cppvaldi::mutex mutex;
    {
        cppvaldi::runner run;
        cppvaldi::starter alice = run.start("alice", [&] {
            mutex.lock();
            cppvaldi::checkpoint("locked");
            mutex.unlock();
        });
        run.run_to(alice.at("locked"));
    }
    alone([&] {
        mutex.lock();
        mutex.unlock();
    });
}

BOOST_AUTO_TEST_CASE(unwinding_gives_back_what_guards_hold_and_nothing_else) {
    cppvaldi::mutex mutex;
    {
        cppvaldi::runner run;
        cppvaldi::starter alice = run.start("alice", [&] {
            cppvaldi::lock_guard held(mutex);
            cppvaldi::checkpoint("locked");
        });
        cppvaldi::starter bob = run.start("bob", [&] {
            struct needs_it {
                cppvaldi::mutex& mutex;
                ~needs_it() { cppvaldi::lock_guard held(mutex); }
            } last{mutex};
            cppvaldi::checkpoint("there");
        });
        run.declare({alice.at("locked"), bob.at("there"), alice.finished()});
        run.run_to(bob.at("there"));
    }
    BOOST_TEST(mutex.try_lock());
    mutex.unlock();
}

BOOST_AUTO_TEST_CASE(a_destructor_that_tries_for_ever_does_not_hold_up_the_unwinding) {
    cppvaldi::timed_mutex mutex;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        cppvaldi::lock_guard held(mutex);
        cppvaldi::checkpoint("locked");
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        struct persistent {
            cppvaldi::timed_mutex& mutex;
            ~persistent() {
                while (!mutex.try_lock()) {}
                mutex.unlock();
                while (!mutex.try_lock_for(1s)) {}
                mutex.unlock();
            }
        } last{mutex};
        cppvaldi::checkpoint("there");
    });
    run.declare({alice.at("locked"), bob.at("there"), alice.finished()});
    run.run_to(bob.at("there"));
}

BOOST_AUTO_TEST_CASE(outside_executions_a_mutex_works_as_long_as_nobody_must_be_waited_for) {
    cppvaldi::mutex mutex;
    mutex.lock();
    BOOST_TEST(!mutex.try_lock());
    BOOST_CHECK_EXCEPTION(mutex.lock(), usage_error, says({"outside an execution, where nobody can be waited for"}));
    mutex.unlock();
    BOOST_CHECK_EXCEPTION(mutex.unlock(), usage_error, says({"it is free"}));
    cppvaldi::recursive_timed_mutex again;
    again.lock();
    BOOST_TEST(again.try_lock());
    BOOST_TEST(again.try_lock_for(1s));
    again.unlock();
    again.unlock();
    again.unlock();
}

BOOST_AUTO_TEST_CASE(the_caller_can_hold_a_mutex_over_a_pause_and_let_starters_go_on) {
    cppvaldi::mutex mutex;
    mutex.lock();
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] { cppvaldi::lock_guard held(mutex); });
    run.run_to(alice.blocked());
    mutex.unlock();
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(mutexes_have_the_constructors_that_the_standard_gives_them) {
    static_assert(std::is_nothrow_default_constructible_v<cppvaldi::mutex>);
    static_assert(!std::is_copy_constructible_v<cppvaldi::mutex> && !std::is_move_constructible_v<cppvaldi::mutex>);
    static_assert(!std::is_copy_assignable_v<cppvaldi::mutex>);
    static constinit cppvaldi::mutex global; // a constant expression, as a global's order of construction needs
    alone([] { cppvaldi::lock_guard held(global); });
}
