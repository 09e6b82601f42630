#pragma once

namespace cppvaldi::intercept {

/// Sees to it that an execution on this OS thread that makes no step for five seconds of real time is reported, and the process
/// ended: its starter waits in a call that nobody has taken over, or computes without end. Called whenever an execution begins.
void watch_this_thread() noexcept;

/// From now on the timer goes on when it ticks outside of executions. REQUIRES: it is armed.
void keep_watching() noexcept;

} // namespace cppvaldi::intercept
