#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A queue of jobs from which the owner takes at the bottom and a thief at the top. For the last job both ends meet, and who does
/// not settle that by a compare-and-exchange, but by a store, lets both have it.
inline void work_stealing_body(version is) {
    constexpr int jobs = 2;
    cppvaldi::atomic<int> top{0};
    cppvaldi::atomic<int> bottom{jobs};
    cppvaldi::shared<int> done[jobs]{};
    const auto take = [&] {
        const int last = bottom.load() - 1;
        bottom.store(last);
        int first = top.load();
        if (first < last) {
            ++done[last];
        } else {
            bool mine = first == last;
            if (mine && is == version::mended) {
                mine = top.compare_exchange_strong(first, first + 1);
            } else if (mine) {
                top.store(first + 1);
            }
            if (mine) {
                ++done[last];
            }
            bottom.store(last + 1);
        }
    };
    const auto steal = [&] {
        int first = top.load();
        if (first < bottom.load() && top.compare_exchange_strong(first, first + 1)) {
            ++done[first];
        }
    };
    together({{"owner",
               [&] {
                   take();
                   take();
               }},
              {"thief", steal}});
    for (const cppvaldi::shared<int>& times : done) {
        cppvaldi::require(times < 2, "no job is done twice");
    }
}

inline bug work_stealing() {
    return {"work_stealing",
            &work_stealing_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 100},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 2'000},
             {cppvaldi::pos{.seed = 1}, 200},
             {cppvaldi::surw{.seed = 1}, 100}},
            {{cppvaldi::exhaustive{}, 1'000}},
            {.data_races = false}}; // which it has as well, and which would be found first
}

} // namespace bugs
