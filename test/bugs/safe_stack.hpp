#pragma once

#include "bugs/bug.hpp"

#include <cstdint>

namespace bugs {

/// The stack of Dmitry Vyukov's that defies search: three threads take and give back the slots of a stack of three. Whoever takes
/// a slot marks its link first, so that ABA needs a slot to be taken, given back and taken once more, at just the right moments:
/// at least five preemptions. Mended, the head counts how often it was changed.
class safe_stack {
public:
    static constexpr int slots = 3;
    static constexpr int none = -1;

    explicit safe_stack(version is) : counted_(is == version::mended ? 1 : 0) {
        for (int slot = 0; slot < slots; ++slot) {
            next_[slot].store(slot + 1 < slots ? slot + 1 : none);
        }
    }

    /// Never takes the last slot.
    int pop() {
        while (count_.load() > 1) {
            std::uint64_t seen = head_.load();
            const int slot = slot_of(seen);
            const int next = next_[slot].exchange(none);
            if (next != none) {
                if (head_.compare_exchange_strong(seen, changed(seen, next))) {
                    count_.fetch_sub(1);
                    return slot;
                }
                next_[slot].exchange(next);
            }
        }
        return none;
    }

    void push(int slot) {
        std::uint64_t seen = head_.load();
        do {
            next_[slot].store(slot_of(seen));
        } while (!head_.compare_exchange_strong(seen, changed(seen, slot)));
        count_.fetch_add(1);
    }

private:
    static int slot_of(std::uint64_t head) { return static_cast<int>(head & 0xffff'ffff); }
    [[nodiscard]] std::uint64_t changed(std::uint64_t head, int slot) const {
        return ((head >> 32) + counted_) << 32 | static_cast<std::uint32_t>(slot);
    }

    std::uint64_t counted_;
    cppvaldi::atomic<int> count_{slots};
    cppvaldi::atomic<std::uint64_t> head_{0};
    cppvaldi::atomic<int> next_[slots];
};

inline void safe_stack_body(version is) {
    safe_stack stack(is);
    cppvaldi::atomic<int> owners[safe_stack::slots] = {};
    together(3, "user", [&](int me) {
        for (int round = 0; round < 2; ++round) {
            int slot = stack.pop();
            while (slot == safe_stack::none) {
                cppvaldi::this_thread::yield();
                slot = stack.pop();
            }
            owners[slot].store(me);
            cppvaldi::require(owners[slot].load() == me, "a slot has one owner at a time");
            stack.push(slot);
        }
    });
}

/// With most seeds it takes longer than a test can wait for, see docs/bugs.md; these two find it soon.
inline bug vyukov_safe_stack() {
    return {"safe_stack",
            &safe_stack_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::random{.seed = 15}, 5'000}, {cppvaldi::pos{.seed = 12}, 5'000}},
            {{cppvaldi::random{.seed = 1}, 2'000}, {cppvaldi::surw{.seed = 1}, 20'000}}};
}

} // namespace bugs
