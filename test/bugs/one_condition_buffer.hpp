#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A buffer for one item, with one condition for both sides: the one who is woken may be of the same side as the one who wakes,
/// and then nobody is left to go on.
inline void one_condition_buffer_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable changed;
    cppvaldi::shared<int> items{0};
    const auto wake = [&] {
        if (is == version::mended) {
            changed.notify_all();
        } else {
            changed.notify_one();
        }
    };
    const auto put = [&] {
        cppvaldi::unique_lock held(guard);
        changed.wait(held, [&] { return items < 1; });
        ++items;
        wake();
    };
    const auto take = [&] {
        cppvaldi::unique_lock held(guard);
        changed.wait(held, [&] { return items > 0; });
        --items;
        wake();
    };
    together({{"producer",
               [&] {
                   put();
                   put();
               }},
              {"consumer-0", take},
              {"consumer-1", take}});
}

inline bug one_condition_buffer() {
    return {"one_condition_buffer",
            &one_condition_buffer_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 1}, 50},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 100},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 5'000}}};
}

} // namespace bugs
