#pragma once

#include "bugs/bug.hpp"

#include <algorithm>
#include <vector>

namespace bugs {

/// Everybody takes the fork on the left, then waits for the one on the right. Mended, the last one begins on the right.
template <int Count>
void philosophers_body(version is) {
    std::vector<cppvaldi::mutex> forks(Count);
    together(Count, "philosopher", [&](int seat) {
        int first = seat;
        int second = (seat + 1) % Count;
        if (is == version::mended && second < first) {
            std::swap(first, second);
        }
        const cppvaldi::lock_guard held(forks[static_cast<std::size_t>(first)]);
        const cppvaldi::lock_guard held_too(forks[static_cast<std::size_t>(second)]);
    });
}

inline bug deadlock_of_two() {
    return {"deadlock_of_two",
            &philosophers_body<2>,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 100}}};
}

inline bug deadlock_of_three() {
    return {"deadlock_of_three",
            &philosophers_body<3>,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 2}, 300},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 100},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 2'000}}};
}

inline bug deadlock_of_five() {
    return {"deadlock_of_five",
            &philosophers_body<5>,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 4}, 5'000},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 500},
             {cppvaldi::pos{.seed = 1}, 100},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 1}, 20'000}, {cppvaldi::random{.seed = 1}, 2'000}}};
}

} // namespace bugs
