// barrier, member by member, and then the interleavings.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/barrier.hpp>
#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

using cppvaldi::usage_error;

BOOST_AUTO_TEST_CASE(barriers_and_their_tokens_are_made_as_the_standard_says) {
    using plain = cppvaldi::barrier<>;
    static_assert(plain::max() == std::numeric_limits<std::ptrdiff_t>::max());
    static_assert(!std::is_copy_constructible_v<plain> && !std::is_convertible_v<std::ptrdiff_t, plain>);
    using token = plain::arrival_token;
    static_assert(std::is_nothrow_move_constructible_v<token> && std::is_nothrow_move_assignable_v<token>);
    static_assert(!std::is_copy_constructible_v<token>);
    static constinit plain global(1);
    alone([] { global.arrive_and_wait(); });
    BOOST_CHECK_EXCEPTION(plain(-1), usage_error, says({"barrier(expected): -1 is not from 0 to"}));
    cppvaldi::barrier deduced(1, []() noexcept {});
    alone([&] { deduced.arrive_and_wait(); });
}

BOOST_AUTO_TEST_CASE(nobody_begins_a_phase_before_all_have_ended_the_one_before) {
    const endings found = all_schedules(
        [](std::string& said) {
            cppvaldi::barrier phases(2);
            int done[3] = {};
            bool right = true;
            const auto work = [&] {
                for (int phase = 0; phase < 3; ++phase) {
                    right = right && (phase == 0 || done[phase - 1] == 2);
                    ++done[phase];
                    phases.arrive_and_wait();
                }
            };
            cppvaldi::thread other(work);
            work();
            other.join();
            said = right ? "in step" : "out of step";
        },
        {.preemptions = 3});
    BOOST_TEST(found.are({"in step"}), found);
}

BOOST_AUTO_TEST_CASE(the_last_to_arrive_runs_the_completion_function_before_anybody_goes_on) {
    const endings found = all_schedules([](std::string& said) {
        std::string order;
        cppvaldi::thread::id by;
        const auto complete = [&]() noexcept {
            order += 'c';
            by = cppvaldi::this_thread::get_id();
        };
        cppvaldi::barrier together(2, complete);
        const auto work = [&] {
            auto token = together.arrive();
            together.wait(std::move(token));
            order += 'w';
        };
        cppvaldi::thread other(work);
        const auto other_id = other.get_id();
        work();
        other.join();
        said = order + (by == other_id                          ? " by other"
                        : by == cppvaldi::this_thread::get_id() ? " by main"
                                                                : " by nobody");
    });
    BOOST_TEST(found.are({"cww by other", "cww by main"}), found);
}

BOOST_AUTO_TEST_CASE(the_completion_function_may_let_others_go_on_but_none_of_those_who_wait) {
    const auto complete = []() noexcept { cppvaldi::checkpoint("completing"); };
    cppvaldi::barrier together(2, complete, "together");
    cppvaldi::runner run;
    const auto work = [&] {
        together.arrive_and_wait();
        cppvaldi::checkpoint("through");
    };
    cppvaldi::starter alice = run.start("alice", work);
    cppvaldi::starter bob = run.start("bob", work);
    run.declare({alice.blocked(), bob.at("completing"), alice.at("through"), bob.at("through")});
    run.run_to(bob.at("completing"));
    BOOST_TEST(run.status().find("waits for barrier together at barrier.cpp:") != std::string::npos, run.status());
    BOOST_TEST(run.status().find("whose completion function is run by bob") != std::string::npos, run.status());
    BOOST_TEST(alice.is_blocked());
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(one_can_arrive_first_and_wait_later) {
    alone([] {
        cppvaldi::barrier phases(1);
        auto first = phases.arrive();
        phases.wait(std::move(first)); // it is over already
        auto second = phases.arrive();
        auto third = std::move(second);
        std::as_const(phases).wait(std::move(third));
    });
    cppvaldi::barrier together(3);
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        auto token = together.arrive(2); // for another one too
        together.wait(std::move(token));
    });
    cppvaldi::starter bob = run.start("bob", [&] { together.arrive_and_wait(); });
    run.run_to(alice.blocked());
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(who_drops_out_is_not_expected_any_more) {
    const endings found = all_schedules([](std::string& said) {
        int phases_done = 0;
        const auto count = [&]() noexcept { ++phases_done; };
        cppvaldi::barrier phases(2, count);
        cppvaldi::thread other([&] { phases.arrive_and_drop(); });
        phases.arrive_and_wait();
        phases.arrive_and_wait(); // alone
        other.join();
        said = std::to_string(phases_done);
    });
    BOOST_TEST(found.are({"2"}), found);
}

BOOST_AUTO_TEST_CASE(more_arrivals_than_expected_are_reported) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::barrier together(1);
                              (void)together.arrive(2);
                          }),
                          usage_error, says({"barrier 1 is arrived at at barrier.cpp:", "by 2, but in this phase 1"}));
    BOOST_CHECK_THROW(alone([] {
                          cppvaldi::barrier together(1);
                          (void)together.arrive(0);
                      }),
                      usage_error);
    BOOST_CHECK_THROW(alone([] {
                          cppvaldi::barrier together(1);
                          together.arrive_and_drop();
                          together.arrive_and_wait();
                      }),
                      usage_error);
}

BOOST_AUTO_TEST_CASE(waiting_with_a_token_of_long_ago_is_reported) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::barrier phases(1);
                              auto old = phases.arrive();
                              (void)phases.arrive();
                              phases.wait(std::move(old));
                          }),
                          usage_error, says({"with a token of a phase that is long over"}));
}

BOOST_AUTO_TEST_CASE(a_barrier_where_somebody_is_missing_is_a_deadlock_that_says_so) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::barrier together(3);
                              together.arrive_and_wait();
                          }),
                          cppvaldi::deadlock, says({"waits for barrier 1", "where 2 arrivals are missing"}));
}

BOOST_AUTO_TEST_CASE(destroying_it_while_somebody_waits_is_reported) {
    std::optional<cppvaldi::barrier<>> together(std::in_place, 2);
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] { together->arrive_and_wait(); });
    run.start("bob", [&] { together.reset(); });
    run.run_to(alice.blocked());
    BOOST_CHECK_EXCEPTION(run.finish(), usage_error, says({"is destroyed while alice is about to await it"}));
}

BOOST_AUTO_TEST_CASE(a_barrier_left_in_the_middle_of_a_phase_is_reported_once_and_new_again) {
    cppvaldi::barrier together(2);
    alone([&] { (void)together.arrive(); });
    BOOST_CHECK_EXCEPTION(alone([&] { (void)together.arrive(); }), usage_error,
                          says({"was left with 1 arrivals missing by an earlier execution"}));
    alone([&] { (void)together.arrive(2); }); // a whole phase, so nothing is left
    alone([&] { (void)together.arrive(2); });
}

BOOST_AUTO_TEST_CASE(outside_executions_it_works_as_long_as_nobody_must_be_waited_for) {
    int phases_done = 0;
    const auto count = [&]() noexcept { ++phases_done; };
    cppvaldi::barrier phases(1, count);
    phases.arrive_and_wait();
    BOOST_TEST(phases_done == 1);
    cppvaldi::barrier together(2);
    BOOST_CHECK_THROW(together.arrive_and_wait(), usage_error);
}
