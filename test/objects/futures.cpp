// std::promise, future and shared_future: member by member, then who waits for whom. Tasks and async have files of their own.

#include <cppvaldi/cppvaldi.hpp>

#include "support/every_schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace cppvaldi;
using namespace std::chrono_literals;

namespace {

/// Says which `std::future_error` is expected: BOOST_CHECK_EXCEPTION(..., std::future_error, is(errc)).
auto is(std::future_errc code) {
    return [code](const std::future_error& refused) { return refused.code() == code; };
}

template <typename Body>
void in_execution(Body body) {
    runner run;
    run.start("main", body);
    run.finish();
    BOOST_TEST(run.done());
}

struct throws_when_copied {
    throws_when_copied() = default;
    throws_when_copied(const throws_when_copied&) { throw std::runtime_error("cannot be copied"); }
    throws_when_copied(throws_when_copied&&) = default;
    throws_when_copied& operator=(const throws_when_copied&) = delete;
    throws_when_copied& operator=(throws_when_copied&&) = delete;
    ~throws_when_copied() = default;
};

template <typename Value>
struct counting_allocator : std::allocator<Value> {
    using value_type = Value;
    explicit counting_allocator(int& counted) : count(&counted) {}
    template <typename Other>
    counting_allocator(const counting_allocator<Other>& other) : count(other.count) {} // NOLINT
    template <typename Other>
    struct rebind {
        using other = counting_allocator<Other>;
    };
    Value* allocate(std::size_t wanted) {
        ++*count;
        return std::allocator<Value>::allocate(wanted);
    }
    int* count;
};

} // namespace

BOOST_AUTO_TEST_SUITE(futures)

static_assert(!std::is_copy_constructible_v<future<int>> && std::is_nothrow_move_constructible_v<future<int>>);
static_assert(!std::is_copy_constructible_v<promise<int>> && std::is_nothrow_move_constructible_v<promise<int>>);
static_assert(std::is_copy_constructible_v<shared_future<int>>);
static_assert(std::is_nothrow_destructible_v<future<int>> && std::is_nothrow_destructible_v<promise<int>>);
static_assert(std::is_same_v<decltype(std::declval<shared_future<int>>().get()), const int&>);
static_assert(std::is_same_v<decltype(std::declval<shared_future<int&>>().get()), int&>);
static_assert(std::is_same_v<decltype(std::declval<future<int&>>().get()), int&>);
static_assert(std::is_void_v<decltype(std::declval<shared_future<void>>().get())>);
static_assert(std::uses_allocator_v<promise<int>, std::allocator<char>>);

// --- member by member ---

BOOST_AUTO_TEST_CASE(a_value_a_reference_and_nothing_come_through) {
    in_execution([] {
        promise<std::unique_ptr<int>> value;
        auto value_future = value.get_future();
        value.set_value(std::make_unique<int>(7));
        BOOST_TEST(*value_future.get() == 7);

        int target = 1;
        promise<int&> reference;
        auto reference_future = reference.get_future();
        reference.set_value(target);
        BOOST_TEST(&reference_future.get() == &target);

        promise<void> nothing;
        auto nothing_future = nothing.get_future();
        nothing.set_value();
        nothing_future.get();
        BOOST_TEST(!nothing_future.valid());
    });
}

BOOST_AUTO_TEST_CASE(an_exception_comes_through_once_or_for_everybody) {
    in_execution([] {
        promise<int> fails;
        auto single = fails.get_future();
        fails.set_exception(std::make_exception_ptr(std::runtime_error("late")));
        BOOST_CHECK_THROW((void)single.get(), std::runtime_error);
        BOOST_TEST(!single.valid());

        promise<void> fails_too;
        const shared_future<void> shared = fails_too.get_future();
        fails_too.set_exception(std::make_exception_ptr(std::runtime_error("late")));
        BOOST_CHECK_THROW(shared.get(), std::runtime_error);
        BOOST_CHECK_THROW(shared.get(), std::runtime_error);
        BOOST_TEST(shared.valid());
        BOOST_CHECK_THROW(promise<int>().set_exception(nullptr), usage_error);
    });
}

