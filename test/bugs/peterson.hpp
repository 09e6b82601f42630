#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Peterson's lock for two, with its two stores swapped: whoever says whose turn it is before he says that he wants to come in
/// may be overtaken in between.
inline void peterson_body(version is) {
    cppvaldi::atomic<int> wants[2] = {};
    cppvaldi::atomic<int> turn{0};
    cppvaldi::atomic<int> inside{0};
    together(2, "process", [&](int me) {
        const int other = 1 - me;
        if (is == version::mended) {
            wants[me].store(1);
            turn.store(other);
        } else {
            turn.store(other);
            wants[me].store(1);
        }
        while (wants[other].load() == 1 && turn.load() == other) {
            cppvaldi::this_thread::yield();
        }
        const int others = inside.fetch_add(1);
        cppvaldi::require(others == 0, "one at a time is inside");
        inside.fetch_sub(1);
        wants[me].store(0);
    });
}

inline bug peterson() {
    return {"peterson",
            &peterson_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 100},
             {cppvaldi::random{.seed = 1}, 200},
             {cppvaldi::pct{.seed = 1}, 1'000},
             {cppvaldi::pos{.seed = 1}, 100},
             {cppvaldi::surw{.seed = 1}, 200}},
            {{cppvaldi::exhaustive{.preemptions = 3}, 2'000}}};
}

} // namespace bugs
