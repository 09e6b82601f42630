// call_once, and then the interleavings.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using cppvaldi::usage_error;

namespace {

struct adder {
    int sum = 0;
    void add(int first, const int& second) { sum += first + second; }
};

} // namespace

BOOST_AUTO_TEST_CASE(it_is_called_once_with_its_arguments) {
    static_assert(std::is_nothrow_default_constructible_v<cppvaldi::once_flag>);
    static_assert(!std::is_copy_constructible_v<cppvaldi::once_flag>);
    alone([] {
        cppvaldi::once_flag flag;
        adder sum;
        cppvaldi::call_once(flag, &adder::add, sum, 1, 2);
        cppvaldi::call_once(flag, &adder::add, sum, 1, 2);
        BOOST_TEST(sum.sum == 3); // what is called got `sum` itself, not a copy
        cppvaldi::once_flag other;
        cppvaldi::call_once(
            other, [&](std::unique_ptr<int> value) { sum.sum += *value; }, std::make_unique<int>(7));
        BOOST_TEST(sum.sum == 10);
    });
}

BOOST_AUTO_TEST_CASE(whoever_comes_first_calls_and_nobody_goes_on_before_it_is_done) {
    const endings found = all_schedules(
        [](std::string& said) {
            cppvaldi::once_flag flag;
            int calls = 0;
            bool done = false;
            bool right = true;
            const auto use = [&] {
                cppvaldi::call_once(flag, [&] {
                    ++calls;
                    cppvaldi::this_thread::yield();
                    done = true;
                });
                right = right && done;
            };
            cppvaldi::thread first(use);
            cppvaldi::thread second(use);
            use();
            first.join();
            second.join();
            said = right ? std::to_string(calls) : "went on early";
        },
        {.preemptions = 3});
    BOOST_TEST(found.are({"1"}), found);
}

BOOST_AUTO_TEST_CASE(when_it_throws_the_caller_gets_that_and_the_next_one_tries) {
    const endings found = all_schedules(
        [](std::string& said) {
            cppvaldi::once_flag flag;
            int tries = 0;
            int failures = 0;
            int successes = 0;
            const auto use = [&] {
                try {
                    cppvaldi::call_once(flag, [&] {
                        const int mine = ++tries;
                        cppvaldi::this_thread::yield();
                        if (mine == 1) {
                            throw std::runtime_error("not yet");
                        }
                        ++successes;
                    });
                } catch (const std::runtime_error&) {
                    ++failures;
                }
            };
            cppvaldi::thread first(use);
            cppvaldi::thread second(use);
            use();
            first.join();
            second.join();
            said = std::to_string(failures) + " failed, " + std::to_string(successes) + " succeeded";
        },
        {.preemptions = 2});
    BOOST_TEST(found.are({"1 failed, 1 succeeded"}), found);
}

BOOST_AUTO_TEST_CASE(who_waits_is_blocked_and_the_report_says_who_is_at_it) {
    cppvaldi::once_flag flag("setup");
    cppvaldi::runner run;
    const auto use = [&] { cppvaldi::call_once(flag, [] { cppvaldi::checkpoint("in it"); }); };
    cppvaldi::starter alice = run.start("alice", use);
    cppvaldi::starter bob = run.start("bob", use);
    run.declare({alice.at("in it"), bob.blocked(), alice.finished(), bob.finished()});
    run.run_to(bob.blocked());
    BOOST_TEST(run.status().find("waits for once flag setup at once.cpp:") != std::string::npos, run.status());
    BOOST_TEST(run.status().find(", held by alice since once.cpp:") != std::string::npos, run.status());
    run.finish();
    BOOST_TEST(bob.is_finished());
}

BOOST_AUTO_TEST_CASE(calling_it_from_what_it_calls_is_reported) {
    cppvaldi::once_flag flag("setup");
    const auto twice = [&] { cppvaldi::call_once(flag, [&] { cppvaldi::call_once(flag, [] {}); }); };
    BOOST_CHECK_EXCEPTION(alone(twice), usage_error,
                          says({"once flag setup: call_once at once.cpp:", "is called by what it is to call"}));
    BOOST_CHECK_THROW(twice(), usage_error);
}

BOOST_AUTO_TEST_CASE(two_flags_that_need_each_other_are_a_deadlock_in_some_schedules) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::once_flag first("first");
        cppvaldi::once_flag second("second");
        cppvaldi::thread other("other",
                               [&] { cppvaldi::call_once(second, [&] { cppvaldi::call_once(first, [] {}); }); });
        cppvaldi::call_once(first, [&] { cppvaldi::call_once(second, [] {}); });
        other.join();
        said = "fine";
    });
    BOOST_TEST(found.are({"fine", "deadlock: main waits for once flag second, held by other, who waits for once flag "
                                  "first, held by main"}),
               found);
}

BOOST_AUTO_TEST_CASE(a_flag_is_not_set_in_a_new_execution_unless_it_was_set_outside) {
    static constinit cppvaldi::once_flag flag;
    int calls = 0;
    const auto use = [&] { cppvaldi::call_once(flag, [&] { ++calls; }); };
    alone(use);
    alone(use);
    BOOST_TEST(calls == 2);
    cppvaldi::once_flag outside;
    cppvaldi::call_once(outside, [&] { ++calls; });
    cppvaldi::call_once(outside, [&] { ++calls; });
    alone([&] { cppvaldi::call_once(outside, [&] { ++calls; }); });
    BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(an_initialiser_that_is_unwound_has_not_been_done) {
    cppvaldi::once_flag flag;
    {
        cppvaldi::runner run;
        cppvaldi::starter alice =
            run.start("alice", [&] { cppvaldi::call_once(flag, [] { cppvaldi::checkpoint("in it"); }); });
        run.run_to(alice.at("in it"));
    }
    int calls = 0;
    alone([&] { cppvaldi::call_once(flag, [&] { ++calls; }); });
    BOOST_TEST(calls == 1);
}