BOOST_AUTO_TEST_CASE(what_has_no_state_says_so) {
    future<int> none;
    BOOST_TEST(!none.valid());
    BOOST_CHECK_EXCEPTION((void)none.get(), std::future_error, is(std::future_errc::no_state));
    BOOST_CHECK_EXCEPTION(none.wait(), std::future_error, is(std::future_errc::no_state));
    BOOST_CHECK_EXCEPTION((void)none.wait_for(1s), std::future_error, is(std::future_errc::no_state));
    BOOST_CHECK_EXCEPTION((void)shared_future<int>().get(), std::future_error, is(std::future_errc::no_state));
    BOOST_TEST(!none.share().valid());

    promise<int> moved_from;
    const promise<int> moved_to = std::move(moved_from);
    BOOST_CHECK_EXCEPTION((void)moved_from.get_future(), std::future_error, is(std::future_errc::no_state)); // NOLINT
    BOOST_CHECK_EXCEPTION(moved_from.set_value(1), std::future_error, is(std::future_errc::no_state));
    BOOST_CHECK_EXCEPTION(moved_from.set_exception(std::make_exception_ptr(1)), std::future_error,
                          is(std::future_errc::no_state));
}

BOOST_AUTO_TEST_CASE(the_second_future_and_the_second_value_are_refused) {
    in_execution([] {
        promise<int> once;
        const auto first = once.get_future();
        BOOST_CHECK_EXCEPTION((void)once.get_future(), std::future_error, is(std::future_errc::future_already_retrieved));
        once.set_value(1);
        BOOST_CHECK_EXCEPTION(once.set_value(2), std::future_error, is(std::future_errc::promise_already_satisfied));
        BOOST_CHECK_EXCEPTION(once.set_exception(std::make_exception_ptr(2)), std::future_error,
                              is(std::future_errc::promise_already_satisfied));
        BOOST_CHECK_EXCEPTION(once.set_value_at_thread_exit(2), std::future_error,
                              is(std::future_errc::promise_already_satisfied));
    });
}

BOOST_AUTO_TEST_CASE(a_value_that_cannot_be_copied_is_not_set) {
    in_execution([] {
        promise<throws_when_copied> fails;
        auto later = fails.get_future();
        const throws_when_copied value;
        BOOST_CHECK_THROW(fails.set_value(value), std::runtime_error);
        BOOST_TEST((later.wait_for(0s) == future_status::timeout));
        fails.set_value(throws_when_copied());
        (void)later.get();
    });
}

BOOST_AUTO_TEST_CASE(a_promise_that_dies_or_is_assigned_to_is_broken) {
    in_execution([] {
        future<int> dies = promise<int>().get_future();
        BOOST_CHECK_EXCEPTION((void)dies.get(), std::future_error, is(std::future_errc::broken_promise));

        promise<int> assigned;
        future<int> before = assigned.get_future();
        assigned = promise<int>();
        BOOST_CHECK_EXCEPTION((void)before.get(), std::future_error, is(std::future_errc::broken_promise));
        future<int> after = assigned.get_future();
        assigned.set_value(3);
        BOOST_TEST(after.get() == 3);
    });
}

BOOST_AUTO_TEST_CASE(moving_and_swapping_carry_the_state_along) {
    in_execution([] {
        promise<int> one;
        promise<int> other;
        future<int> of_one = one.get_future();
        swap(one, other);
        other.set_value(1);
        future<int> moved = std::move(of_one);
        BOOST_TEST(!of_one.valid()); // NOLINT(bugprone-use-after-move)
        BOOST_TEST(moved.get() == 1);
        promise<int> third = std::move(one);
        third.set_value(3);
        BOOST_TEST(third.get_future().get() == 3);
    });
}

BOOST_AUTO_TEST_CASE(a_promise_takes_an_allocator) {
    int allocations = 0;
    promise<int> made(std::allocator_arg, counting_allocator<int>(allocations));
    BOOST_TEST(allocations == 1);
    future<int> later = made.get_future();
    made.set_value(4);
    BOOST_TEST(later.get() == 4);
    promise<int&>(std::allocator_arg, counting_allocator<int>(allocations));
    promise<void>(std::allocator_arg, counting_allocator<int>(allocations));
    BOOST_TEST(allocations == 3);
}

