#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// The last owner is whoever sees a count of one; when two give up together nobody does, or both.
inline void reference_count_body(version is) {
    cppvaldi::atomic<int> owners{2};
    cppvaldi::atomic<int> destroyed{0};
    const auto drop = [&] {
        bool was_last = false;
        if (is == version::mended) {
            was_last = owners.fetch_sub(1) == 1;
        } else {
            was_last = owners.load() == 1;
            owners.fetch_sub(1);
        }
        if (was_last) {
            destroyed.fetch_add(1);
        }
    };
    together({{"alice", drop}, {"bob", drop}});
    cppvaldi::require(destroyed.load() == 1, "the object is destroyed once");
}

inline bug reference_count() {
    return {"reference_count",
            &reference_count_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 50}}};
}

} // namespace bugs
