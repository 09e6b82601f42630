// Virtual time: the clocks, and who wakes when.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/finds.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/chrono.hpp>
#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/jthread.hpp>
#include <cppvaldi/require.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/semaphore.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using cppvaldi::steady_clock;
using cppvaldi::system_clock;

namespace {

/// A clock of somebody else's, that stands.
struct standing_clock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<standing_clock>;
    [[maybe_unused]] static constexpr bool is_steady = true;
    static time_point now() noexcept { return time_point(10s); }
};

template <typename Clock>
void meets_the_clock_requirements() {
    static_assert(std::is_same_v<typename Clock::rep, typename Clock::duration::rep>);
    static_assert(std::is_same_v<typename Clock::period, typename Clock::duration::period>);
    static_assert(std::is_same_v<typename Clock::duration, typename Clock::time_point::duration>);
    static_assert(std::is_same_v<typename Clock::time_point::clock, Clock>);
    static_assert(std::is_same_v<decltype(Clock::now()), typename Clock::time_point>);
    static_assert(noexcept(Clock::now()));
    static_assert(std::is_same_v<const bool, decltype(Clock::is_steady)>);
}

std::chrono::nanoseconds elapsed() { return steady_clock::now().time_since_epoch(); }

} // namespace

BOOST_AUTO_TEST_CASE(the_clocks_meet_the_requirements_of_clocks) {
    meets_the_clock_requirements<steady_clock>();
    meets_the_clock_requirements<system_clock>();
    meets_the_clock_requirements<cppvaldi::high_resolution_clock>();
    static_assert(steady_clock::is_steady && !system_clock::is_steady);
    static_assert(std::is_same_v<cppvaldi::chrono::steady_clock, steady_clock>);
    static_assert(std::is_same_v<cppvaldi::chrono::seconds, std::chrono::seconds>);
}

BOOST_AUTO_TEST_CASE(the_system_clock_is_a_calendar_from_the_year_2000_on) {
    alone([] {
        using namespace std::chrono;
        const auto now = cppvaldi::system_clock::now();
        BOOST_TEST(cppvaldi::system_clock::to_time_t(now) == 946'684'800);
        BOOST_TEST((cppvaldi::system_clock::from_time_t(946'684'800) == now));
        const year_month_day today(floor<days>(cppvaldi::system_clock::to_sys(now)));
        BOOST_TEST((today == year(2000) / January / 1));
        BOOST_TEST((cppvaldi::system_clock::from_sys(sys_days(today)) == now));
        cppvaldi::this_thread::sleep_for(days(1));
        BOOST_TEST((floor<days>(cppvaldi::system_clock::to_sys(cppvaldi::system_clock::now())) ==
                    sys_days(year(2000) / January / 2)));
    });
}

BOOST_AUTO_TEST_CASE(a_year_of_sleeping_costs_nothing) {
    alone([] {
        for (int year = 0; year < 100; ++year) {
            cppvaldi::this_thread::sleep_for(24h * 365);
        }
        BOOST_TEST((elapsed() == 24h * 365 * 100));
    });
}

BOOST_AUTO_TEST_CASE(every_execution_begins_at_the_beginning_of_time) {
    for (int execution = 0; execution < 2; ++execution) {
        alone([] {
            BOOST_TEST((elapsed() == 0s));
            cppvaldi::this_thread::sleep_for(1h);
        });
    }
    BOOST_TEST((elapsed() == 0s)); // outside
}

BOOST_AUTO_TEST_CASE(sleepers_wake_in_the_order_of_their_deadlines) {
    cppvaldi::runner run;
    std::string order;
    const auto sleep = [&](char who, std::chrono::seconds time) {
        cppvaldi::this_thread::sleep_for(time);
        BOOST_TEST((elapsed() == time));
        order += who;
    };
    run.start("a", sleep, 'a', 3s);
    run.start("b", sleep, 'b', 1s);
    run.start("c", sleep, 'c', 2s);
    run.finish();
    BOOST_TEST(order == "bca");
}

BOOST_AUTO_TEST_CASE(of_equal_deadlines_the_elder_wakes_first) {
    cppvaldi::runner run;
    std::string order;
    const auto sleep_until_ten = [&](char who, std::chrono::seconds before) {
        cppvaldi::this_thread::sleep_for(before);
        cppvaldi::this_thread::sleep_until(steady_clock::time_point(10s));
        order += who;
    };
    run.start("a", sleep_until_ten, 'a', 3s);
    run.start("b", sleep_until_ten, 'b', 1s);
    run.start("c", sleep_until_ten, 'c', 2s);
    run.finish();
    BOOST_TEST(order == "abc");
}

