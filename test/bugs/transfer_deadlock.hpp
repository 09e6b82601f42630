#pragma once

#include "bugs/bug.hpp"

#include <functional>

namespace bugs {

/// Each locks the account that it takes from before the one that it gives to; two transfers the other way round meet half-way.
inline void transfer_deadlock_body(version is) {
    struct account {
        int number;
        cppvaldi::mutex guard{};
        cppvaldi::shared<int> balance{100};
    };
    account savings{1};
    account current{2};
    const auto transfer = [&](account& from, account& to) {
        account& first = is == version::mended && to.number < from.number ? to : from;
        account& second = &first == &from ? to : from;
        const cppvaldi::lock_guard held(first.guard);
        const cppvaldi::lock_guard held_too(second.guard);
        from.balance -= 10;
        to.balance += 10;
    };
    together({{"alice", [&] { transfer(savings, current); }}, {"bob", [&] { transfer(current, savings); }}});
}

inline bug transfer_deadlock() {
    return {"transfer_deadlock",
            &transfer_deadlock_body,
            cppvaldi::finding::kind::deadlock,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 100}}};
}

} // namespace bugs