BOOST_AUTO_TEST_CASE(shared_futures_share_one_value) {
    in_execution([] {
        promise<std::string> source;
        future<std::string> single = source.get_future();
        const shared_future<std::string> first = single.share();
        BOOST_TEST(!single.valid());
        const shared_future<std::string> second = first; // NOLINT(performance-unnecessary-copy-initialization)
        source.set_value("hello");
        BOOST_TEST(first.get() == "hello");
        BOOST_TEST(&first.get() == &second.get());
        shared_future<std::string> assigned;
        assigned = second;
        BOOST_TEST(assigned.get() == "hello");
        const shared_future<std::string> moved = std::move(assigned);
        BOOST_TEST(!assigned.valid()); // NOLINT(bugprone-use-after-move)
        BOOST_TEST(moved.valid());
    });
}

BOOST_AUTO_TEST_CASE(a_timed_wait_says_how_it_ended) {
    in_execution([] {
        promise<int> source;
        future<int> later = source.get_future();
        BOOST_TEST((later.wait_for(1h) == future_status::timeout));
        BOOST_TEST((later.wait_until(steady_clock::now() + 1h) == future_status::timeout));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point(2h)));
        source.set_value(1);
        BOOST_TEST((later.wait_for(0s) == future_status::ready));
        BOOST_TEST((later.wait_until(system_clock::now() - 1h) == future_status::ready));
        later.wait();
        BOOST_TEST(later.valid());
        BOOST_TEST(later.get() == 1);
    });
}

BOOST_AUTO_TEST_CASE(outside_an_execution_nothing_waits) {
    promise<int> source("answer");
    future<int> later = source.get_future();
    BOOST_TEST((later.wait_for(1h) == future_status::timeout));
    BOOST_CHECK_EXCEPTION((void)later.get(), usage_error, [](const usage_error& refused) {
        return std::string(refused.what()).find("future answer is waited for at futures.cpp:") == 0;
    });
    BOOST_CHECK_THROW(source.set_value_at_thread_exit(1), usage_error);
    BOOST_TEST(later.valid());
    source.set_value(42);
    BOOST_TEST(later.get() == 42);
}

// --- at thread exit ---

BOOST_AUTO_TEST_CASE(at_thread_exit_the_locals_are_gone_before_the_future_is_ready) {
    (void)in_every_schedule([] {
        promise<int> value;
        promise<void> nothing;
        promise<int&> fails;
        bool local_is_gone = false;
        thread worker("worker", [&] {
            struct notes_end {
                bool& gone;
                ~notes_end() { gone = true; }
            } local{local_is_gone};
            value.set_value_at_thread_exit(1);
            BOOST_REQUIRE((value.get_future().wait_for(0s) == future_status::timeout));
            nothing.set_value_at_thread_exit();
            fails.set_exception_at_thread_exit(std::make_exception_ptr(std::runtime_error("no")));
            BOOST_REQUIRE_THROW(value.set_value(2), std::future_error);
        });
        nothing.get_future().get();
        BOOST_REQUIRE(local_is_gone);
        BOOST_REQUIRE_THROW((void)fails.get_future().get(), std::runtime_error);
        worker.join();
    });
}

// --- who waits for whom ---

BOOST_AUTO_TEST_CASE(who_waits_for_a_future_is_blocked_until_it_is_set) {
    runner run;
    promise<int> answer("answer");
    future<int> later = answer.get_future();
    int got = 0;
    const starter alice = run.start("alice", [&] { got = later.get(); });
    const starter bob = run.start("bob", [&] {
        checkpoint("asked");
        answer.set_value(42);
        checkpoint("answered");
    });
    run.declare({alice.blocked(), bob.at("asked"), bob.at("answered"), alice.finished()});
    run.next();
    BOOST_TEST(alice.is_blocked());
    BOOST_TEST(run.status().find("alice  waits for future answer at futures.cpp:") != std::string::npos);
    BOOST_TEST(run.status().find("; nobody has set it yet") != std::string::npos);
    run.run_to(bob.at("answered"));
    BOOST_TEST(got == 0);
    BOOST_TEST(!alice.is_blocked());
    run.finish();
    BOOST_TEST(got == 42);
}

BOOST_AUTO_TEST_CASE(a_promise_may_be_kept_at_a_runners_pause) {
    runner run;
    promise<int> answer;
    future<int> later = answer.get_future();
    int got = 0;
    const starter alice = run.start("alice", [&] { got = later.get(); });
    run.run_to(alice.blocked());
    answer.set_value(42);
    BOOST_TEST(!alice.is_blocked());
    run.finish();
    BOOST_TEST(got == 42);
}

