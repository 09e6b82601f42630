#pragma once

namespace cppvaldi::intercept {

/// Lets every execution of the process know of this library.
void open_front_door() noexcept;

} // namespace cppvaldi::intercept
