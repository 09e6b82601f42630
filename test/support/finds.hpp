#pragma once

#include <cppvaldi/explore.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

/// What a search must find, or must not, within this.
inline constexpr cppvaldi::limits most{.executions = 300'000};

/// Explores a program that has its bug and returns what was found. By its token it is seen again, word for word.
template <typename Strategy>
cppvaldi::finding found_in(const std::function<void()>& body, const Strategy& by,
                           const cppvaldi::limits& until = most) {
    const cppvaldi::exploration explored = cppvaldi::explore(body, by, until);
    BOOST_REQUIRE_MESSAGE(explored.finding, "nothing was found in " << explored.executions << " executions");
    const auto played = cppvaldi::schedule::parse(explored.finding->played.token());
    const cppvaldi::exploration again =
        cppvaldi::explore(body, cppvaldi::replay{played}, {.executions = 1, .each = until.each});
    BOOST_REQUIRE(again.finding);
    BOOST_TEST(again.finding->report() == explored.finding->report());
    return *explored.finding;
}

/// Explores a program that has no bug, to the end.
template <typename Strategy>
void comes_out_clean(const std::function<void()>& body, const Strategy& by, const cppvaldi::limits& until = most) {
    const cppvaldi::exploration explored = cppvaldi::explore(body, by, until);
    BOOST_TEST(explored.complete, "not complete after " << explored.executions << " executions");
    BOOST_TEST(explored.executions > 1U);
    BOOST_TEST_MESSAGE(explored.executions << " executions");
    if (explored.finding) {
        BOOST_ERROR(explored.finding->report());
    }
}
