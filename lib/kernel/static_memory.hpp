#pragma once

namespace cppvaldi {

/// Returns true if `address` lies among the variables of the program, or of a shared object that was loaded when this was first
/// called: what lies there lies there in every execution of the process.
[[nodiscard]] bool is_static(const void* address) noexcept;

} // namespace cppvaldi
