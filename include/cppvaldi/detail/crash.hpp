#pragma once

namespace cppvaldi::detail {

/// From now on crashes are reported even if somebody else handles the signal: a test framework, which ends the test.
void report_crashes_before_handlers() noexcept;

} // namespace cppvaldi::detail
