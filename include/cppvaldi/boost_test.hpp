#pragma once

/// Test cases of Boost.Test that are explored.
///
///     CPPVALDI_TEST_CASE(no_withdrawal_is_lost, cppvaldi::exhaustive{.preemptions = 2}) {
///         account acc;
///         cppvaldi::jthread alice{"alice", [&] { acc.withdraw(30); }};
///         ...
///         BOOST_TEST(acc.balance == 20);
///     }
///
/// `BOOST_TEST`, `BOOST_CHECK`, `BOOST_REQUIRE` and their kin may stand in every starter: a check that fails ends the execution
/// and is a finding. Boost.Test's log and its counts are told of one execution only: the one that shows the finding, or the last
/// one. What fails is logged once, and the timeline and the line that replays it are its context.
///
/// In ordinary test cases the timelines of runners that are alive belong to the context of whatever fails.
///
/// Include Boost.Test as you are used to before this header, or not at all: it includes <boost/test/unit_test.hpp>.

#include <cppvaldi/detail/boost_test_log.hpp>

#include <cppvaldi/explore.hpp>

#include <boost/test/execution_monitor.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace cppvaldi {

namespace detail {

/// Writes an entry and its contexts, the last of which is `further` if that is not empty, in the log.
inline void write_entry(const log_entry& entry, const std::string& further = {}) {
    namespace ut = boost::unit_test;
    for (const std::string& each : entry.contexts) {
        add_test_context(each);
    }
    if (!further.empty()) {
        add_test_context(further);
    }
    ut::unit_test_log << ut::log::begin(entry.file, entry.line) << entry.level;
    ut::unit_test_log << ut::const_string(entry.text);
    ut::unit_test_log << ut::log::end();
}

/// Tells Boost.Test of a finding. Rethrows what left a starter, and ends the test case where a `BOOST_REQUIRE` failed. `failed` is
/// the check's entry, if the finding is a check that failed.
inline void tell_of_finding(const exploration& found, const log_entry* failed) {
    namespace ut = boost::unit_test;
    const std::string report = found.finding->report();
    const std::size_t first_line = report.find('\n');
    const std::string context = "found in execution " + std::to_string(found.executions) + '\n' +
                                report.substr(first_line + 1) +
                                "and nothing else: --run_test=" + ut::framework::current_test_case().full_name();
    if (found.finding->what == finding::kind::exception) {
        add_test_context(context);
        std::rethrow_exception(found.finding->exception);
    }
    write_entry(failed != nullptr ? *failed : entry_of_case(ut::log_all_errors, report.substr(0, first_line)), context);
    ut::framework::assertion_result(ut::AR_FAILED);
    if (failed != nullptr && failed->level == ut::log_fatal_errors) {
        ut::framework::test_unit_aborted(ut::framework::current_test_unit());
        throw boost::execution_aborted();
    }
}

/// Tells Boost.Test what an exploration came to, as if the test case had run once.
inline void tell_boost_test(const exploration& found, const test_record& said) {
    namespace ut = boost::unit_test;
    const bool check_failed = said.failed && found.finding && found.finding->what == finding::kind::check;
    for (std::size_t position = 0; position + (check_failed ? 1 : 0) < said.entries.size(); ++position) {
        write_entry(said.entries[position]);
    }
    for (std::size_t count = 0; count < said.passed; ++count) {
        ut::framework::assertion_result(ut::AR_PASSED);
    }
    for (std::size_t count = 0; count < said.warned; ++count) {
        ut::framework::assertion_result(ut::AR_TRIGGERED);
    }
    if (found.finding) {
        tell_of_finding(found, check_failed ? &said.entries.back() : nullptr);
        return;
    }
    const std::string executions =
        std::to_string(found.executions) + (found.executions == 1 ? " execution" : " executions");
    write_entry(entry_of_case(ut::log_successful_tests,
                              "nothing is found in " + executions +
                                  (found.complete ? "; all are explored" : "; not all are explored")));
    ut::framework::assertion_result(ut::AR_PASSED);
}

} // namespace detail

