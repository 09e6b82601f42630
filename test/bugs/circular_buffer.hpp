#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// One producer, one consumer, a ring of two slots: the new end is published before the slot is filled.
inline void circular_buffer_body(version is) {
    constexpr int size = 2;
    constexpr int count = 3;
    cppvaldi::atomic<int> slots[size] = {};
    cppvaldi::atomic<int> head{0};
    cppvaldi::atomic<int> tail{0};
    const auto produce = [&] {
        for (int item = 1; item <= count; ++item) {
            const int mine = tail.load();
            while (mine - head.load() == size) {
                cppvaldi::this_thread::yield();
            }
            if (is == version::mended) {
                slots[mine % size].store(item);
                tail.store(mine + 1);
            } else {
                tail.store(mine + 1);
                slots[mine % size].store(item);
            }
        }
    };
    const auto consume = [&] {
        for (int item = 1; item <= count; ++item) {
            const int mine = head.load();
            while (tail.load() == mine) {
                cppvaldi::this_thread::yield();
            }
            const int got = slots[mine % size].load();
            cppvaldi::require(got == item, "items come out as they went in");
            head.store(mine + 1);
        }
    };
    together({{"producer", produce}, {"consumer", consume}});
}

inline bug circular_buffer() {
    return {"circular_buffer",
            &circular_buffer_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 20},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 100},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 2'000}, {cppvaldi::random{.seed = 1}, 1'000}}};
}

} // namespace bugs
