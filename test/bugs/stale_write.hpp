#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Each step is under the lock, but the lock is given up between the reading and the writing.
inline void stale_write_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::shared<int> visitors{0};
    const auto visit = [&] {
        guard.lock();
        const int seen = visitors;
        if (is == version::buggy) {
            guard.unlock();
            guard.lock();
        }
        visitors = seen + 1;
        guard.unlock();
    };
    together({{"alice", visit}, {"bob", visit}, {"carol", visit}});
    cppvaldi::require(visitors == 3, "every visitor is counted");
}

inline bug stale_write() {
    return {"stale_write",
            &stale_write_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 50},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 50}}};
}

} // namespace bugs
