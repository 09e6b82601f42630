// latch, member by member, and then the interleavings.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/latch.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

using cppvaldi::usage_error;

BOOST_AUTO_TEST_CASE(latches_are_made_as_the_standard_says) {
    static_assert(cppvaldi::latch::max() == std::numeric_limits<std::ptrdiff_t>::max());
    static_assert(!std::is_copy_constructible_v<cppvaldi::latch>);
    static_assert(!std::is_convertible_v<std::ptrdiff_t, cppvaldi::latch>);
    static_assert(noexcept(std::declval<const cppvaldi::latch&>().try_wait()));
    static constinit cppvaldi::latch global(0);
    alone([] { std::as_const(global).wait(); });
    BOOST_CHECK_EXCEPTION(cppvaldi::latch(-1), usage_error, says({"latch(expected): -1 is not from 0 to"}));
}

BOOST_AUTO_TEST_CASE(wait_goes_on_when_the_count_is_at_zero_and_not_before) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::latch done(3);
        int counted = 0;
        const auto work = [&](int by) {
            counted += by;
            done.count_down(by);
        };
        cppvaldi::thread first(work, 1);
        cppvaldi::thread second(work, 2);
        done.wait();
        said = std::to_string(counted) + (done.try_wait() ? " open" : " closed");
        first.join();
        second.join();
    });
    BOOST_TEST(found.are({"3 open"}), found);
}

BOOST_AUTO_TEST_CASE(all_who_arrive_and_wait_go_on_together) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::latch together(2);
        int arrived = 0;
        bool right = true;
        const auto arrive = [&] {
            ++arrived;
            together.arrive_and_wait();
            right = right && arrived == 2;
        };
        cppvaldi::thread other(arrive);
        arrive();
        other.join();
        said = right ? "together" : "early";
    });
    BOOST_TEST(found.are({"together"}), found);
}

BOOST_AUTO_TEST_CASE(try_wait_sees_it_closed_or_open_and_never_fails_spuriously) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::latch done(1);
        cppvaldi::thread other([&] { done.count_down(); });
        said = done.try_wait() ? "open" : "closed";
        other.join();
        said += done.try_wait() ? " open" : " closed";
    });
    BOOST_TEST(found.are({"open open", "closed open"}), found);
}

BOOST_AUTO_TEST_CASE(a_waiter_is_blocked_and_the_report_says_how_many_are_missing) {
    cppvaldi::latch done(2, "done");
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] { done.wait(); });
    run.start("bob", [&] { done.count_down(); });
    run.run_to(alice.blocked());
    BOOST_CHECK_EXCEPTION(run.finish(), cppvaldi::deadlock,
                          says({"alice", "waits for latch done at latch.cpp:", "which is at 1"}));
}

BOOST_AUTO_TEST_CASE(counting_below_zero_is_reported) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::latch done(1, "done");
                              done.count_down(2);
                          }),
                          usage_error, says({"latch done is counted down at latch.cpp:", "by 2, but it is at 1"}));
    BOOST_CHECK_THROW(alone([] {
                          cppvaldi::latch done(1);
                          done.count_down(-1);
                      }),
                      usage_error);
    BOOST_CHECK_THROW(alone([] {
                          cppvaldi::latch done(0);
                          done.arrive_and_wait();
                      }),
                      usage_error);
    alone([] {
        cppvaldi::latch done(1);
        done.count_down(0);
        done.arrive_and_wait(1);
    });
}

BOOST_AUTO_TEST_CASE(destroying_it_while_somebody_waits_is_reported) {
    std::optional<cppvaldi::latch> done(std::in_place, 1);
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] { done->wait(); });
    run.start("bob", [&] {
        done->count_down();
        done.reset(); // alice is still in it
    });
    run.run_to(alice.blocked());
    run.declare({cppvaldi::at("bob", "finished")});
    BOOST_CHECK_EXCEPTION(run.finish(), usage_error, says({"is destroyed while alice is about to await it"}));
}

BOOST_AUTO_TEST_CASE(a_latch_used_by_an_earlier_execution_is_reported_once_and_new_again) {
    cppvaldi::latch done(2, "done");
    const auto use = [&] { alone([&] { done.count_down(2); }); };
    use();
    BOOST_CHECK_EXCEPTION(use(), usage_error,
                          says({"latch done was counted down from 2 to 0 by an earlier execution"}));
    alone([&] { BOOST_TEST(!done.try_wait()); });
}

BOOST_AUTO_TEST_CASE(outside_executions_it_works_as_long_as_nobody_must_be_waited_for) {
    cppvaldi::latch done(2);
    BOOST_TEST(!done.try_wait());
    BOOST_CHECK_THROW(done.wait(), usage_error);
    done.count_down();
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] { done.wait(); });
    run.run_to(alice.blocked());
    done.count_down();
    run.finish();
    BOOST_TEST(done.try_wait());
    done.wait();
}
