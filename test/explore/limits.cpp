#include <cppvaldi/errors.hpp>
#include <cppvaldi/explore.hpp>

#include "explore/progress.hpp"
#include "explore/tally.hpp"
#include "strategies/generator.hpp"
#include "support/fixture.hpp"
#include "support/says.hpp"
#include "support/sketches.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

namespace {

using namespace std::chrono_literals;
using cppvaldi::exhaustive;
using cppvaldi::exploration;
using cppvaldi::explore;
using cppvaldi::limits;
using cppvaldi::line_of;
using cppvaldi::usage_error;

void six() { (void)run_sketch({"..", ".."}); }

/// Hands on what another decides, and counts for itself.
class counting final : public cppvaldi::strategy {
public:
    explicit counting(const exhaustive& described) : decides_(make_strategy(described)) {}

    bool begin_execution() override {
        deepest = std::max(deepest, steps - steps_before_);
        steps_before_ = steps;
        last_ = cppvaldi::nobody;
        return decides_->begin_execution();
    }

    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        const cppvaldi::starter_id chosen = decides_->next(point);
        ++steps;
        switches += last_ != cppvaldi::nobody && chosen != last_ ? 1 : 0;
        last_ = chosen;
        return chosen;
    }

    std::uint32_t value(const cppvaldi::value_point& point) override {
        ++steps;
        return decides_->value(point);
    }

    [[nodiscard]] bool completes() const override { return true; }

    std::uint64_t steps = 0;
    std::uint64_t switches = 0;
    std::uint64_t deepest = 0;

private:
    std::unique_ptr<cppvaldi::strategy> decides_;
    std::uint64_t steps_before_ = 0;
    cppvaldi::starter_id last_ = cppvaldi::nobody;
};

/// Lets the lowest go on, in every execution.
class lowest final : public cppvaldi::strategy {
public:
    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override { return point.enabled.first(); }
};

std::string printed(const exploration& shown) {
    std::ostringstream out;
    out << shown;
    return out.str();
}

void explore_with(const limits& until) { (void)explore(six, cppvaldi::random{}, until); }

} // namespace

BOOST_FIXTURE_TEST_SUITE(limits_and_counters, clean_world)

// --- limits ---

