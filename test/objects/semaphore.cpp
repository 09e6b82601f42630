// The semaphores, member by member, and then the interleavings.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/semaphore.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

using namespace std::chrono_literals;
using cppvaldi::usage_error;

BOOST_AUTO_TEST_CASE(max_is_what_was_asked_for) {
    static_assert(cppvaldi::counting_semaphore<5>::max() == 5);
    static_assert(cppvaldi::counting_semaphore<>::max() == std::numeric_limits<std::ptrdiff_t>::max());
    static_assert(std::is_same_v<cppvaldi::binary_semaphore, cppvaldi::counting_semaphore<1>>);
    static_assert(!std::is_copy_constructible_v<cppvaldi::binary_semaphore>);
    static_assert(!std::is_convertible_v<std::ptrdiff_t, cppvaldi::binary_semaphore>);
    static_assert(noexcept(std::declval<cppvaldi::binary_semaphore&>().try_acquire()));
    static constinit cppvaldi::counting_semaphore<5> global(2);
    alone([] {
        global.acquire();
        global.release();
    });
}

BOOST_AUTO_TEST_CASE(as_many_are_inside_as_there_are_permits) {
    const endings found = all_schedules(
        [](std::string& said) {
            cppvaldi::counting_semaphore<2> permits(2);
            int inside = 0;
            int most = 0;
            const auto visit = [&] {
                permits.acquire();
                most = std::max(most, ++inside);
                cppvaldi::this_thread::yield();
                --inside;
                permits.release();
            };
            cppvaldi::thread first(visit);
            cppvaldi::thread second(visit);
            visit();
            first.join();
            second.join();
            said = std::to_string(most);
        },
        {.preemptions = 2});
    BOOST_TEST(found.are({"1", "2"}), found);
}

BOOST_AUTO_TEST_CASE(acquire_waits_until_somebody_releases) {
    cppvaldi::binary_semaphore ready(0, "ready");
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        ready.acquire();
        BOOST_TEST(!ready.try_acquire());
    });
    cppvaldi::starter bob = run.start("bob", [&] { ready.release(); });
    run.run_to(alice.blocked());
    BOOST_TEST(run.status().find("waits for semaphore ready at semaphore.cpp:") != std::string::npos, run.status());
    BOOST_TEST(run.status().find("which has no permits") != std::string::npos, run.status());
    run.finish();
    BOOST_TEST(alice.is_finished());
}

BOOST_AUTO_TEST_CASE(try_acquire_takes_a_permit_if_there_is_one) {
    alone([] {
        cppvaldi::counting_semaphore<3> permits(1);
        BOOST_TEST(permits.try_acquire());
        BOOST_TEST(!permits.try_acquire());
        permits.release(3);
        BOOST_TEST(permits.try_acquire());
        BOOST_TEST(permits.try_acquire_for(0s));
        BOOST_TEST(permits.try_acquire_until(cppvaldi::steady_clock::now()));
        const auto begin = cppvaldi::steady_clock::now();
        BOOST_TEST(!permits.try_acquire_for(2s));
        BOOST_TEST(!permits.try_acquire_until(begin + 3s));
        BOOST_TEST(!permits.try_acquire_until(cppvaldi::system_clock::now() + 1s));
        BOOST_TEST(!permits.try_acquire_for(-1s));
        BOOST_TEST((cppvaldi::steady_clock::now() - begin == 4s));
    });
}

BOOST_AUTO_TEST_CASE(one_release_of_several_lets_several_go_on) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::counting_semaphore<> permits(0);
        cppvaldi::thread a([&] {
            permits.acquire();
            said += 'a';
        });
        cppvaldi::thread b([&] {
            permits.acquire();
            said += 'b';
        });
        permits.release(2);
        a.join();
        b.join();
    });
    BOOST_TEST(found.are({"ab", "ba"}), found);
}

BOOST_AUTO_TEST_CASE(a_permit_is_taken_by_one_only) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::binary_semaphore permit(1);
        int taken = 0;
        cppvaldi::thread other([&] { taken += permit.try_acquire() ? 1 : 0; });
        taken += permit.try_acquire() ? 1 : 0;
        other.join();
        said = std::to_string(taken);
    });
    BOOST_TEST(found.are({"1"}), found);
}

