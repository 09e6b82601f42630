// What Boost.Test prints of explored test cases, and what it counts. The one argument after `--` is the program `explored`.

#include "support/golden.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <regex>
#include <string>

namespace {

struct outcome {
    int status = -1;
    std::string printed; ///< both streams, without folders in front of the program's source
};

/// AddressSanitizer remarks on a jump out of a starter's stack, in three lines.
std::string without_remarks_of_sanitizers(std::string text) {
    for (const char* begin : {"==", "False positive error reports", "For details see"}) {
        const std::size_t line = text.find(std::string("\n") + begin);
        if (line != std::string::npos) {
            text.erase(line, text.find('\n', line + 1) - line);
        }
    }
    return text;
}

/// Runs a command that finds the program as `$EXPLORED`.
outcome shell(const std::string& command) {
    const auto& given = boost::unit_test::framework::master_test_suite();
    BOOST_REQUIRE_MESSAGE(given.argc == 2, "usage: explored_output -- <the program explored>");
    const std::string set = "EXPLORED='" + std::string(given.argv[1]) + "'; { " + command + "; } 2>&1";
    std::FILE* const pipe = ::popen(set.c_str(), "r");
    BOOST_REQUIRE(pipe != nullptr);
    outcome result;
    std::array<char, 4096> piece{};
    for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
        result.printed.append(piece.data(), got);
    }
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.printed = std::regex_replace(result.printed, std::regex("[^ \\n\"']*/explored\\.cpp"), "explored.cpp");
    return result;
}

outcome run(const std::string& arguments) { return shell("\"$EXPLORED\" --color_output=no " + arguments); }

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

const std::string nothing_wrong = "Running 1 test case...\n\n*** No errors detected\n";

} // namespace

BOOST_AUTO_TEST_CASE(each_kind_of_finding_is_logged_once_with_its_timeline_and_how_to_replay_it) {
    const outcome all = run("--run_test=kinds");
    BOOST_TEST(all.status == 201);
    check_golden("adapters/golden/kinds.txt", all.printed);
    BOOST_TEST(count(all.printed, "CPPVALDI_REPLAY=") == 6U);
}

BOOST_AUTO_TEST_CASE(contexts_are_those_of_the_starter_and_those_around_the_exploration) {
    const outcome all = run("--run_test=contexts");
    BOOST_TEST(all.status == 201);
    check_golden("adapters/golden/contexts.txt", all.printed);
}

BOOST_AUTO_TEST_CASE(what_passes_prints_nothing_and_counts_as_one_execution) {
    for (const char* name : {"it_passes", "ten_thousand_executions_pass", "there_is_a_default_limit"}) {
        const outcome passed = run("--run_test=kinds/" + std::string(name));
        BOOST_TEST(passed.status == 0);
        BOOST_TEST(passed.printed == nothing_wrong);
    }
    // Two checks of the last execution, and one that nothing has been found.
    BOOST_TEST(
        count(run("--run_test=kinds/it_passes --report_level=detailed").printed, "3 assertions out of 3 passed") == 3U);
    const outcome warned = run("--run_test=kinds/ten_thousand_executions_pass --report_level=detailed");
    BOOST_TEST(count(warned.printed, "2 assertions out of 2 passed") == 3U);
    BOOST_TEST(count(warned.printed, "1 failed warning") == 3U);
}

BOOST_AUTO_TEST_CASE(log_levels_choose_as_they_always_do) {
    const std::string all =
        run("--run_test=kinds/it_passes,ten_thousand_executions_pass,there_is_a_default_limit --log_level=all").printed;
    check_golden("adapters/golden/log_level_all.txt",
                 std::regex_replace(all, std::regex("testing time: [0-9]+[a-z]+"), "testing time: short"));
    const std::string messages = run("--run_test=kinds/ten_thousand_executions_pass --log_level=message").printed;
    BOOST_TEST(count(messages, "\ndone\n") == 1U);
    BOOST_TEST(count(messages, "warning: in") == 1U);
    BOOST_TEST(count(messages, "info:") == 0U);
    const std::string warnings = run("--run_test=kinds/ten_thousand_executions_pass --log_level=warning").printed;
    BOOST_TEST(count(warnings, "done") == 0U);
    BOOST_TEST(count(warnings, "warning: in") == 1U);
    const std::string silent = run("--run_test=kinds/a_check_fails --log_level=nothing").printed;
    BOOST_TEST(count(silent, "error") == 0U);
    BOOST_TEST(count(silent, "1 failure is detected") == 1U);
}

