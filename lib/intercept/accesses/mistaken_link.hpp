#pragma once

namespace cppvaldi::intercept {

/// Ends a program that is linked with the sanitizer's own library as well, and says what is to be done: both take over the same
/// calls, and it would hang or crash in its first execution.
void refuse_mistaken_link() noexcept;

} // namespace cppvaldi::intercept