BOOST_AUTO_TEST_CASE(of_equal_deadlines_each_may_come_first_under_a_search) {
    const endings found = all_schedules([](std::string& said) {
        const auto sleep = [&](char who) {
            cppvaldi::this_thread::sleep_for(1s);
            said += who;
        };
        cppvaldi::thread a(sleep, 'a');
        cppvaldi::thread b(sleep, 'b');
        a.join();
        b.join();
    });
    BOOST_TEST(found.are({"ab", "ba"}), found);
}

BOOST_AUTO_TEST_CASE(time_stands_while_somebody_can_run) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::binary_semaphore never(0);
        cppvaldi::binary_semaphore work(0);
        cppvaldi::thread waiter([&] { said += never.try_acquire_for(1ns) ? "?" : "timed out"; });
        cppvaldi::thread worker([&] {
            for (int step = 0; step < 3; ++step) {
                work.release();
                work.acquire();
            }
            said += elapsed() == 0ns ? "worked, " : "late, ";
        });
        worker.join();
        waiter.join();
    });
    BOOST_TEST(found.are({"worked, timed out"}), found);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_a_strategy_lets_pass_early_brings_all_earlier_ones) {
    const endings found = all_schedules(
        [](std::string& said) {
            cppvaldi::binary_semaphore never(0);
            const auto tell = [&said](char who) {
                said += who + std::to_string(elapsed() / 1s) + ' ';
                cppvaldi::this_thread::yield();
            };
            cppvaldi::thread sleeper([&] {
                cppvaldi::this_thread::sleep_until(steady_clock::time_point(1s));
                tell('s');
            });
            cppvaldi::thread waiter([&] {
                (void)never.try_acquire_until(steady_clock::time_point(2s));
                tell('w');
            });
            cppvaldi::thread patient([&] {
                (void)never.try_acquire_until(steady_clock::time_point(3s));
                tell('p');
            });
            sleeper.join();
            waiter.join();
            patient.join();
        },
        {.timeouts_are_decisions = true});
    // Nobody sees a time before his own deadline, or an earlier time than somebody before him. Who has come to the end of his
    // wait need not be chosen at once.
    BOOST_TEST(found.are({"s1 w2 p3 ", "s1 p3 w3 ", "w2 s2 p3 ", "w2 p3 s3 ", "p3 s3 w3 ", "p3 w3 s3 "}), found);
}

BOOST_AUTO_TEST_CASE(who_tries_again_and_again_with_a_deadline_keeps_nobody_asleep) {
    const auto program = [] {
        cppvaldi::binary_semaphore never(0);
        cppvaldi::atomic<bool> awake = false;
        cppvaldi::jthread sleeper([&] {
            cppvaldi::this_thread::sleep_for(1h);
            awake = true;
        });
        while (!awake) {
            (void)never.try_acquire_for(20min);
        }
        cppvaldi::require(elapsed() >= 1h, "time has come");
    };
    comes_out_clean(program, cppvaldi::exhaustive{.preemptions = 2});
}

BOOST_AUTO_TEST_CASE(sleeping_until_what_is_past_is_no_sleep) {
    alone([] {
        cppvaldi::this_thread::sleep_for(-1h);
        cppvaldi::this_thread::sleep_until(steady_clock::time_point::min());
        cppvaldi::this_thread::sleep_until(std::chrono::time_point<system_clock, std::chrono::hours>::min());
        cppvaldi::this_thread::sleep_for(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()));
        BOOST_TEST((elapsed() == 0s));
        cppvaldi::this_thread::sleep_for(std::chrono::duration<double>(1.5));
        BOOST_TEST((elapsed() == 1500ms));
        cppvaldi::this_thread::sleep_for(std::chrono::duration<int, std::ratio<1, 3>>(1));
        BOOST_TEST((elapsed() == 1500ms + 333'333'334ns)); // rounded up
    });
}

BOOST_AUTO_TEST_CASE(deadlines_of_another_clock_are_taken_as_what_is_left_by_it) {
    alone([] {
        cppvaldi::this_thread::sleep_until(standing_clock::now() + 3s);
        BOOST_TEST((elapsed() == 3s));
        cppvaldi::this_thread::sleep_until(standing_clock::now() - 3s);
        BOOST_TEST((elapsed() == 3s));
    });
}

BOOST_AUTO_TEST_CASE(a_thousand_sleepers_with_a_deadline_each_wake_in_order) {
    cppvaldi::runner run;
    std::vector<int> order;
    for (int id = 0; id < 1000; ++id) {
        run.start(std::to_string(id), [&, id] {
            cppvaldi::this_thread::sleep_for(std::chrono::milliseconds(1 + id * 7919 % 1000));
            order.push_back(id * 7919 % 1000);
        });
    }
    run.finish();
    BOOST_TEST(order.size() == 1000U);
    BOOST_TEST(std::is_sorted(order.begin(), order.end()));
}
