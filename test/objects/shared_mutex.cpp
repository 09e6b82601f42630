// The two kinds of shared mutex, member by member, and then the interleavings.

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
#include <string>
#include <type_traits>

using namespace std::chrono_literals;
using cppvaldi::usage_error;

namespace {

template <typename Mutex>
void readers_share_and_writers_do_not() {
    const endings found = all_schedules(
        [](std::string& said) {
            Mutex mutex;
            int readers = 0;
            int writers = 0;
            bool right = true;
            std::string shared = "never shared";
            const auto read = [&] {
                cppvaldi::shared_lock held(mutex);
                ++readers;
                right = right && writers == 0;
                cppvaldi::this_thread::yield();
                shared = readers == 2 ? "shared" : shared;
                --readers;
            };
            cppvaldi::thread first(read);
            cppvaldi::thread second(read);
            {
                cppvaldi::unique_lock held(mutex);
                ++writers;
                cppvaldi::this_thread::yield();
                right = right && readers == 0 && writers == 1;
                --writers;
            }
            first.join();
            second.join();
            said = right ? shared : "wrong";
        },
        {.preemptions = 2});
    BOOST_TEST(found.are({"shared", "never shared"}), found);
}

/// In bob, while alice has it, for herself or shared.
template <typename Mutex, typename Action>
void while_alice_has(Mutex& mutex, bool shared, Action action) {
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        shared ? mutex.lock_shared() : mutex.lock();
        cppvaldi::checkpoint("locked");
        shared ? mutex.unlock_shared() : mutex.unlock();
    });
    cppvaldi::starter bob = run.start("bob", action);
    run.declare({alice.at("locked"), bob.finished(), alice.finished()});
    run.finish();
}

template <typename Mutex>
void trying_fails_just_when_it_must() {
    Mutex mutex;
    while_alice_has(mutex, false, [&] {
        BOOST_TEST(!mutex.try_lock());
        BOOST_TEST(!mutex.try_lock_shared());
    });
    while_alice_has(mutex, true, [&] {
        BOOST_TEST(!mutex.try_lock());
        BOOST_TEST(mutex.try_lock_shared());
        mutex.unlock_shared();
    });
    alone([&] {
        BOOST_TEST(mutex.try_lock());
        mutex.unlock();
        BOOST_TEST(mutex.try_lock_shared());
        mutex.unlock_shared();
    });
}

} // namespace

BOOST_AUTO_TEST_CASE(any_number_of_readers_or_one_writer_has_it) {
    readers_share_and_writers_do_not<cppvaldi::shared_mutex>();
    readers_share_and_writers_do_not<cppvaldi::shared_timed_mutex>();
}

BOOST_AUTO_TEST_CASE(trying_fails_while_a_writer_has_it_or_readers_are_in_a_writers_way) {
    trying_fails_just_when_it_must<cppvaldi::shared_mutex>();
    trying_fails_just_when_it_must<cppvaldi::shared_timed_mutex>();
}

BOOST_AUTO_TEST_CASE(timed_members_wait_as_long_as_they_say) {
    cppvaldi::shared_timed_mutex mutex;
    mutex.lock();
    alone([&] {
        const auto begin = cppvaldi::steady_clock::now();
        BOOST_TEST(!mutex.try_lock_for(1s));
        BOOST_TEST(!mutex.try_lock_until(begin + 2s));
        BOOST_TEST(!mutex.try_lock_shared_for(1s));
        BOOST_TEST(!mutex.try_lock_shared_until(cppvaldi::system_clock::now() + 1s));
        BOOST_TEST((cppvaldi::steady_clock::now() - begin == 4s));
    });
    mutex.unlock();
    mutex.lock_shared();
    alone([&] {
        const auto begin = cppvaldi::steady_clock::now();
        BOOST_TEST(mutex.try_lock_shared_for(1s));
        mutex.unlock_shared();
        BOOST_TEST(mutex.try_lock_shared_until(begin));
        mutex.unlock_shared();
        BOOST_TEST(!mutex.try_lock_for(1s));
        BOOST_TEST((cppvaldi::steady_clock::now() - begin == 1s));
    });
    mutex.unlock_shared();
}

BOOST_AUTO_TEST_CASE(a_timed_writer_gets_it_when_the_last_reader_goes_in_time) {
    const auto race = [](std::string& said) {
        cppvaldi::shared_timed_mutex mutex;
        mutex.lock_shared();
        cppvaldi::thread writer([&] {
            const bool locked = mutex.try_lock_for(1s);
            said = locked ? "locked" : "timed out";
            if (locked) {
                mutex.unlock();
            }
        });
        mutex.unlock_shared();
        writer.join();
    };
    const endings found = all_schedules(race, {.timeouts_are_decisions = true});
    BOOST_TEST(found.are({"locked", "timed out"}), found);
}

