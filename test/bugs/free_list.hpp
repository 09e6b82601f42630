#pragma once

#include "bugs/bug.hpp"

#include <cstdint>

namespace bugs {

/// ABA: a list of free slots. Between the look at the first one and the exchange it may have been taken and given back, with
/// another slot behind it than before. Mended, the head counts how often it was changed.
class free_list {
public:
    static constexpr std::uint32_t slots = 3;
    static constexpr std::uint32_t none = slots;

    explicit free_list(version is) : counted_(is == version::mended ? 1 : 0) {
        for (std::uint32_t slot = 0; slot < slots; ++slot) {
            next_[slot].store(slot + 1);
        }
    }

    std::uint32_t take() {
        std::uint64_t seen = head_.load();
        while (slot_of(seen) != none) {
            const std::uint32_t next = next_[slot_of(seen)].load();
            if (head_.compare_exchange_strong(seen, changed(seen, next))) {
                return slot_of(seen);
            }
        }
        return none;
    }

    void give_back(std::uint32_t slot) {
        std::uint64_t seen = head_.load();
        do {
            next_[slot].store(slot_of(seen));
        } while (!head_.compare_exchange_strong(seen, changed(seen, slot)));
    }

private:
    static std::uint32_t slot_of(std::uint64_t head) { return static_cast<std::uint32_t>(head); }
    [[nodiscard]] std::uint64_t changed(std::uint64_t head, std::uint32_t slot) const {
        return ((head >> 32) + counted_) << 32 | slot;
    }

    std::uint64_t counted_;
    cppvaldi::atomic<std::uint32_t> next_[slots];
    cppvaldi::atomic<std::uint64_t> head_{0};
};

inline void free_list_body(version is) {
    free_list list(is);
    cppvaldi::atomic<int> users[free_list::slots] = {};
    const auto use = [&](std::uint32_t slot) {
        if (slot != free_list::none) {
            const int others = users[slot].fetch_add(1);
            cppvaldi::require(others == 0, "a slot has one user at a time");
        }
    };
    const auto done = [&](std::uint32_t slot) {
        users[slot].fetch_sub(1);
        list.give_back(slot);
    };
    const auto alice = [&] {
        use(list.take());
        use(list.take());
    };
    const auto bob = [&] {
        const std::uint32_t first = list.take();
        use(first);
        use(list.take());
        if (first != free_list::none) {
            done(first);
        }
    };
    together({{"alice", alice}, {"bob", bob}});
}

inline bug aba() {
    return {"aba",
            &free_list_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 100},
             {cppvaldi::random{.seed = 1}, 2'000},
             {cppvaldi::pct{.seed = 1}, 200},
             {cppvaldi::pos{.seed = 1}, 1'000},
             {cppvaldi::surw{.seed = 1}, 1'000}},
            {{cppvaldi::exhaustive{.preemptions = 2}, 1'000}, {cppvaldi::random{.seed = 1}, 2'000}}};
}

} // namespace bugs
