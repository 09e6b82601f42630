// Bodies that a reduction cannot be applied to: they are told so, and never get a wrong count.

#include "support/fixture.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(bad_input, clean_world)

namespace {

using cppvaldi::atomic;
using cppvaldi::exploration;
using cppvaldi::finding;
using cppvaldi::thread;

void twice(const std::function<void()>& work) {
    thread p{"p", work};
    thread q{"q", work};
    p.join();
    q.join();
}

void expect(const exploration& found, finding::kind what, const std::string& part) {
    BOOST_REQUIRE(found.finding);
    BOOST_TEST((found.finding->what == what));
    BOOST_TEST(!found.complete);
    BOOST_TEST_CONTEXT(found.finding->message) { BOOST_TEST(found.finding->message.find(part) != std::string::npos); }
}

} // namespace

BOOST_AUTO_TEST_CASE(steps_without_end_run_into_the_limit_on_steps) {
    const exploration found = cppvaldi::explore(
        [] {
            atomic<int> x{0};
            twice([&] {
                for (;;) {
                    ++x;
                }
            });
        },
        cppvaldi::dpor{}, {.each = {.step_limit = 1'000}});
    expect(found, finding::kind::step_limit, "1000 steps");
    BOOST_TEST(to_string(*found.finding).find("about to modify") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(where_that_is_too_high_into_what_a_reduction_can_keep) {
    const exploration found = cppvaldi::explore(
        [] {
            atomic<int> x{0};
            twice([&] {
                for (;;) {
                    ++x;
                }
            });
        },
        cppvaldi::dpor{});
    expect(found, finding::kind::step_limit, "too much for a reduction to keep");
    BOOST_TEST(to_string(*found.finding).find("about to modify") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(so_do_starters_without_end) {
    std::function<void()> next;
    next = [&next] { thread{next}.detach(); };
    const exploration found =
        cppvaldi::explore([&] { next(); }, cppvaldi::dpor{}, {.each = {.stack_size_bytes = 16 * 1024}});
    expect(found, finding::kind::step_limit, "starters or more is too much for a reduction to keep");
}

BOOST_AUTO_TEST_CASE(a_body_that_does_something_else_each_time_is_found_out) {
    for (const int period : {2, 3, 5, 7}) {
        int executions = 0;
        const exploration found = cppvaldi::explore(
            [&] {
                atomic<int> x{0};
                atomic<int> y{0};
                ++executions;
                twice([&] {
                    for (int round = 0; round < 2; ++round) {
                        (void)x.load();
                        if (executions % period == 0) {
                            ++y;
                        }
                        x = round;
                    }
                });
            },
            cppvaldi::dpor{});
        BOOST_TEST_CONTEXT("period " << period) {
            expect(found, finding::kind::divergence, "depends on something that is not a decision");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_choice_that_is_too_large_is_refused) {
    expect(cppvaldi::explore([] { (void)cppvaldi::choose(4'000'000'000); }, cppvaldi::dpor{}),
           finding::kind::step_limit, "a choice of 4000000000 values is too much for a reduction to keep");
}

BOOST_AUTO_TEST_CASE(starters_that_nobody_lets_begin_run_into_a_limit) {
    const exploration found = cppvaldi::explore(
        [] {
            std::vector<thread> all;
            for (;;) {
                all.emplace_back([] {});
            }
        },
        cppvaldi::dpor{}, {.each = {.stack_size_bytes = 16 * 1024}});
    expect(found, finding::kind::step_limit, "starters before any of them begins");
}

BOOST_AUTO_TEST_CASE(late_changes_are_found_out_wherever_they_are_met_again) {
    // After so many executions none is remembered as a whole, only what the next one has in common with that before.
    const auto search = [](const std::function<void(bool, atomic<int>&, atomic<int>&)>& work) {
        int executions = 0;
        return cppvaldi::explore(
            [&] {
                atomic<int> x{0};
                atomic<int> y{0};
                const bool is_late = ++executions > 100;
                twice([&] { work(is_late, x, y); });
            },
            cppvaldi::dpor{});
    };
    expect(search([](bool is_late, atomic<int>& x, atomic<int>& y) {
               atomic<int>& on = is_late ? y : x;
               for (int round = 0; round < 3; ++round) {
                   (void)on.load();
                   on = round;
               }
           }),
           finding::kind::divergence, "on something else");
    expect(search([](bool is_late, atomic<int>& x, atomic<int>&) {
               for (int round = 0; round < 3; ++round) {
                   if (is_late) {
                       ++x;
                   } else {
                       (void)x.load();
                   }
                   x = round;
               }
           }),
           finding::kind::divergence, "in another");
}

BOOST_AUTO_TEST_SUITE_END()
