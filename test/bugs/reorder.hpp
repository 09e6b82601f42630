#pragma once

#include "bugs/bug.hpp"

#include <string>
#include <vector>

namespace bugs {

/// All threads but one write two values, always the same two; the last one reads both, and may see the first without the second
/// as long as no writer has come to its end. The more writers there are, the sooner one has. Each thread's making is a
/// step too, as in the programs of this name in the literature. Mended, a lock makes the two writes one.
template <int Threads>
void reorder_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::atomic<int> first{0};
    cppvaldi::atomic<int> second{0};
    const auto write = [&] {
        cppvaldi::unique_lock held(guard, cppvaldi::defer_lock);
        if (is == version::mended) {
            held.lock();
        }
        first.store(1);
        second.store(-1);
    };
    const auto read = [&] {
        cppvaldi::unique_lock held(guard, cppvaldi::defer_lock);
        if (is == version::mended) {
            held.lock();
        }
        cppvaldi::require(first.load() + second.load() == 0, "both values are written, or neither");
    };
    std::vector<cppvaldi::thread> threads;
    for (int number = 1; number < Threads; ++number) {
        threads.emplace_back("writer-" + std::to_string(number), write);
        cppvaldi::checkpoint("made a writer");
    }
    threads.emplace_back("reader", read);
    for (cppvaldi::thread& each : threads) {
        each.join();
    }
}

inline bug reorder_3() {
    return {"reorder_3",
            &reorder_body<3>,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 100},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 5'000}}};
}

inline bug reorder_5() {
    return {"reorder_5",
            &reorder_body<5>,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 2'000},
             {cppvaldi::random{.seed = 1}, 200},
             {cppvaldi::pct{.seed = 1}, 500},
             {cppvaldi::pos{.seed = 1}, 100},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{.preemptions = 1}, 5'000}, {cppvaldi::random{.seed = 1}, 2'000}}};
}

inline bug reorder_10() {
    return {"reorder_10",
            &reorder_body<10>,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::pct{.seed = 1}, 2'000}, {cppvaldi::pos{.seed = 1}, 50'000}, {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::random{.seed = 1}, 2'000}}};
}

inline bug reorder_20() {
    return {"reorder_20",
            &reorder_body<20>,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::pct{.seed = 1}, 10'000}, {cppvaldi::surw{.seed = 1}, 100}},
            {{cppvaldi::random{.seed = 1}, 500}}};
}

} // namespace bugs
