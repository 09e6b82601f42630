#pragma once

#include <cppvaldi/explore.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>

/// Runs `body` in every schedule there is, timeouts included, and expects that nothing is found.
inline cppvaldi::exploration in_every_schedule(const std::function<void()>& body) {
    cppvaldi::exploration all = cppvaldi::explore(body, cppvaldi::exhaustive{});
    BOOST_TEST(all.complete);
    if (all.finding) {
        BOOST_ERROR(all.finding->report());
    }
    return all;
}
