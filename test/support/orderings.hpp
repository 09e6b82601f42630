#pragma once

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <functional>

namespace orderings {

using cppvaldi::finding;
using cppvaldi::shared;
using cppvaldi::thread;

/// No interleaving has a race.
inline void silent(const std::function<void()>& body) {
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::exhaustive{}, {.executions = 100'000});
    BOOST_TEST(found.complete);
    if (found.finding) {
        BOOST_ERROR(found.finding->report());
    }
}

/// Some interleaving has a race. Returns how many executions it took to see it.
inline std::uint64_t racy(const std::function<void()>& body, const cppvaldi::given& only = {}) {
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::exhaustive{}, {.executions = 100'000}, only);
    BOOST_REQUIRE(found.finding);
    BOOST_TEST(found.finding->what == finding::kind::data_race, found.finding->report());
    return found.executions;
}

/// Runs both as threads.
inline void both(const std::function<void()>& one, const std::function<void()>& other) {
    thread alice("alice", one);
    thread bob("bob", other);
    alice.join();
    bob.join();
}

/// The same with three.
inline void all(const std::function<void()>& one, const std::function<void()>& other,
                const std::function<void()>& third) {
    thread carol("carol", third);
    both(one, other);
    carol.join();
}

inline int seen(const shared<int>& data) { return data.read(); }

} // namespace orderings