BOOST_AUTO_TEST_CASE(a_timeout_races_with_the_release) {
    const endings found = all_schedules(
        [](std::string& said) {
            cppvaldi::binary_semaphore permit(0);
            cppvaldi::thread other([&] { said = permit.try_acquire_for(1s) ? "acquired" : "timed out"; });
            permit.release();
            other.join();
        },
        {.timeouts_are_decisions = true});
    BOOST_TEST(found.are({"acquired", "timed out"}), found);
}

BOOST_AUTO_TEST_CASE(releasing_more_than_there_is_room_for_is_reported) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              cppvaldi::binary_semaphore permit(1, "permit");
                              permit.release();
                          }),
                          usage_error,
                          says({"semaphore permit is released at semaphore.cpp:",
                                "by 1, but it has 1 permits and room for 1", "release only what was acquired"}));
    BOOST_CHECK_THROW(alone([] {
                          cppvaldi::counting_semaphore<> permits(1);
                          permits.release(std::numeric_limits<std::ptrdiff_t>::max());
                      }),
                      usage_error);
    BOOST_CHECK_THROW(alone([] {
                          cppvaldi::counting_semaphore<> permits(1);
                          permits.release(-1);
                      }),
                      usage_error);
    alone([] {
        cppvaldi::counting_semaphore<4> permits(1);
        permits.release(0);
        permits.release(3);
    });
}

BOOST_AUTO_TEST_CASE(two_releases_too_many_are_found_in_the_schedules_that_make_them) {
    // Correct only if the acquire comes in between.
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::binary_semaphore permit(1);
        cppvaldi::thread other([&] { permit.acquire(); });
        permit.release();
        other.join();
        said = "fine";
    });
    BOOST_TEST(found.executions > 1U);
    BOOST_TEST(found.seen.count("fine") == 1U, found);
    BOOST_TEST(found.seen.size() == 2U, found);
}

BOOST_AUTO_TEST_CASE(a_number_of_permits_that_cannot_be_is_reported) {
    BOOST_CHECK_EXCEPTION(cppvaldi::binary_semaphore(2), usage_error, says({"2 is not from 0 to 1"}));
    BOOST_CHECK_EXCEPTION(cppvaldi::counting_semaphore<>(-1), usage_error, says({"-1 is not from 0 to"}));
}

BOOST_AUTO_TEST_CASE(destroying_it_while_somebody_waits_is_reported) {
    std::optional<cppvaldi::binary_semaphore> permit(std::in_place, 0);
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] { permit->acquire(); });
    run.start("bob", [&] { permit.reset(); });
    run.run_to(alice.blocked());
    BOOST_CHECK_EXCEPTION(run.finish(), usage_error, says({"is destroyed while alice is about to acquire it"}));
}

BOOST_AUTO_TEST_CASE(permits_left_taken_by_an_earlier_execution_are_reported_once_and_back_again) {
    cppvaldi::counting_semaphore<> permits(2, "permits");
    alone([&] { permits.acquire(); });
    BOOST_CHECK_EXCEPTION(alone([&] { (void)permits.try_acquire(); }), usage_error,
                          says({"semaphore permits was left with 1 permits by an earlier execution that found 2"}));
    alone([&] {
        permits.acquire();
        permits.acquire();
        BOOST_TEST(!permits.try_acquire());
        permits.release(2);
    });
}

BOOST_AUTO_TEST_CASE(outside_executions_it_works_as_long_as_nobody_must_be_waited_for) {
    cppvaldi::binary_semaphore permit(1);
    permit.acquire();
    BOOST_TEST(!permit.try_acquire());
    BOOST_TEST(!permit.try_acquire_for(1s));
    BOOST_CHECK_THROW(permit.acquire(), usage_error);
    permit.release();
    BOOST_CHECK_THROW(permit.release(), usage_error);
    permit.acquire();
    alone([&] { BOOST_TEST(!permit.try_acquire()); }); // what was taken outside stays taken
}
