#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// A weak owner becomes a strong one if there still is one: it looks first and adds itself later, when the object may be gone.
inline void weak_reference_body(version is) {
    cppvaldi::atomic<int> owners{1};
    cppvaldi::atomic<bool> alive{true};
    const auto drop = [&] {
        if (owners.fetch_sub(1) == 1) {
            alive.store(false);
        }
    };
    const auto lock_weak = [&] {
        int seen = owners.load();
        if (is == version::mended) {
            while (seen > 0 && !owners.compare_exchange_strong(seen, seen + 1)) {}
            return seen > 0;
        }
        if (seen == 0) {
            return false;
        }
        owners.fetch_add(1);
        return true;
    };
    const auto observe = [&] {
        if (lock_weak()) {
            cppvaldi::require(alive.load(), "an object with an owner is alive");
            drop();
        }
    };
    together({{"owner", drop}, {"observer", observe}});
}

inline bug weak_reference() {
    return {"weak_reference",
            &weak_reference_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{}, 100}}};
}

} // namespace bugs