BOOST_AUTO_TEST_CASE(a_promise_nobody_keeps_is_a_deadlock_that_names_the_future) {
    runner run;
    promise<int> answer("answer");
    future<int> later = answer.get_future();
    run.start("alice", [&] { (void)later.get(); });
    BOOST_CHECK_EXCEPTION(run.finish(), deadlock, [](const deadlock& found) {
        return std::string(found.what()).find("waits for future answer") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(a_state_outlives_the_execution_that_waited_for_it) {
    std::optional<promise<int>> answer(std::in_place);
    future<int> later = answer->get_future();
    {
        runner run;
        const starter alice = run.start("alice", [&] { (void)later.get(); });
        run.run_to(alice.blocked());
    }
    answer->set_value(1); // alice is not there any more
    int got = 0;
    runner run;
    run.start("bob", [&] { got = later.get(); });
    run.finish();
    BOOST_TEST(got == 1);
}

BOOST_AUTO_TEST_CASE(an_abandoned_promise_wakes_who_waits_in_every_schedule) {
    (void)in_every_schedule([] {
        promise<int> forgotten;
        future<int> later = forgotten.get_future();
        thread loses("loses", [gone = std::move(forgotten)] {});
        BOOST_REQUIRE_EXCEPTION((void)later.get(), std::future_error, is(std::future_errc::broken_promise));
        loses.join();
    });
}

BOOST_AUTO_TEST_CASE(several_shared_futures_get_the_value_in_every_schedule) {
    const exploration all = in_every_schedule([] {
        promise<int> source;
        const shared_future<int> later = source.get_future().share();
        int sum = 0;
        thread first("first", [later, &sum] { sum += later.get(); });
        thread second("second", [later, &sum] { sum += later.get(); });
        source.set_value(21);
        first.join();
        second.join();
        BOOST_REQUIRE(sum == 42);
    });
    BOOST_TEST(all.executions > 1U);
}

BOOST_AUTO_TEST_CASE(only_one_of_two_values_is_set_in_every_schedule) {
    std::set<std::string> seen;
    (void)in_every_schedule([&] {
        promise<char> source;
        std::string order;
        const auto set = [&](char value) {
            try {
                source.set_value(value);
            } catch (const std::future_error& late) {
                BOOST_REQUIRE((late.code() == std::future_errc::promise_already_satisfied));
                order += value;
            }
        };
        thread first("first", [&] { set('a'); });
        thread second("second", [&] { set('b'); });
        first.join();
        second.join();
        order += source.get_future().get();
        seen.insert(order);
    });
    BOOST_TEST((seen == std::set<std::string>{"ab", "ba"}));
}

BOOST_AUTO_TEST_CASE(value_and_deadline_race_and_each_can_win) {
    std::set<bool> seen;
    (void)in_every_schedule([&] {
        promise<void> source;
        const future<void> later = source.get_future();
        thread sets("sets", [&] { source.set_value(); });
        seen.insert(later.wait_for(1s) == future_status::ready);
        sets.join();
        BOOST_REQUIRE((later.wait_for(0s) == future_status::ready));
    });
    BOOST_TEST((seen == std::set<bool>{false, true}));
}

BOOST_AUTO_TEST_CASE(a_loop_that_polls_a_future_lets_others_run) {
    runner run;
    promise<int> source;
    future<int> later = source.get_future();
    run.start("poller", [&] {
        while (later.wait_for(0s) != future_status::ready) {
        }
    });
    run.start("setter", [&] { source.set_value(1); });
    run.finish();
    BOOST_TEST(later.get() == 1);
}

BOOST_AUTO_TEST_CASE(who_waits_is_unwound_with_its_execution) {
    bool destroyed = false;
    promise<int> never;
    future<int> later = never.get_future();
    {
        runner run;
        const starter alice = run.start("alice", [&] {
            struct notes_end {
                bool& destroyed;
                ~notes_end() { destroyed = true; }
            } local{destroyed};
            try {
                (void)later.get();
            } catch (const std::future_error&) {
                BOOST_ERROR("nobody has broken the promise");
            }
        });
        run.run_to(alice.blocked());
    }
    BOOST_TEST(destroyed);
}

BOOST_AUTO_TEST_SUITE_END()
