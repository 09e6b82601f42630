#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A gate opens for all, but only one of those who wait is told.
inline void missed_notify_all_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable opened;
    cppvaldi::shared<bool> open{false};
    const auto pass = [&] {
        cppvaldi::unique_lock held(guard);
        opened.wait(held, [&] { return open; });
    };
    const auto open_it = [&] {
        const cppvaldi::lock_guard held(guard);
        open = true;
        if (is == version::mended) {
            opened.notify_all();
        } else {
            opened.notify_one();
        }
    };
    together({{"alice", pass}, {"bob", pass}, {"porter", open_it}});
}

inline bug missed_notify_all() {
    return {"missed_notify_all",
            &missed_notify_all_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 0}, 20},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 200}}};
}

} // namespace bugs
