#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A wait may end without a notification, and this one does not look again. The mended one may be woken for ever, so that no search
/// of it is complete.
inline void spurious_wakeup_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable done;
    cppvaldi::shared<int> result{0};
    const auto wait = [&] {
        cppvaldi::unique_lock held(guard);
        if (is == version::mended) {
            done.wait(held, [&] { return result != 0; });
        } else if (result == 0) {
            done.wait(held);
        }
        cppvaldi::require(result == 7, "the result is there when the wait is over");
    };
    const auto work = [&] {
        const cppvaldi::lock_guard held(guard);
        result = 7;
        done.notify_one();
    };
    together({{"waiter", wait}, {"worker", work}});
}

inline bug spurious_wakeup() {
    return {"spurious_wakeup",
            &spurious_wakeup_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 50},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 100}},
            {{cppvaldi::random{.seed = 1}, 2'000}},
            {.spurious_wakeups = true}};
}

} // namespace bugs