BOOST_AUTO_TEST_CASE(a_reader_that_becomes_the_writer_would_wait_for_itself) {
    cppvaldi::shared_timed_mutex mutex("index");
    const auto upgrade = [&](auto lock) {
        alone([&] {
            cppvaldi::shared_lock held(mutex);
            lock();
        });
    };
    BOOST_CHECK_EXCEPTION(upgrade([&] { mutex.lock(); }), usage_error,
                          says({"shared timed mutex index is locked at shared_mutex.cpp:",
                                "by who shares it already at shared_mutex.cpp:", "would wait for itself"}));
    BOOST_CHECK_THROW(upgrade([&] { (void)mutex.try_lock(); }), usage_error);
    BOOST_CHECK_THROW(upgrade([&] { (void)mutex.try_lock_for(1s); }), usage_error);
    BOOST_CHECK_EXCEPTION(upgrade([&] { mutex.lock_shared(); }), usage_error,
                          says({"is locked shared", "by who shares it already", "do not lock it twice"}));
}

BOOST_AUTO_TEST_CASE(a_writer_does_not_lock_it_again_in_either_way) {
    cppvaldi::shared_mutex mutex;
    BOOST_CHECK_EXCEPTION(alone([&] {
                              cppvaldi::lock_guard held(mutex);
                              mutex.lock();
                          }),
                          usage_error, says({"is locked at", "by who has it already at"}));
    BOOST_CHECK_EXCEPTION(alone([&] {
                              cppvaldi::lock_guard held(mutex);
                              mutex.lock_shared();
                          }),
                          usage_error, says({"is locked shared at", "by who has it already at"}));
}

BOOST_AUTO_TEST_CASE(unlocking_in_the_wrong_way_or_by_the_wrong_one_is_reported) {
    cppvaldi::shared_mutex mutex("index");
    BOOST_CHECK_EXCEPTION(alone([&] { mutex.unlock(); }), usage_error,
                          says({"shared mutex index: unlock at shared_mutex.cpp:", "it is free"}));
    BOOST_CHECK_EXCEPTION(alone([&] { mutex.unlock_shared(); }), usage_error,
                          says({"unlock_shared at shared_mutex.cpp:", "it is free"}));
    BOOST_CHECK_EXCEPTION(alone([&] {
                              mutex.lock();
                              mutex.unlock_shared();
                          }),
                          usage_error, says({"unlock_shared", "the other way; call unlock instead"}));
    BOOST_CHECK_EXCEPTION(alone([&] {
                              mutex.lock_shared();
                              mutex.unlock();
                          }),
                          usage_error, says({"unlock at", "the other way; call unlock_shared instead"}));
    BOOST_CHECK_EXCEPTION(while_alice_has(mutex, false, [&] { mutex.unlock(); }), usage_error,
                          says({"does not have it: it is locked at shared_mutex.cpp:"}));
    BOOST_CHECK_EXCEPTION(while_alice_has(mutex, true, [&] { mutex.unlock_shared(); }), usage_error,
                          says({"does not have it: others share it"}));
}

BOOST_AUTO_TEST_CASE(destroying_it_while_it_is_locked_is_reported) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::shared_mutex mutex;
                              mutex.lock_shared();
                          }),
                          usage_error, says({"is destroyed while it is locked, shared by alice since"}));
    std::optional<cppvaldi::shared_mutex> mutex(std::in_place);
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        mutex->lock();
        cppvaldi::checkpoint("locked");
        mutex->unlock();
        mutex.reset();
    });
    cppvaldi::starter bob = run.start("bob", [&] { mutex->lock_shared(); });
    run.declare({alice.at("locked"), bob.blocked(), alice.finished()});
    BOOST_CHECK_EXCEPTION(run.finish(), usage_error, says({"is destroyed while bob is about to lock shared it"}));
}

BOOST_AUTO_TEST_CASE(what_an_earlier_execution_has_left_locked_is_reported_once_and_free_again) {
    cppvaldi::shared_mutex mutex;
    alone([&] { mutex.lock_shared(); });
    BOOST_CHECK_EXCEPTION(alone([&] { mutex.lock(); }), usage_error, says({"was left locked by an earlier execution"}));
    alone([&] { mutex.lock(); });
    BOOST_CHECK_EXCEPTION(alone([&] { mutex.lock_shared(); }), usage_error,
                          says({"was left locked by an earlier execution"}));
    alone([&] { cppvaldi::lock_guard held(mutex); });
}

BOOST_AUTO_TEST_CASE(a_report_names_every_reader_that_a_writer_waits_for) {
    cppvaldi::shared_mutex mutex("index");
    cppvaldi::runner run;
    const auto read = [&] {
        cppvaldi::shared_lock held(mutex);
        cppvaldi::checkpoint("reading");
    };
    cppvaldi::starter alice = run.start("alice", read);
    cppvaldi::starter bob = run.start("bob", read);
    cppvaldi::starter carol = run.start("carol", [&] { mutex.lock(); });
    run.declare(
        {alice.at("reading"), bob.at("reading"), carol.blocked(), alice.finished(), bob.finished(), carol.finished()});
    run.run_to(carol.blocked());
    BOOST_TEST(run.status().find("waits for shared mutex index at shared_mutex.cpp:") != std::string::npos);
    BOOST_TEST(run.status().find(", shared by alice since shared_mutex.cpp:") != std::string::npos, run.status());
    BOOST_TEST(run.status().find(" and by bob since shared_mutex.cpp:") != std::string::npos);
    run.run_to(alice.finished());
    BOOST_TEST(run.status().find(", shared by bob since") != std::string::npos, run.status());
}

