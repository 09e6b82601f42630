#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A spin lock that looks and takes in two steps: two can look before either takes.
inline void broken_spinlock_body(version is) {
    cppvaldi::atomic<bool> taken{false};
    cppvaldi::atomic<int> inside{0};
    const auto work = [&] {
        if (is == version::mended) {
            while (taken.exchange(true)) {
                cppvaldi::this_thread::yield();
            }
        } else {
            while (taken.load()) {
                cppvaldi::this_thread::yield();
            }
            taken.store(true);
        }
        const int others = inside.fetch_add(1);
        cppvaldi::require(others == 0, "one at a time is inside");
        inside.fetch_sub(1);
        taken.store(false);
    };
    together({{"alice", work}, {"bob", work}});
}

inline bug broken_spinlock() {
    return {"broken_spinlock",
            &broken_spinlock_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 100},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 500},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 4}, 500}}};
}

} // namespace bugs
