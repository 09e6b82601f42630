#pragma once

#include <cppvaldi/explore.hpp>
#include <cppvaldi/require.hpp>
#include <cppvaldi/strategies.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <functional>

/// Says in a starter what must hold there.
#define EXPECT(condition) ::cppvaldi::require(static_cast<bool>(condition), #condition)

/// Runs `body` under some interleavings, of which each must come out clean.
inline void holds(const std::function<void()>& body, std::uint64_t executions = 200) {
    const cppvaldi::exploration seen = cppvaldi::explore(body, cppvaldi::random{.seed = 1}, {.executions = executions});
    BOOST_REQUIRE_MESSAGE(!seen.finding, (seen.finding ? to_string(*seen.finding) : ""));
    BOOST_TEST(seen.executions == executions);
}

/// Runs `body` under interleavings until something is found, and returns that. It must be seen again under its schedule.
inline cppvaldi::finding found(const std::function<void()>& body, std::uint64_t executions = 2'000) {
    const cppvaldi::exploration seen = cppvaldi::explore(body, cppvaldi::random{.seed = 1}, {.executions = executions});
    BOOST_REQUIRE(seen.finding.has_value());
    const cppvaldi::exploration again = cppvaldi::explore(body, cppvaldi::replay{seen.finding->played});
    BOOST_REQUIRE(again.finding.has_value());
    BOOST_TEST(again.finding->report() == seen.finding->report());
    return *seen.finding;
}
