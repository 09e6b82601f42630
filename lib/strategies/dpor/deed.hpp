#pragma once

#include "strategies/dpor/conflicts.hpp"

#include <cppvaldi/operation.hpp>

#include <array>
#include <cstdint>

namespace cppvaldi::reduction {

/// What a step does to one object. The object is named by its origin, so that steps of different executions can be compared.
struct touch {
    std::uint64_t object = 0;
    effect what = effect::none;
};

/// Whether such steps take what they get, or are refused.
[[nodiscard]] constexpr bool tries(operation_kind kind) noexcept {
    return kind == operation_kind::try_lock || kind == operation_kind::try_lock_shared ||
           kind == operation_kind::try_acquire;
}

/// Whether such steps, if they are looks, leave everything as it was, whatever they find. Of a latch only `try_wait` is a look.
[[nodiscard]] constexpr bool only_asks(operation_kind kind) noexcept {
    return kind == operation_kind::load || kind == operation_kind::ask_for_stop || kind == operation_kind::await;
}

/// Whether a loop may wait by such steps: those that may leave everything as it was.
[[nodiscard]] constexpr bool may_look(operation_kind kind) noexcept {
    return only_asks(kind) || kind == operation_kind::compare_exchange || kind == operation_kind::exchange ||
           tries(kind);
}

/// All that a step does, a value.
struct deed {
    std::array<touch, 3> touches{}; ///< an object, the mutex given up with it or the clock, and what invariants see
    std::uint8_t count = 0;

    void add(std::uint64_t object, effect what) noexcept { touches[count++] = {object, what}; }
};

/// True if two starters' steps cannot be exchanged.
[[nodiscard]] inline bool conflict(const deed& one, const deed& other) noexcept {
    for (std::uint8_t mine = 0; mine < one.count; ++mine) {
        for (std::uint8_t theirs = 0; theirs < other.count; ++theirs) {
            if (one.touches[mine].object == other.touches[theirs].object &&
                conflict(one.touches[mine].what, other.touches[theirs].what)) {
                return true;
            }
        }
    }
    return false;
}

} // namespace cppvaldi::reduction
