#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Two workers race for an answer, and both find that nobody has given it yet: the second to give it gets an exception.
inline void promise_twice_body(version is) {
    cppvaldi::promise<int> answer;
    cppvaldi::future<int> asked = answer.get_future();
    cppvaldi::atomic<bool> given{false};
    together(2, "worker", [&](int me) {
        if (is == version::mended) {
            if (!given.exchange(true)) {
                answer.set_value(me);
            }
        } else if (!given.load()) {
            answer.set_value(me);
            given.store(true);
        }
    });
    (void)asked.get();
}

inline bug promise_twice() {
    return {"promise_twice",
            &promise_twice_body,
            cppvaldi::finding::kind::exception,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 50}}};
}

} // namespace bugs
