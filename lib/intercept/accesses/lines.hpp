#pragma once

#include <cppvaldi/place.hpp>

#include <cstdint>

namespace cppvaldi::intercept {

/// Where the program begins, which this library need not be linked into.
[[gnu::visibility("hidden")]] extern constinit std::uintptr_t program_start;

/// Returns where code lies, as a return address, from the beginning of the program; 0 for what is too far away, in a shared object.
[[nodiscard]] inline std::int32_t offset_of_code(const void* code) noexcept {
    const auto offset = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(code) - program_start);
    return offset == static_cast<std::int32_t>(offset) ? static_cast<std::int32_t>(offset) : 0;
}

/// Returns the place in the source of the call that returns there, or none if the program has no debug information for it. The line
/// tables are read from the program's file when they are first needed.
[[nodiscard]] place place_of_code(std::int32_t offset) noexcept;

/// The same of code that is on the stack now: what the standard library does belongs to who has called it.
[[nodiscard]] place place_of_caller(const void* code) noexcept;

} // namespace cppvaldi::intercept
