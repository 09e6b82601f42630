#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Both look whether there is enough in the account, both see that there is, and both take it.
inline void check_then_act_body(version is) {
    cppvaldi::atomic<int> balance{100};
    const auto withdraw = [&](int amount) {
        int seen = balance.load();
        if (is == version::mended) {
            while (seen >= amount && !balance.compare_exchange_strong(seen, seen - amount)) {}
        } else if (seen >= amount) {
            balance.fetch_sub(amount);
        }
    };
    together({{"alice", [&] { withdraw(70); }}, {"bob", [&] { withdraw(60); }}});
    cppvaldi::require(balance.load() >= 0, "the account is not overdrawn");
}

inline bug check_then_act() {
    return {"check_then_act",
            &check_then_act_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 10},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 20}}};
}

} // namespace bugs
