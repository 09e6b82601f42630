#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Shutdown: a worker that is told to stop goes at once, and leaves jobs behind that had been accepted.
inline void dropped_jobs_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable changed;
    cppvaldi::shared<int> accepted{0};
    cppvaldi::shared<int> waiting{0};
    cppvaldi::shared<int> done{0};
    cppvaldi::shared<bool> stop{false};
    const auto work = [&] {
        for (;;) {
            cppvaldi::unique_lock held(guard);
            changed.wait(held, [&] { return stop || waiting > 0; });
            if (stop && (is == version::buggy || waiting == 0)) {
                return;
            }
            --waiting;
            ++done;
        }
    };
    const auto own = [&] {
        for (int job = 0; job < 2; ++job) {
            const cppvaldi::lock_guard held(guard);
            ++accepted;
            ++waiting;
            changed.notify_one();
        }
        const cppvaldi::lock_guard held(guard);
        stop = true;
        changed.notify_one();
    };
    together({{"worker", work}, {"owner", own}});
    cppvaldi::require(done == accepted, "every job that was accepted is done");
}

inline bug dropped_jobs() {
    return {"dropped_jobs",
            &dropped_jobs_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 20},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 3}, 200}}};
}

} // namespace bugs
