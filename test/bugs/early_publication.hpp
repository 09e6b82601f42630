#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A table says how many entries it has before the new one is filled in.
inline void early_publication_body(version is) {
    cppvaldi::atomic<int> entries[2] = {};
    cppvaldi::atomic<int> count{0};
    const auto add = [&] {
        for (int number = 0; number < 2; ++number) {
            if (is == version::mended) {
                entries[number].store(10 + number);
                count.store(number + 1);
            } else {
                count.store(number + 1);
                entries[number].store(10 + number);
            }
        }
    };
    const auto look = [&] {
        const int known = count.load();
        for (int number = 0; number < known; ++number) {
            cppvaldi::require(entries[number].load() == 10 + number, "an entry that counts is filled in");
        }
    };
    together({{"writer", add}, {"reader", look}});
}

inline bug early_publication() {
    return {"early_publication",
            &early_publication_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{}, 200}}};
}

} // namespace bugs
