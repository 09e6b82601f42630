#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Two values that belong together, each under a lock of its own: who reads in between sees the first without the second.
inline void two_stage_body(version is) {
    cppvaldi::mutex first_guard{"first"};
    cppvaldi::mutex second_guard{"second"};
    cppvaldi::shared<int> first{0};
    cppvaldi::shared<int> second{0};
    const auto write = [&] {
        first_guard.lock();
        first = 1;
        if (is == version::buggy) {
            first_guard.unlock();
        }
        second_guard.lock();
        second = first + 1;
        second_guard.unlock();
        if (is == version::mended) {
            first_guard.unlock();
        }
    };
    const auto read = [&] {
        first_guard.lock();
        const int seen = first;
        first_guard.unlock();
        if (seen == 0) {
            return; // nothing has been written
        }
        second_guard.lock();
        const int then = second;
        second_guard.unlock();
        cppvaldi::require(then == seen + 1, "the second stage follows the first");
    };
    together({{"writer", write}, {"reader", read}});
}

inline bug two_stage() {
    return {"two_stage",
            &two_stage_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 30},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{}, 100}}};
}

} // namespace bugs
