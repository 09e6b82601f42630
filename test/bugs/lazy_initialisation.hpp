#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Whoever comes first makes the object; two come first.
inline void lazy_initialisation_body(version is) {
    cppvaldi::atomic<bool> made{false};
    cppvaldi::once_flag once;
    cppvaldi::atomic<int> times{0};
    const auto use = [&] {
        if (is == version::mended) {
            cppvaldi::call_once(once, [&] { times.fetch_add(1); });
        } else if (!made.load()) {
            times.fetch_add(1);
            made.store(true);
        }
    };
    together({{"alice", use}, {"bob", use}});
    cppvaldi::require(times.load() == 1, "the object is made once");
}

inline bug lazy_initialisation() {
    return {"lazy_initialisation",
            &lazy_initialisation_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 50}}};
}

} // namespace bugs
