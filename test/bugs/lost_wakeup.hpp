#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// The flag is looked at without the lock; when it is raised between the look and the wait, the notification reaches nobody.
inline void lost_wakeup_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable raised;
    cppvaldi::atomic<bool> flag{false};
    const auto wait = [&] {
        if (is == version::mended) {
            cppvaldi::unique_lock held(guard);
            raised.wait(held, [&] { return flag.load(); });
        } else if (!flag.load()) {
            cppvaldi::unique_lock held(guard);
            raised.wait(held);
        }
    };
    const auto raise = [&] {
        const cppvaldi::lock_guard held(guard);
        flag.store(true);
        raised.notify_one();
    };
    together({{"waiter", wait}, {"raiser", raise}});
}

inline bug lost_wakeup() {
    return {"lost_wakeup",
            &lost_wakeup_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 200}}};
}

} // namespace bugs
