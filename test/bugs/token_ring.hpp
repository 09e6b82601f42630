#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A token goes round three stations that wait on one condition; who hands it on wakes one of them, and that may not be the next.
inline void token_ring_body(version is) {
    constexpr int stations = 3;
    cppvaldi::mutex guard;
    cppvaldi::condition_variable moved;
    cppvaldi::shared<int> at{0};
    together(stations, "station", [&](int me) {
        cppvaldi::unique_lock held(guard);
        moved.wait(held, [&] { return at == me; });
        at = (me + 1) % stations;
        if (is == version::mended) {
            moved.notify_all();
        } else {
            moved.notify_one();
        }
    });
}

inline bug token_ring() {
    return {"token_ring",
            &token_ring_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 0}, 50},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 500}}};
}

} // namespace bugs
