#pragma once

#include <cppvaldi/place.hpp>

namespace cppvaldi::intercept {

/// Returns where the call came from that returns to `return_address`, of which `frame` is the callee's frame: the line, or
/// where there is no debug information the function, in words. The
/// standard library is looked through.
[[nodiscard]] place caller_at(const void* return_address, const void* frame) noexcept;

} // namespace cppvaldi::intercept
