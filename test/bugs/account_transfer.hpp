#pragma once

#include "bugs/bug.hpp"

#include <mutex>

namespace bugs {

/// Money on its way from one account to another is in neither; an auditor who adds them up then misses it.
inline void account_transfer_body(version is) {
    struct account {
        cppvaldi::mutex guard;
        cppvaldi::shared<int> balance{100};
    };
    account from;
    account to;
    const auto transfer = [&] {
        if (is == version::mended) {
            const cppvaldi::scoped_lock both(from.guard, to.guard);
            from.balance -= 30;
            to.balance += 30;
            return;
        }
        {
            const cppvaldi::lock_guard held(from.guard);
            from.balance -= 30;
        }
        const cppvaldi::lock_guard held(to.guard);
        to.balance += 30;
    };
    const auto audit = [&] {
        const cppvaldi::scoped_lock both(from.guard, to.guard);
        cppvaldi::require(from.balance + to.balance == 200, "no money is on its way unseen");
    };
    together({{"teller", transfer}, {"auditor", audit}});
}

inline bug account_transfer() {
    return {"account_transfer",
            &account_transfer_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 30},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{.preemptions = 3}, 50}}};
}

} // namespace bugs
