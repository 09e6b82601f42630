#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Shutdown: the worker is told to stop without its lock, between its look at the flag and its wait, and sleeps for ever.
inline void stopped_worker_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable changed;
    cppvaldi::atomic<bool> stop{false};
    const auto work = [&] {
        cppvaldi::unique_lock held(guard);
        changed.wait(held, [&] { return stop.load(); });
    };
    const auto shut_down = [&] {
        if (is == version::mended) {
            const cppvaldi::lock_guard held(guard);
            stop.store(true);
        } else {
            stop.store(true);
        }
        changed.notify_all();
    };
    together({{"worker", work}, {"owner", shut_down}});
}

inline bug stopped_worker() {
    return {"stopped_worker",
            &stopped_worker_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{}, 200}}};
}

} // namespace bugs
