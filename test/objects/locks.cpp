// The standard's lock objects with this library's mutexes, this library's own, and several mutexes together.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/explore.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/require.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/shared_mutex.hpp>
#include <cppvaldi/strategies.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <mutex>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

using namespace std::chrono_literals;
using cppvaldi::usage_error;

namespace {

/// A mutex of somebody else's.
struct foreign_mutex {
    bool locked = false;
    void lock() { locked = true; }
    bool try_lock() { return !std::exchange(locked, true); }
    void unlock() { locked = false; }
};

template <template <typename> typename Lock>
void is_the_standards_in_every_member() {
    using mutex = cppvaldi::timed_mutex;
    using lock = Lock<mutex>;
    static_assert(std::is_same_v<typename lock::mutex_type, mutex>);
    static_assert(std::is_nothrow_default_constructible_v<lock>);
    static_assert(std::is_nothrow_move_constructible_v<lock> && std::is_nothrow_move_assignable_v<lock>);
    static_assert(!std::is_copy_constructible_v<lock> && !std::is_convertible_v<mutex&, lock>);
    mutex one;
    alone([&] {
        lock none;
        BOOST_TEST(!none.owns_lock());
        BOOST_TEST((none.mutex() == nullptr));
        BOOST_CHECK_EXCEPTION(none.lock(), std::system_error, has_code(std::errc::operation_not_permitted));
        BOOST_CHECK_EXCEPTION((void)none.try_lock(), std::system_error, has_code(std::errc::operation_not_permitted));
        BOOST_CHECK_EXCEPTION((void)none.try_lock_for(1s), std::system_error,
                              has_code(std::errc::operation_not_permitted));
        BOOST_CHECK_EXCEPTION(none.unlock(), std::system_error, has_code(std::errc::operation_not_permitted));
        {
            lock held(one);
            BOOST_TEST(held.owns_lock());
            BOOST_CHECK_EXCEPTION(held.lock(), std::system_error, has_code(std::errc::resource_deadlock_would_occur));
            BOOST_CHECK_EXCEPTION((void)held.try_lock_until(cppvaldi::steady_clock::now()), std::system_error,
                                  has_code(std::errc::resource_deadlock_would_occur));
            held.unlock();
            BOOST_CHECK_EXCEPTION(held.unlock(), std::system_error, has_code(std::errc::operation_not_permitted));
            BOOST_TEST(held.try_lock());
            lock moved(std::move(held));
            BOOST_TEST(moved.owns_lock());
            BOOST_TEST((held.mutex() == nullptr && !held.owns_lock()));
            none = std::move(moved);
            BOOST_TEST(none.owns_lock());
            none = lock(); // gives it back
            BOOST_TEST(one.try_lock());
            lock adopted(one, std::adopt_lock);
            BOOST_TEST(bool(adopted));
            BOOST_TEST((adopted.release() == &one));
            one.unlock();
        }
        lock later(one, std::defer_lock);
        BOOST_TEST((!later.owns_lock() && later.mutex() == &one));
        BOOST_TEST(later.try_lock_for(1s));
        later.unlock();
        BOOST_TEST(later.try_lock_until(cppvaldi::steady_clock::now()));
        later.unlock();
        lock tried(one, std::try_to_lock);
        BOOST_TEST(tried.owns_lock());
        tried.unlock();
        lock timed(one, 1s);
        timed.unlock();
        lock until(one, cppvaldi::steady_clock::now());
        BOOST_TEST(until.owns_lock());
        until.swap(later);
        BOOST_TEST(later.owns_lock());
    });
    alone([&] { cppvaldi::lock_guard again(one); }); // all was given back
}

template <typename Mutex>
using std_unique_lock = std::unique_lock<Mutex>;
template <typename Mutex>
using our_unique_lock = cppvaldi::unique_lock<Mutex>;

/// Three starters, each of which locks two of three mutexes by `lock_both`, in orders that would make a circle.
template <typename LockBoth>
auto philosophers(LockBoth lock_both) {
    return [lock_both](std::string& said) {
        cppvaldi::mutex a("a");
        cppvaldi::mutex b("b");
        cppvaldi::mutex c("c");
        int meals = 0;
        cppvaldi::thread first([&] { lock_both(a, b, meals); });
        cppvaldi::thread second([&] { lock_both(b, c, meals); });
        lock_both(c, a, meals);
        first.join();
        second.join();
        said = std::to_string(meals);
    };
}

} // namespace

