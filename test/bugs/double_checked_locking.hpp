#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// The first look is without the lock, and what it finds is published before it is complete.
inline void double_checked_locking_body(version is) {
    struct settings {
        cppvaldi::atomic<int> size{0};
    };
    cppvaldi::mutex guard;
    settings only;
    cppvaldi::atomic<settings*> instance{nullptr};
    const auto use = [&] {
        settings* found = instance.load();
        if (found == nullptr) {
            const cppvaldi::lock_guard held(guard);
            found = instance.load();
            if (found == nullptr) {
                found = &only;
                if (is == version::mended) {
                    found->size.store(10);
                    instance.store(found);
                } else {
                    instance.store(found);
                    found->size.store(10);
                }
            }
        }
        cppvaldi::require(found->size.load() == 10, "what is found is complete");
    };
    together({{"alice", use}, {"bob", use}});
}

inline bug double_checked_locking() {
    return {"double_checked_locking",
            &double_checked_locking_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 50},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 200}},
            {{cppvaldi::exhaustive{}, 500}}};
}

} // namespace bugs
