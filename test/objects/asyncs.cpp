// std::async: both policies, whose starter it is, and the destructor of its future.

#include <cppvaldi/cppvaldi.hpp>

#include "support/every_schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace cppvaldi;
using namespace std::chrono_literals;

namespace {

template <typename Body>
void in_execution(Body body) {
    runner run;
    run.start("main", body);
    run.finish();
    BOOST_TEST(run.done());
}

} // namespace

BOOST_AUTO_TEST_SUITE(asyncs)

static_assert(std::is_same_v<decltype(async([](int&&) -> char { return 'a'; }, 1)), future<char>>);
static_assert(std::is_same_v<decltype(async(launch::deferred, [] {})), future<void>>);

BOOST_AUTO_TEST_CASE(it_returns_what_the_function_returns_or_throws) {
    in_execution([] {
        BOOST_TEST(async([](int one, int other) { return one + other; }, 1, 2).get() == 3);
        BOOST_TEST(async(launch::async, [] { return 4; }).get() == 4);
        BOOST_TEST(async(launch::async | launch::deferred, [] { return 5; }).get() == 5);
        BOOST_TEST(*async([](std::unique_ptr<int> given) { return given; }, std::make_unique<int>(6)).get() == 6);
        int target = 7;
        BOOST_TEST(&async([](int& given) -> int& { return given; }, std::ref(target)).get() == &target);
        BOOST_CHECK_THROW(async([] { throw std::runtime_error("no"); }).get(), std::runtime_error);
        const std::string text = "hello";
        BOOST_TEST(async(&std::string::size, text).get() == 5U);
    });
}

BOOST_AUTO_TEST_CASE(the_default_policy_starts_a_starter) {
    in_execution([] {
        bool ran = false;
        const auto later = async([&] { ran = true; });
        this_thread::yield();
        BOOST_TEST(ran);
    });
}

BOOST_AUTO_TEST_CASE(starters_are_called_async_or_as_asked) {
    runner run;
    run.start("main", [] {
        const auto first = async([] {});
        const auto second = async([] {});
        const auto third = async("third", [] {});
    });
    run.finish();
    BOOST_TEST((run.trace_so_far().starters == std::vector<std::string>{"main", "async", "async-2", "third"}));
}

BOOST_AUTO_TEST_CASE(outside_an_execution_only_deferred_functions_work) {
    BOOST_CHECK_THROW((void)async([] {}), usage_error);
    auto later = async(launch::deferred, [](int number) { return number; }, 3);
    BOOST_TEST((later.wait_for(1h) == future_status::deferred));
    BOOST_TEST(later.get() == 3);
}

// --- deferred ---

BOOST_AUTO_TEST_CASE(a_deferred_function_runs_in_who_waits_and_only_then) {
    in_execution([] {
        thread::id ran_in;
        auto later = async(launch::deferred, [&] { ran_in = this_thread::get_id(); });
        BOOST_TEST((later.wait_for(1h) == future_status::deferred));
        BOOST_TEST((later.wait_until(steady_clock::now() + 1h) == future_status::deferred));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point()));
        this_thread::yield();
        BOOST_TEST((ran_in == thread::id()));
        later.wait();
        BOOST_TEST((ran_in == this_thread::get_id()));
        BOOST_TEST((later.wait_for(0s) == future_status::ready));
        later.get();
        int ran = 0;
        { const auto dropped = async(launch::deferred, [&] { ++ran; }); }
        BOOST_TEST(ran == 0);
        BOOST_CHECK_THROW(async(launch::deferred, [] { throw std::runtime_error("no"); }).get(), std::runtime_error);
    });
}

BOOST_AUTO_TEST_CASE(a_deferred_function_runs_once_in_every_schedule) {
    std::set<int> runners;
    (void)in_every_schedule([&] {
        int runs = 0;
        thread::id ran_in;
        const shared_future<void> later = async(launch::deferred, [&] {
                                              ++runs;
                                              ran_in = this_thread::get_id();
                                              this_thread::yield();
                                          }).share();
        thread first("first", [later] { later.get(); });
        thread second("second", [later] { later.wait(); });
        const thread::id first_id = first.get_id();
        first.join();
        second.join();
        BOOST_REQUIRE(runs == 1);
        runners.insert(ran_in == first_id ? 1 : 2);
    });
    BOOST_TEST((runners == std::set<int>{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_loop_that_waits_for_a_deferred_function_to_be_ready_is_found) {
    runner run;
    run.start("main", [] {
        const auto never = async(launch::deferred, [] {});
        while (never.wait_for(1ms) != future_status::ready) {
        }
    });
    BOOST_CHECK_THROW(run.finish(), livelock);
}

// --- the destructor ---

BOOST_AUTO_TEST_CASE(the_last_future_waits_for_the_end_of_the_function_in_every_schedule) {
    (void)in_every_schedule([] {
        bool ended = false;
        {
            const auto later = async([&] {
                this_thread::yield();
                ended = true;
            });
        }
        BOOST_REQUIRE(ended);
        ended = false;
        (void)async([&] { ended = true; });
        BOOST_REQUIRE(ended);
        ended = false;
        {
            const shared_future<void> first = async([&] { ended = true; });
            const shared_future<void> second = first; // NOLINT(performance-unnecessary-copy-initialization)
        }
        BOOST_REQUIRE(ended);
    });
}

BOOST_AUTO_TEST_CASE(the_future_of_a_promise_does_not_wait) {
    in_execution([] {
        promise<void> never;
        { const future<void> dropped = never.get_future(); }
    });
}

BOOST_AUTO_TEST_CASE(two_asyncs_whose_futures_are_dropped_run_one_after_the_other) {
    (void)in_every_schedule([] {
        std::string order;
        (void)async([&] {
            order += 'a';
            this_thread::yield();
            order += 'b';
        });
        (void)async([&] { order += 'c'; });
        BOOST_REQUIRE(order == "abc");
    });
}

// --- reports ---

BOOST_AUTO_TEST_CASE(a_report_names_the_starter_that_is_to_set_the_value) {
    runner run;
    const starter main = run.start("main", [] { async("worker", [] { checkpoint("working"); }).get(); });
    run.run_to(main.blocked());
    BOOST_TEST(run.status().find("waits for future worker at asyncs.cpp:") != std::string::npos);
    BOOST_TEST(run.status().find(", to be set by worker") != std::string::npos);
    run.finish();
}

BOOST_AUTO_TEST_CASE(two_that_wait_for_each_other_are_a_deadlock_with_the_cycle) {
    runner run;
    run.start("main", [] {
        mutex m;
        const lock_guard<mutex> lock(m);
        async("worker", [&] { const lock_guard<mutex> inner(m); }).get();
    });
    run.start("busy", [] {
        for (int round = 0; round < 1000; ++round) {
            this_thread::yield();
        }
    });
    BOOST_CHECK_EXCEPTION(run.finish(), deadlock, [](const deadlock& found) {
        const std::string text = found.what();
        BOOST_TEST_MESSAGE(text);
        return text.find("main waits for future worker, to be set by worker, who waits for mutex") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
