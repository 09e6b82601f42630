// Reports have colours on a terminal only, and there only if nobody objects.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <regex>
#include <sstream>
#include <string>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cppvaldi;

namespace {

finding lost_update() {
    const exploration found = explore(
        [] {
            int count = 0;
            const auto add = [&] {
                const int seen = count;
                checkpoint("seen", seen);
                count = seen + 1;
            };
            cppvaldi::thread one{"one", add};
            cppvaldi::thread two{"two", add};
            one.join();
            two.join();
            require(count == 2, "both have added");
        },
        exhaustive{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    return *found.finding;
}

std::string without_escapes(const std::string& text) {
    return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "");
}

/// Returns what reaches a terminal when a program whose environment has this prints to it. A terminal makes \n\r of \n.
template <typename Printing>
std::string on_terminal(const char* no_colour, const char* terminal, Printing print) {
    std::cout.flush();
    std::fflush(nullptr); // or the child writes it once more
    int master = -1;
    const pid_t child = ::forkpty(&master, nullptr, nullptr, nullptr);
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) {
        no_colour == nullptr ? ::unsetenv("NO_COLOR") : ::setenv("NO_COLOR", no_colour, 1);
        ::setenv("TERM", terminal, 1);
        print();
        std::cout.flush();
        std::_Exit(0);
    }
    std::string text;
    char buffer[1024];
    for (ssize_t count = 0; (count = ::read(master, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(count));
    }
    ::waitpid(child, nullptr, 0);
    ::close(master);
    std::erase(text, '\r');
    return text;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(colours_of_reports, clean_world)

BOOST_AUTO_TEST_CASE(each_starter_has_a_colour_and_nothing_else_changes) {
    const finding found = lost_update();
    const std::string coloured = found.report(colours::ansi);
    BOOST_TEST(without_escapes(coloured) == found.report());
    BOOST_TEST(coloured.find("\x1b[1;31mfailed requirement: both have added") == 0U);
    BOOST_TEST(coloured.find("\x1b[33mone\x1b[0m") != std::string::npos);
    BOOST_TEST(coloured.find("\x1b[33mseen = 0\x1b[0m") != std::string::npos);
    BOOST_TEST(coloured.find("\x1b[35mseen = 0\x1b[0m") != std::string::npos);
    BOOST_TEST(coloured.find("\x1b[1mCPPVALDI_REPLAY=") != std::string::npos);
    const std::size_t steps = found.shown.steps.size();
    BOOST_TEST(without_escapes(found.shown.timeline(steps, colours::ansi)) == found.shown.timeline());
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_no_terminal_gets_none) {
    std::ostringstream out;
    out << lost_update();
    BOOST_TEST(out.str() == to_string(lost_update()));
    BOOST_TEST(out.str().find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_colours_unless_the_environment_says_otherwise) {
    const finding found = lost_update();
    const auto print = [&] { std::cout << found; };
    const std::string coloured = on_terminal(nullptr, "xterm", print);
    BOOST_TEST(coloured.find('\x1b') != std::string::npos);
    BOOST_TEST(without_escapes(coloured) == to_string(found));
    BOOST_TEST(on_terminal("", "xterm", print) == coloured);
    BOOST_TEST(on_terminal("1", "xterm", print) == to_string(found));
    BOOST_TEST(on_terminal(nullptr, "dumb", print) == to_string(found));
}

BOOST_AUTO_TEST_CASE(so_does_a_timeline_and_standard_error) {
    const finding found = lost_update();
    const std::string coloured = on_terminal(nullptr, "xterm", [&] { std::cerr << found.shown; });
    BOOST_TEST(coloured == found.shown.timeline(found.shown.steps.size(), colours::ansi));
}

BOOST_AUTO_TEST_CASE(what_is_collected_in_a_buffer_gets_none) {
    const finding found = lost_update();
    const std::string collected = on_terminal(nullptr, "xterm", [&] {
        std::ostringstream collecting;
        std::streambuf* const before = std::cout.rdbuf(collecting.rdbuf());
        std::cout << found;
        std::cout.rdbuf(before);
        std::cout << collecting.str();
    });
    BOOST_TEST(collected == to_string(found));
}

BOOST_AUTO_TEST_SUITE_END()
