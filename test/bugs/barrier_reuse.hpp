#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A barrier that only counts: who is fast takes part in the second round while the slow ones have not left the first, and they
/// never do.
inline void barrier_reuse_body(version is) {
    constexpr int parties = 2;
    cppvaldi::mutex guard;
    cppvaldi::condition_variable full;
    cppvaldi::shared<int> arrived{0};
    cppvaldi::shared<int> phase{0};
    const auto arrive_and_wait = [&] {
        cppvaldi::unique_lock held(guard);
        const int mine = phase;
        if (++arrived == parties) {
            arrived = 0;
            ++phase;
            full.notify_all();
        } else if (is == version::mended) {
            full.wait(held, [&] { return phase != mine; });
        } else {
            full.wait(held, [&] { return arrived == 0; }); // which it may not be any more
        }
    };
    together(parties, "party", [&](int) {
        arrive_and_wait();
        arrive_and_wait();
    });
}

inline bug barrier_reuse() {
    return {"barrier_reuse",
            &barrier_reuse_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 0}, 10},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 3}, 200}}};
}

} // namespace bugs