BOOST_AUTO_TEST_CASE(unique_lock_of_the_standard_works_as_it_is) {
    is_the_standards_in_every_member<std_unique_lock>();
}

BOOST_AUTO_TEST_CASE(our_unique_lock_is_the_standards_in_every_member) {
    static_assert(std::is_base_of_v<std::unique_lock<cppvaldi::mutex>, cppvaldi::unique_lock<cppvaldi::mutex>>);
    is_the_standards_in_every_member<our_unique_lock>();
}

BOOST_AUTO_TEST_CASE(lock_guard_and_scoped_lock_of_the_standard_work_as_they_are) {
    cppvaldi::mutex first;
    cppvaldi::recursive_mutex second;
    cppvaldi::shared_mutex third;
    alone([&] {
        {
            std::lock_guard one(first);
            std::scoped_lock two(second, third);
            std::scoped_lock<> none;
            (void)none;
        }
        std::lock(first, second, third);
        std::scoped_lock all(std::adopt_lock, first, second, third);
    });
    alone([&] {
        std::unique_lock one(first, std::defer_lock);
        std::unique_lock two(third, std::defer_lock);
        std::lock(one, two);
        BOOST_TEST((one.owns_lock() && two.owns_lock()));
        BOOST_TEST(std::try_lock(second, second) == -1);
        second.unlock();
        second.unlock();
    });
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        std::lock_guard held(third);
        cppvaldi::checkpoint("locked");
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        BOOST_TEST(std::try_lock(first, second, third) == 2);
        BOOST_TEST(first.try_lock()); // it was given back
        first.unlock();
    });
    run.declare({alice.at("locked"), bob.finished(), alice.finished()});
    run.finish();
}

BOOST_AUTO_TEST_CASE(our_locks_lock_mutexes_of_others_too) {
    foreign_mutex one;
    foreign_mutex two;
    {
        cppvaldi::lock_guard guard(one);
        cppvaldi::unique_lock lock(two);
        BOOST_TEST((one.locked && two.locked));
    }
    BOOST_TEST(!(one.locked || two.locked));
    {
        cppvaldi::scoped_lock both(one, two);
        BOOST_TEST((one.locked && two.locked));
    }
    cppvaldi::mutex ours;
    cppvaldi::lock(one, ours, two);
    cppvaldi::scoped_lock all(cppvaldi::adopt_lock, one, ours, two);
    BOOST_TEST((one.locked && two.locked));
}

BOOST_AUTO_TEST_CASE(our_locks_name_the_place_where_they_were_made) {
    cppvaldi::mutex mutex("till");
    cppvaldi::mutex other("safe");
    const auto wait_with = [&](auto make) {
        mutex.lock();
        cppvaldi::runner run;
        cppvaldi::starter alice = run.start("alice", make);
        run.run_to(alice.blocked());
        const std::string status = run.status();
        mutex.unlock();
        run.finish();
        return status.find(" till at locks.cpp:") != std::string::npos;
    };
    BOOST_TEST(wait_with([&] { cppvaldi::lock_guard held(mutex); }));
    BOOST_TEST(wait_with([&] { cppvaldi::unique_lock held(mutex); }));
    BOOST_TEST(wait_with([&] { cppvaldi::unique_lock<cppvaldi::mutex>(mutex, std::defer_lock).lock(); }));
    BOOST_TEST(wait_with([&] { cppvaldi::scoped_lock held(mutex); }));
    BOOST_TEST(wait_with([&] { cppvaldi::scoped_lock held(other, mutex); }));
    BOOST_TEST(wait_with([&] {
        cppvaldi::lock(other, mutex);
        mutex.unlock();
        other.unlock();
    }));
}

