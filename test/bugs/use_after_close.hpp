#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Shutdown: the connection is asked whether it is open, and closed by somebody else before it is used.
inline void use_after_close_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::atomic<bool> open{true};
    const auto send = [&] {
        cppvaldi::unique_lock held(guard, cppvaldi::defer_lock);
        if (is == version::mended) {
            held.lock();
        }
        if (open.load()) {
            cppvaldi::require(open.load(), "nothing is sent over a connection that is closed");
        }
    };
    const auto close = [&] {
        const cppvaldi::lock_guard held(guard);
        open.store(false);
    };
    together({{"sender", send}, {"closer", close}});
}

inline bug use_after_close() {
    return {"use_after_close",
            &use_after_close_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 50}}};
}

} // namespace bugs
