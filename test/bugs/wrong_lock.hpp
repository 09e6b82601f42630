#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Both take a lock around the same counter, but not the same lock.
inline void wrong_lock_body(version is) {
    cppvaldi::mutex of_alice{"of_alice"};
    cppvaldi::mutex of_bob{"of_bob"};
    cppvaldi::mutex& second = is == version::mended ? of_alice : of_bob;
    cppvaldi::atomic<int> counter{0};
    const auto count = [&](cppvaldi::mutex& guard) {
        const cppvaldi::lock_guard held(guard);
        const int seen = counter.load();
        counter.store(seen + 1);
    };
    together({{"alice", [&] { count(of_alice); }}, {"bob", [&] { count(second); }}});
    cppvaldi::require(counter.load() == 2, "both have counted");
}

inline bug wrong_lock() {
    return {"wrong_lock",
            &wrong_lock_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 100}}};
}

} // namespace bugs
