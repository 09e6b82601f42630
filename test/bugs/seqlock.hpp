#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Readers copy a pair that is guarded by a sequence number, odd while it is written; this one looks before it copies, not after.
inline void seqlock_body(version is) {
    cppvaldi::atomic<unsigned> sequence{0};
    cppvaldi::atomic<int> left{0};
    cppvaldi::atomic<int> right{0};
    const auto write = [&] {
        sequence.fetch_add(1);
        left.store(1);
        right.store(1);
        sequence.fetch_add(1);
    };
    const auto read = [&] {
        for (;;) {
            const unsigned before = sequence.load();
            const int one = left.load();
            const int other = right.load();
            const bool changed = is == version::mended && sequence.load() != before;
            if (before % 2 == 0 && !changed) {
                cppvaldi::require(one == other, "both halves are of one writing");
                return;
            }
            cppvaldi::this_thread::yield();
        }
    };
    together({{"writer", write}, {"reader", read}});
}

inline bug seqlock() {
    return {"seqlock",
            &seqlock_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 100},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 100},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{.preemptions = 3}, 200}}};
}

} // namespace bugs