namespace boost_test {

/// Explores inside a test case, and tells Boost.Test what comes of it. `body` runs once in every execution, fixtures and all that
/// it needs made anew. What follows the strategy is what `cppvaldi::explore` takes; without any limits there are 10,000
/// executions at the most. For data-driven cases, and where one case explores several bodies.
template <typename Strategy, typename... Limits>
exploration check(const std::function<void()>& body, Strategy&& by, const Limits&... until) {
    detail::boost_test_log& log = detail::boost_test_log::instance();
    const std::function<void()> told = [&] {
        log.begin_execution();
        body();
    };
    exploration found;
    {
        struct listening {
            detail::boost_test_log& log;
            explicit listening(detail::boost_test_log& listener) : log(listener) { log.begin(); }
            listening(const listening&) = delete;
            listening& operator=(const listening&) = delete;
            ~listening() { log.end(); }
        } for_now(log);
        if constexpr (sizeof...(Limits) == 0) {
            found = explore(told, std::forward<Strategy>(by), limits{.executions = 10'000});
        } else {
            found = explore(told, std::forward<Strategy>(by), until...);
        }
    }
    detail::tell_boost_test(found, log.take_record());
    return found;
}

/// What a test case is derived from that has no fixture around all its executions.
struct no_fixture {};

/// Runs one execution of a test case: its fixture is made, set up, torn down.
template <typename Body, typename... Samples>
void run_once(const Samples&... samples) {
    Body one;
    boost::unit_test::setup_conditional(one);
    one.execute(samples...);
    boost::unit_test::teardown_conditional(one);
}

} // namespace boost_test
} // namespace cppvaldi

/// `BOOST_FIXTURE_TEST_CASE` for one that is explored: `CPPVALDI_FIXTURE_TEST_CASE(name, fixture, strategy, limits)`. The fixture
/// is made anew for every execution, under the kernel. Decorators stand before it: `BOOST_TEST_DECORATOR(* label("slow"))`.
#define CPPVALDI_FIXTURE_TEST_CASE(test_name, fixture, ...)                                                         \
    struct test_name##_execution : fixture {                                                                        \
        void execute();                                                                                             \
    };                                                                                                              \
    BOOST_FIXTURE_TEST_CASE(test_name, ::cppvaldi::boost_test::no_fixture) {                                        \
        (void)::cppvaldi::boost_test::check(&::cppvaldi::boost_test::run_once<test_name##_execution>, __VA_ARGS__); \
    }                                                                                                               \
    void test_name##_execution::execute()

/// `BOOST_DATA_TEST_CASE` with one sample for one that is explored: `CPPVALDI_DATA_TEST_CASE(name, dataset, sample, strategy,
/// limits)`. Include <boost/test/data/test_case.hpp> for it.
#define CPPVALDI_DATA_TEST_CASE(test_name, dataset, sample, ...)                                                \
    template <typename Sample>                                                                                  \
    struct test_name##_execution : BOOST_AUTO_TEST_CASE_FIXTURE {                                               \
        void execute(const Sample& sample);                                                                     \
    };                                                                                                          \
    BOOST_DATA_TEST_CASE_F(::cppvaldi::boost_test::no_fixture, test_name, dataset, sample) {                    \
        using one_sample = std::remove_cvref_t<decltype(sample)>;                                               \
        (void)::cppvaldi::boost_test::check(                                                                    \
            [&] { ::cppvaldi::boost_test::run_once<test_name##_execution<one_sample>>(sample); }, __VA_ARGS__); \
    }                                                                                                           \
    template <typename Sample>                                                                                  \
    void test_name##_execution<Sample>::execute(const Sample& sample)

/// `BOOST_AUTO_TEST_CASE` for one that is explored: `CPPVALDI_TEST_CASE(name, strategy, limits)`. In a suite with a fixture it has
/// that one, made anew for every execution.
#define CPPVALDI_TEST_CASE(test_name, ...) \
    CPPVALDI_FIXTURE_TEST_CASE(test_name, BOOST_AUTO_TEST_CASE_FIXTURE, __VA_ARGS__)