BOOST_AUTO_TEST_CASE(critical_checks_and_exceptions_abort_their_case_and_no_other) {
    const std::string report = run("--run_test=kinds --report_level=detailed --log_level=nothing").printed;
    BOOST_TEST(count(report, "was aborted") + count(report, "aborted with") > 0U);
    check_golden("adapters/golden/detailed_report.txt", report);
}

BOOST_AUTO_TEST_CASE(other_formats_say_the_same) {
    const std::string xml = run("--run_test=kinds/a_check_fails,ten_thousand_executions_pass --log_format=XML").printed;
    BOOST_TEST(count(xml, "<Error ") == 1U);
    BOOST_TEST(count(xml, "CPPVALDI_REPLAY=") == 1U);
    const std::string junit =
        run("--run_test=kinds/a_check_fails,ten_thousand_executions_pass --log_format=JUNIT").printed;
    BOOST_TEST(count(junit, "<skipped") == count(junit, "<testcase ") - 2);
    BOOST_TEST(count(junit, "<failure ") == 1U);
    BOOST_TEST(count(junit, "CPPVALDI_REPLAY=") == 1U);
    BOOST_TEST(junit.size() < 10'000U); // not ten thousand executions
    const std::string both = run("--run_test=kinds/a_check_fails --logger=HRF,error:XML,error,stdout").printed;
    BOOST_TEST(count(both, "CPPVALDI_REPLAY=") == 2U);
}

BOOST_AUTO_TEST_CASE(fixtures_decorators_suites_and_data_are_at_home) {
    const outcome units = run("--run_test=units --report_level=short");
    BOOST_TEST(units.status == 201);
    check_golden("adapters/golden/units.txt", units.printed);
    BOOST_TEST(run("--run_test=units/a_failure_is_expected --log_level=nothing").status == 0);
    BOOST_TEST(run("--run_test=units/it_is_data_driven/_2").printed == nothing_wrong);
    BOOST_TEST(run("--run_test=units/with_a_fixture").status == 0);
}

BOOST_AUTO_TEST_CASE(the_line_that_replays_it_does) {
    const std::string found = run("--run_test=kinds/a_deadlock").printed;
    const std::size_t line = found.find("CPPVALDI_REPLAY=");
    BOOST_REQUIRE(line != std::string::npos);
    const std::string token = found.substr(line, found.find('\n', line) - line);
    const std::string again = shell(token + " \"$EXPLORED\" --color_output=no --run_test=kinds/a_deadlock").printed;
    BOOST_TEST(count(again, "CPPVALDI_REPLAY is set") == 1U);
    BOOST_TEST(count(again, found.substr(found.find("what happened"))) == 1U); // word for word
}

BOOST_AUTO_TEST_CASE(a_runner_in_an_ordinary_case_adds_its_timeline_to_what_fails) {
    check_golden("adapters/golden/runners.txt", run("--run_test=runners").printed);
}

BOOST_AUTO_TEST_CASE(a_crash_that_boost_test_catches_is_reported_and_ends_one_case) {
    const outcome crashed = shell("ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" " // of the frames that are jumped over
                                  "\"$EXPLORED\" --color_output=no --run_test=crashes --catch_system_errors=yes");
    BOOST_TEST(crashed.status == 201);
    check_golden("adapters/golden/crashes.txt", without_remarks_of_sanitizers(crashed.printed));
}

BOOST_AUTO_TEST_CASE(a_crash_that_nobody_catches_ends_the_program) {
    const outcome crashed = shell(
        "(\"$EXPLORED\" --color_output=no --run_test=crashes/a_starter_aborts --catch_system_errors=no); echo ended by $?");
    BOOST_TEST(count(crashed.printed, "cppvaldi: starter 'main' crashes (SIGABRT) after") == 1U);
    BOOST_TEST(count(crashed.printed, "ended by 134") == 1U);
}

BOOST_AUTO_TEST_CASE(a_formatter_of_the_program_s_own_stays) {
    const outcome failed = shell(
        "EXPLORED_FORMATTER=1 \"$EXPLORED\" --color_output=no --run_test=kinds/a_check_fails,ten_thousand_executions_pass");
    BOOST_TEST(count(failed.printed, "a check has failed") == 1U);
    BOOST_TEST(count(failed.printed, "CPPVALDI_REPLAY=") == 1U);
    BOOST_TEST(count(failed.printed, "error: in") == 1U);
}
