#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A subject calls its listener while it holds its own lock; the listener, which has a lock too, is about to call the subject.
inline void callback_deadlock_body(version is) {
    cppvaldi::mutex subject{"subject"};
    cppvaldi::mutex listener{"listener"};
    cppvaldi::shared<int> value{0};
    cppvaldi::shared<int> shown{0};
    const auto tell = [&](int told) {
        const cppvaldi::lock_guard held(listener);
        shown = told;
    };
    const auto change = [&] {
        cppvaldi::unique_lock held(subject);
        const int told = ++value;
        if (is == version::mended) {
            held.unlock();
        }
        tell(told);
    };
    const auto refresh = [&] {
        const cppvaldi::lock_guard held(listener);
        const cppvaldi::lock_guard held_too(subject);
        shown = value;
    };
    together({{"changer", change}, {"refresher", refresh}});
}

inline bug callback_deadlock() {
    return {"callback_deadlock",
            &callback_deadlock_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 100}}};
}

} // namespace bugs
