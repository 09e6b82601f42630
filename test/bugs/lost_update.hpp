#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Two withdrawals, each by a load and a store: what one of them has written is overwritten by the other.
inline void lost_update_body(version is) {
    cppvaldi::atomic<int> balance{100};
    const auto withdraw = [&](int amount) {
        if (is == version::mended) {
            balance.fetch_sub(amount);
        } else {
            const int seen = balance.load();
            balance.store(seen - amount);
        }
    };
    together({{"alice", [&] { withdraw(30); }}, {"bob", [&] { withdraw(50); }}});
    cppvaldi::require(balance.load() == 20, "nobody's withdrawal is lost");
}

inline bug lost_update() {
    return {"lost_update",
            &lost_update_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 10},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 10}}};
}

} // namespace bugs
