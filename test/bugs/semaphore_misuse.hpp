#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Who finds the room taken goes away, and on the way out gives back a permit that he never had.
inline void semaphore_misuse_body(version is) {
    cppvaldi::counting_semaphore<3> room{1};
    cppvaldi::atomic<int> inside{0};
    together(3, "guest", [&](int) {
        const bool came_in = room.try_acquire();
        if (came_in) {
            const int others = inside.fetch_add(1);
            cppvaldi::require(others == 0, "one guest at a time is in the room");
            inside.fetch_sub(1);
        }
        if (came_in || is == version::buggy) {
            room.release();
        }
    });
}

inline bug semaphore_misuse() {
    return {"semaphore_misuse",
            &semaphore_misuse_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 100},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 200}},
            {{cppvaldi::exhaustive{.preemptions = 3}, 1'000}}};
}

} // namespace bugs
