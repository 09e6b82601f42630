#pragma once

#include "fiber/stack_pool.hpp"
#include "fiber/state_number.hpp"

#include <cstddef>
#include <cstdint>

namespace cppvaldi {

/// The part of a stack that is the kernel's.
struct kernel_frames {
    const void* begin;
    const void* end;
};

/// Returns a number for all that a fiber has on its stack and in its registers, from `registers` upwards, or 0 if that is null:
/// the same number if all is the same, and, but for one chance in 2^63, another one if anything differs but an address, and one
/// in 2^31 then. So a loop that has come round to the same state, and has changed nothing for others, will go round for ever
/// unless others change what it looks at.
///
/// Addresses on the stack itself count by their distance from its base, so that it does not matter on which stack the fiber runs.
/// What lies in the heap, on another stack or in a global is not seen.
///
/// `more` counts as if it lay there, too; the kernel's frames do not.
[[nodiscard]] std::uint64_t local_state(const void* registers, std::uint64_t more, kernel_frames without,
                                        const stack& memory) noexcept;

/// Calls `function(argument)` in such a way that nothing is left in the registers of what was before, and writes to `base` where
/// its frames begin.
void call_afresh(void (*function)(void*), void* argument, const void*& base);

/// Clears some memory below `top` so that what an earlier fiber has left there does not show in states.
void clear_below(std::byte* top) noexcept;

} // namespace cppvaldi
