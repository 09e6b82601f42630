#pragma once

#include <cstddef>

namespace cppvaldi::intercept {

/// True if a starter of a watched execution is calling.
[[nodiscard]] bool is_watched() noexcept;

/// Says that a block is new, and returns it. Null stays null.
void* allocated(void* block) noexcept;

/// Frees a block, later if a starter does so: when its execution has ended, or once there are more than `most_aside_bytes` of them.
/// One that has been freed before is reported, and stays as it is.
void put_aside(void* block, const void* code) noexcept;

inline constexpr std::size_t most_aside_bytes = std::size_t{64} << 20;

} // namespace cppvaldi::intercept