BOOST_AUTO_TEST_CASE(so_many_executions_are_run) {
    const exploration found = explore(six, cppvaldi::random{}, {.executions = 1'000});
    BOOST_TEST(found.executions == 1'000U);
    BOOST_TEST(!found.complete);
    BOOST_TEST(found.distinct == 6U);
    BOOST_TEST(explore(six, exhaustive{}, {.executions = 5}).executions == 5U);
    BOOST_TEST(explore(six, exhaustive{}, {.executions = 1}).executions == 1U);
}

BOOST_AUTO_TEST_CASE(a_search_that_ends_just_at_its_limit_is_complete) {
    BOOST_TEST(explore(six, exhaustive{}, {.executions = 6}).complete);
    BOOST_TEST(!explore(six, exhaustive{}, {.executions = 5}).complete);
    BOOST_TEST(explore(six, exhaustive{}, {.executions = 7}).executions == 6U);
}

BOOST_AUTO_TEST_CASE(the_execution_in_which_the_steps_are_used_up_is_the_last) {
    const std::uint64_t each = explore(six, exhaustive{}, {.executions = 1}).steps; // all are as long
    BOOST_TEST(explore(six, cppvaldi::random{}, {.steps = 10 * each}).executions == 10U);
    BOOST_TEST(explore(six, cppvaldi::random{}, {.steps = 10 * each + 1}).executions == 11U);
    BOOST_TEST(explore(six, cppvaldi::random{}, {.steps = 1}).executions == 1U);
}

BOOST_AUTO_TEST_CASE(a_search_ends_when_its_time_is_over) {
    const exploration found = explore(six, cppvaldi::random{}, {.time = 20ms});
    BOOST_TEST((found.time >= 20ms));
    BOOST_TEST(found.executions > 16U);
    BOOST_TEST(found.rate() > 0U);
    BOOST_TEST(explore(six, cppvaldi::random{}, {.time = 1ns}).executions == 1U);
}

BOOST_AUTO_TEST_CASE(whichever_limit_comes_first_counts) {
    BOOST_TEST(explore(six, cppvaldi::random{}, {.executions = 7, .steps = 1'000'000, .time = 1h}).executions == 7U);
    BOOST_TEST(explore(six, cppvaldi::random{}, {.executions = 1'000'000, .steps = 20, .time = 1h}).executions < 20U);
    BOOST_TEST((explore(six, cppvaldi::random{}, {.executions = 1'000'000'000, .time = 5ms}).time < 60s));
    const auto for_ever = std::chrono::nanoseconds::max();
    BOOST_TEST(explore(six, cppvaldi::random{}, {.executions = 3, .time = for_ever}).executions == 3U);
}

BOOST_AUTO_TEST_CASE(a_limit_that_allows_nothing_is_refused) {
    BOOST_CHECK_EXCEPTION(explore_with({.executions = 0}), usage_error, says({".executions = 0", "positive"}));
    BOOST_CHECK_EXCEPTION(explore_with({.steps = 0}), usage_error, says({".steps = 0", "positive"}));
    BOOST_CHECK_EXCEPTION(explore_with({.time = 0ns}), usage_error, says({".time = 0ns", "positive"}));
    BOOST_CHECK_EXCEPTION(explore_with({.executions = 5, .time = -3ms}), usage_error,
                          says({".time = -3000000ns", "leave it out"}));
}

BOOST_AUTO_TEST_CASE(a_search_without_an_end_is_refused) {
    BOOST_CHECK_EXCEPTION(explore_with({}), usage_error, says({"never completes", "limits{.time"}));
    lowest own;
    BOOST_CHECK_EXCEPTION((void)explore(six, own), usage_error, says({"never completes", "strategy::completes"}));
    BOOST_TEST(explore(six, own, {.executions = 4}).executions == 4U);
    BOOST_CHECK_THROW((void)explore(six, cppvaldi::portfolio{{cppvaldi::random{}, cppvaldi::pct{}}}), usage_error);
    BOOST_TEST(explore(six, cppvaldi::portfolio{{cppvaldi::random{}, exhaustive{}}}).complete);
}

// --- counters ---

BOOST_AUTO_TEST_CASE(steps_switches_and_the_deepest_are_those_that_the_strategy_has_decided) {
    const auto body = [] {
        (void)run_sketch({"(.)", "..", "."});
        (void)cppvaldi::choose(2);
    };
    counting by{exhaustive{}};
    const exploration found = explore(body, by);
    BOOST_TEST(found.complete);
    BOOST_TEST(found.steps == by.steps);
    BOOST_TEST(found.switches == by.switches);
    BOOST_TEST(found.deepest == by.deepest);
    BOOST_TEST(found.distinct == found.executions);
    BOOST_TEST(found.executions == 2U * 60U);
}

BOOST_AUTO_TEST_CASE(different_numbers_are_counted_one_by_one_up_to_65536) {
    cppvaldi::generator numbers(4);
    cppvaldi::distinct_counter counter;
    for (std::uint64_t number = 1; number <= 65'536; ++number) {
        const std::uint64_t drawn = numbers.next();
        counter.see(drawn);
        counter.see(drawn);
        BOOST_REQUIRE_EQUAL(counter.count(), number);
    }
    counter.see(0);
    counter.see(0);
    BOOST_TEST(counter.count() != 65'536U);
}

BOOST_AUTO_TEST_CASE(more_different_numbers_are_estimated_within_one_percent) {
    cppvaldi::generator numbers(4);
    cppvaldi::distinct_counter counter;
    for (std::uint64_t number = 1; number <= 2'000'000; ++number) {
        counter.see(numbers.next());
        if (number % 100'000 == 0) {
            BOOST_TEST(counter.count() > number * 99 / 100);
            BOOST_TEST(counter.count() < number * 101 / 100);
        }
    }
}

// --- the estimate ---

BOOST_AUTO_TEST_CASE(the_estimate_is_the_paths_so_far_by_their_weight) {
    // bbaa: two decisions with two alternatives each, a quarter of the whole. baab, baba: an eighth each. Then half of it is behind.
    BOOST_TEST(explore(six, exhaustive{}, {.executions = 1}).estimate.value() == 4U);
    BOOST_TEST(explore(six, exhaustive{}, {.executions = 2}).estimate.value() == 5U); // 2 / (3/8)
    BOOST_TEST(explore(six, exhaustive{}, {.executions = 3}).estimate.value() == 6U);
    BOOST_TEST(!explore(six, exhaustive{.preemptions = 2}, {.executions = 3}).estimate.has_value());
    BOOST_TEST(!explore(six, cppvaldi::random{}, {.executions = 3}).estimate.has_value());
}

BOOST_AUTO_TEST_CASE(an_estimate_comes_close_when_half_is_behind) {
    const exploration found = explore(
        [] {
            (void)run_sketch({"......", "......"});
        },
        exhaustive{}, {.executions = 462});
    BOOST_TEST(found.estimate.value() == 924U); // the two halves are alike
    const exploration third = explore(
        [] {
            (void)run_sketch({"...", "...", "..."});
        },
        exhaustive{}, {.executions = 300});
    BOOST_TEST(third.estimate.value() > 1680U / 3);
    BOOST_TEST(third.estimate.value() < 1680U * 3);
}

// --- what is printed ---

BOOST_AUTO_TEST_CASE(an_exploration_prints_as_one_line) {
    BOOST_TEST(printed({.complete = true, .executions = 20, .distinct = 20, .time = 600us}) ==
               "complete: 20 executions, 0.6 ms");
    BOOST_TEST(printed({.executions = 1'000, .distinct = 6, .time = 2500ms}) ==
               "stopped at the limit: 1,000 executions, 6 of them different, 2.5 s");
    BOOST_TEST(printed({.executions = 1'200, .distinct = 1'200, .time = 83s, .estimate = 10'000}) ==
               "stopped at the limit: 1,200 executions, 1 min 23 s, about 12% explored");
    BOOST_TEST(printed({.executions = 1, .distinct = 1, .time = 12ms, .estimate = 10'000}) ==
               "stopped at the limit: 1 execution, 12 ms, less than 1% explored");
    BOOST_TEST(printed({.executions = 1'000'000, .distinct = 100'352, .time = 3h + 5min}) ==
               "stopped at the limit: 1,000,000 executions, about 100,352 of them different, 3 h 5 min");
    BOOST_TEST(printed({.complete = true, .executions = 328, .by_class = true, .distinct = 328, .time = 600us}) ==
               "complete: 328 classes, 0.6 ms");
    BOOST_TEST(printed({.complete = true, .executions = 1, .by_class = true, .distinct = 1, .time = 600us}) ==
               "complete: 1 class, 0.6 ms");
    BOOST_TEST(printed({.executions = 500, .by_class = true, .distinct = 500, .time = 2ms, .estimate = 4'000}) ==
               "stopped at the limit: 500 classes, 2.0 ms, about 12% explored");
    BOOST_TEST(printed({.executions = 500, .distinct = 500, .time = 2ms, .estimate = 500}) ==
               "stopped at the limit: 500 executions, 2.0 ms, about 99% explored");
    exploration found{.executions = 3, .distinct = 3, .time = 1ms};
    found.finding.emplace();
    found.finding->what = cppvaldi::finding::kind::deadlock;
    BOOST_TEST(printed(found) == "deadlock: 3 executions, 1.0 ms");
}

BOOST_AUTO_TEST_CASE(the_progress_line_says_how_far_it_is) {
    BOOST_TEST(line_of({.executions = 30'000, .time = 2s, .estimate = 90'000}) ==
               "30,000 executions, 15,000 a second, about 33% of 90,000, 4.0 s left");
    BOOST_TEST(line_of({.executions = 30'000, .time = 2s}) == "30,000 executions, 15,000 a second");
    BOOST_TEST(line_of({.executions = 30'000, .time = 2s, .most_executions = 31'500}) ==
               "30,000 executions, 15,000 a second, 100 ms left");
    BOOST_TEST(line_of({.executions = 30'000, .time = 2s, .estimate = 90'000, .most_time = 3s}) ==
               "30,000 executions, 15,000 a second, about 33% of 90,000, 1.0 s left");
}

BOOST_AUTO_TEST_CASE(the_progress_line_comes_after_a_second_and_is_erased) {
    std::ostringstream out;
    {
        cppvaldi::progress_line line(out, true);
        BOOST_TEST(!line.is_due(999ms));
        BOOST_TEST(line.is_due(1s));
        line.show({.executions = 10, .time = 1s});
        BOOST_TEST(!line.is_due(1249ms));
        BOOST_TEST(line.is_due(1250ms));
    }
    BOOST_TEST(out.str() == "\r\x1b[Kcppvaldi: 10 executions, 10 a second\r\x1b[K");
    const cppvaldi::progress_line elsewhere(out, false);
    BOOST_TEST(!elsewhere.is_due(1h));
}

BOOST_AUTO_TEST_CASE(a_search_on_a_terminal_shows_its_progress) {
    int master = -1;
    int slave = -1;
    BOOST_REQUIRE_EQUAL(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const int before = ::dup(STDERR_FILENO);
    ::dup2(slave, STDERR_FILENO);
    const exploration found = explore(six, cppvaldi::random{}, {.time = 1100ms});
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    ::fcntl(master, F_SETFL, O_NONBLOCK);
    std::string shown;
    char text[256];
    for (auto size = ::read(master, text, sizeof text); size > 0; size = ::read(master, text, sizeof text)) {
        shown.append(text, static_cast<std::size_t>(size));
    }
    ::close(slave);
    ::close(master);
    BOOST_TEST(!found.complete);
    BOOST_TEST(shown.find("executions, ") != std::string::npos, shown);
    BOOST_TEST(shown.find(" left\r\x1b[K") == shown.size() - 9, shown);
}

BOOST_AUTO_TEST_SUITE_END()
