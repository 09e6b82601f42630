#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Readers and writers where readers go first: as long as one of them overlaps the next, a writer waits, however many come.
inline void starving_writer_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable changed;
    cppvaldi::shared<int> readers{0};
    cppvaldi::shared<bool> writing{false};
    cppvaldi::shared<bool> writer_waits{false};
    cppvaldi::shared<int> came_before_writer{0};
    const auto read = [&] {
        for (int round = 0; round < 2; ++round) {
            {
                cppvaldi::unique_lock held(guard);
                changed.wait(held, [&] { return !writing && !(is == version::mended && writer_waits); });
                ++readers;
                came_before_writer += writer_waits ? 1 : 0;
                cppvaldi::require(came_before_writer < 3, "a writer who waits is not overtaken again and again");
            }
            const cppvaldi::lock_guard held(guard);
            --readers;
            changed.notify_all();
        }
    };
    const auto write = [&] {
        cppvaldi::unique_lock held(guard);
        writer_waits = true;
        changed.wait(held, [&] { return readers == 0 && !writing; });
        writer_waits = false;
        writing = true;
        held.unlock();
        held.lock();
        writing = false;
        changed.notify_all();
    };
    together({{"reader-0", read}, {"reader-1", read}, {"writer", write}});
}

inline bug starving_writer() {
    return {"starving_writer",
            &starving_writer_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 3}, 200},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 1'000},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{.preemptions = 1}, 1'000}, {cppvaldi::random{.seed = 1}, 2'000}}};
}

} // namespace bugs
