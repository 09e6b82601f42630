#pragma once

#include "bugs/bug.hpp"

#include <vector>

namespace bugs {

/// A stack whose operations lock, and whose users do not: between `empty` and `pop` another one pops.
inline void unlocked_check_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::shared<std::vector<int>> items{{1}};
    const auto empty = [&] {
        const cppvaldi::lock_guard held(guard);
        return items.read().empty();
    };
    const auto pop = [&] {
        const cppvaldi::lock_guard held(guard);
        cppvaldi::require(!items.read().empty(), "who pops finds an item");
        items->pop_back();
    };
    const auto pop_if_any = [&] {
        const cppvaldi::lock_guard held(guard);
        if (!items.read().empty()) {
            items->pop_back();
        }
    };
    const auto use = [&] {
        if (is == version::mended) {
            pop_if_any();
        } else if (!empty()) {
            pop();
        }
    };
    together({{"alice", use}, {"bob", use}});
}

inline bug unlocked_check() {
    return {"unlocked_check",
            &unlocked_check_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 50}}};
}

} // namespace bugs