BOOST_AUTO_TEST_CASE(several_mutexes_are_locked_without_a_deadlock_under_every_schedule) {
    const endings found = all_schedules(philosophers([](cppvaldi::mutex& left, cppvaldi::mutex& right, int& meals) {
                                            cppvaldi::scoped_lock both(left, right);
                                            ++meals;
                                        }),
                                        {.preemptions = 2});
    BOOST_TEST(found.are({"3"}), found);
}

BOOST_AUTO_TEST_CASE(two_that_lock_two_in_opposite_orders_come_to_an_end_without_any_bound) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::mutex a;
        cppvaldi::shared_mutex b;
        int visits = 0;
        cppvaldi::thread other([&] {
            cppvaldi::scoped_lock both(a, b);
            ++visits;
        });
        {
            cppvaldi::unique_lock first(b, std::defer_lock);
            cppvaldi::unique_lock second(a, std::defer_lock);
            cppvaldi::lock(first, second);
            ++visits;
        }
        other.join();
        said = std::to_string(visits);
    });
    BOOST_TEST(found.are({"2"}), found);
}

BOOST_AUTO_TEST_CASE(who_locks_several_has_none_while_it_waits) {
    // Another one locks the same mutexes one by one, in the order that would make a circle with any fixed order.
    const auto against = [](auto lock_one_by_one) {
        return all_schedules([=](std::string& said) {
            cppvaldi::mutex a;
            cppvaldi::mutex b;
            cppvaldi::thread other([&] { lock_one_by_one(a, b); });
            {
                cppvaldi::scoped_lock both(a, b);
                said = "both";
            }
            other.join();
        });
    };
    const endings up = against([](cppvaldi::mutex& a, cppvaldi::mutex& b) {
        cppvaldi::lock_guard first(a);
        cppvaldi::lock_guard second(b);
    });
    BOOST_TEST(up.are({"both"}), up);
    const endings down = against([](cppvaldi::mutex& a, cppvaldi::mutex& b) {
        cppvaldi::lock_guard first(b);
        cppvaldi::lock_guard second(a);
    });
    BOOST_TEST(down.are({"both"}), down);
}

BOOST_AUTO_TEST_CASE(std_lock_too_comes_to_an_end_under_strategies_that_do_not_alternate_for_ever) {
    const auto body = [] {
        std::string said;
        philosophers([](cppvaldi::mutex& left, cppvaldi::mutex& right, int& meals) {
            std::scoped_lock both(left, right);
            ++meals;
        })(said);
        cppvaldi::require(said == "3");
    };
    BOOST_TEST(bool(cppvaldi::explore(body, cppvaldi::exhaustive{.preemptions = 2})));
    BOOST_TEST(bool(cppvaldi::explore(body, cppvaldi::random{.seed = 7}, {.executions = 2'000})));
}

BOOST_AUTO_TEST_CASE(locking_the_same_one_twice_together_is_reported_and_leaves_nothing_locked) {
    cppvaldi::mutex mutex;
    cppvaldi::mutex other;
    BOOST_CHECK_EXCEPTION(alone([&] { cppvaldi::lock(other, mutex, other); }), usage_error,
                          says({"by who has it already"}));
    BOOST_TEST(mutex.try_lock());
    BOOST_TEST(other.try_lock());
    BOOST_CHECK_THROW(cppvaldi::lock(mutex, other), usage_error); // outside, and not free
    other.unlock();
    BOOST_CHECK_THROW(cppvaldi::lock(other, mutex), usage_error);
    BOOST_TEST(other.try_lock());
    other.unlock();
    mutex.unlock();
    cppvaldi::lock(mutex, other);
    mutex.unlock();
    other.unlock();
    alone([&] {
        cppvaldi::unique_lock held(mutex);
        cppvaldi::unique_lock none(other, std::defer_lock);
        BOOST_CHECK_EXCEPTION(cppvaldi::lock(none, held), std::system_error,
                              has_code(std::errc::resource_deadlock_would_occur));
        cppvaldi::unique_lock<cppvaldi::mutex> empty;
        BOOST_CHECK_EXCEPTION(cppvaldi::lock(none, empty), std::system_error,
                              has_code(std::errc::operation_not_permitted));
    });
}
