#pragma once

#include "bugs/bug.hpp"

#include <vector>

namespace bugs {

/// Whoever is woken takes it for granted that the item is still there; a third one may have come in between.
inline void wait_without_loop_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable filled;
    cppvaldi::shared<std::vector<int>> items;
    const auto take = [&] {
        cppvaldi::unique_lock held(guard);
        if (is == version::mended) {
            filled.wait(held, [&] { return !items.read().empty(); });
        } else if (items.read().empty()) {
            filled.wait(held);
        }
        cppvaldi::require(!items.read().empty(), "who takes an item finds one");
        items->pop_back();
    };
    const auto put = [&] {
        const cppvaldi::lock_guard held(guard);
        items->push_back(1);
        filled.notify_one();
    };
    together({{"consumer-0", take}, {"consumer-1", take}, {"producer", [&] {
                                                               put();
                                                               put();
                                                           }}});
}

inline bug wait_without_loop() {
    return {"wait_without_loop",
            &wait_without_loop_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 200},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 500},
             {cppvaldi::pos{.seed = 1}, 100},
             {cppvaldi::surw{.seed = 1}, 100}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 10'000}}};
}

} // namespace bugs