BOOST_AUTO_TEST_CASE(a_cycle_through_any_of_several_readers_is_found_at_once) {
    cppvaldi::shared_mutex index("index");
    cppvaldi::mutex log("log");
    cppvaldi::runner run;
    bool stop = false;
    const auto read = [&](bool also_log) {
        cppvaldi::shared_lock held(index);
        cppvaldi::checkpoint("reading");
        if (also_log) {
            cppvaldi::lock_guard also(log);
        }
    };
    cppvaldi::starter first = run.start("first", read, false);
    cppvaldi::starter second = run.start("second", read, true);
    cppvaldi::starter writer = run.start("writer", [&] {
        cppvaldi::lock_guard held(log);
        cppvaldi::lock_guard also(index);
    });
    run.start("busy", [&] {
        while (!stop) {
            cppvaldi::checkpoint("turn");
        }
    });
    run.declare({first.at("reading"), second.at("reading"), writer.blocked(), second.blocked(), first.finished()});
    BOOST_CHECK_EXCEPTION(run.finish(), cppvaldi::deadlock,
                          says({"deadlock: second waits for mutex log, held by writer, who waits for shared mutex "
                                "index, held by second"}));
}

BOOST_AUTO_TEST_CASE(outside_executions_it_works_as_long_as_nobody_must_be_waited_for) {
    cppvaldi::shared_timed_mutex mutex;
    mutex.lock_shared();
    BOOST_CHECK_THROW(mutex.lock(), usage_error);
    mutex.unlock_shared();
    BOOST_TEST(mutex.try_lock_for(1s));
    BOOST_CHECK_THROW(mutex.lock_shared(), usage_error);
    mutex.unlock();
    BOOST_CHECK_THROW(mutex.unlock(), usage_error);
    BOOST_CHECK_THROW(mutex.unlock_shared(), usage_error);
}

BOOST_AUTO_TEST_CASE(std_shared_lock_works_with_it_as_it_is) {
    cppvaldi::shared_timed_mutex mutex;
    alone([&] {
        std::shared_lock<cppvaldi::shared_timed_mutex> one(mutex);
        BOOST_TEST(one.owns_lock());
        one.unlock();
        BOOST_TEST(one.try_lock_for(1s));
        std::shared_lock<cppvaldi::shared_timed_mutex> moved(std::move(one));
        BOOST_TEST(moved.owns_lock());
        BOOST_TEST(!one.owns_lock());
        BOOST_CHECK_THROW(moved.lock(), std::system_error);
    });
}

BOOST_AUTO_TEST_CASE(our_shared_lock_is_the_standards_in_every_member) {
    cppvaldi::shared_timed_mutex mutex;
    using lock = cppvaldi::shared_lock<cppvaldi::shared_timed_mutex>;
    static_assert(std::is_base_of_v<std::shared_lock<cppvaldi::shared_timed_mutex>, lock>);
    static_assert(std::is_nothrow_move_constructible_v<lock> && std::is_nothrow_move_assignable_v<lock>);
    static_assert(!std::is_copy_constructible_v<lock>);
    alone([&] {
        lock none;
        BOOST_CHECK_EXCEPTION(none.lock(), std::system_error, has_code(std::errc::operation_not_permitted));
        lock later(mutex, std::defer_lock);
        BOOST_TEST(!later.owns_lock());
        later.lock();
        BOOST_CHECK_EXCEPTION(later.lock(), std::system_error, has_code(std::errc::resource_deadlock_would_occur));
        BOOST_CHECK_EXCEPTION((void)later.try_lock(), std::system_error,
                              has_code(std::errc::resource_deadlock_would_occur));
        later.unlock();
        BOOST_CHECK_EXCEPTION(later.unlock(), std::system_error, has_code(std::errc::operation_not_permitted));
        lock tried(mutex, std::try_to_lock);
        BOOST_TEST(bool(tried));
        none = std::move(tried);
        BOOST_TEST(none.mutex() == &mutex);
        none.unlock();
        lock timed(mutex, 1s);
        BOOST_TEST(timed.owns_lock());
        lock other;
        swap(static_cast<std::shared_lock<cppvaldi::shared_timed_mutex>&>(timed), other);
        BOOST_TEST(other.release() == &mutex);
        lock adopted(mutex, std::adopt_lock);
        BOOST_TEST(adopted.owns_lock());
    });
}
