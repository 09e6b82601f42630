#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Who changes the counter locks, and who only looks at it thinks that he need not. No schedule shows that in what is seen; it is
/// a race in each.
inline void forgotten_lock_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::shared<int> counter{0};
    const auto count = [&] {
        const cppvaldi::lock_guard held(guard);
        ++counter;
    };
    const auto look = [&] {
        cppvaldi::unique_lock held(guard, cppvaldi::defer_lock);
        if (is == version::mended) {
            held.lock();
        }
        cppvaldi::require(counter.read() < 2, "it is counted once");
    };
    together({{"counter", count}, {"observer", look}});
}

inline bug forgotten_lock() {
    return {"forgotten_lock",
            &forgotten_lock_body,
            cppvaldi::finding::kind::data_race,
            {{cppvaldi::exhaustive{}, 1},
             {cppvaldi::random{.seed = 1}, 1},
             {cppvaldi::pct{.seed = 1}, 1},
             {cppvaldi::pos{.seed = 1}, 1},
             {cppvaldi::surw{.seed = 1}, 1}},
            {{cppvaldi::exhaustive{}, 50}}};
}

} // namespace bugs
