#pragma once

#include "kernel/execution.hpp"

namespace cppvaldi::intercept {

/// Ends the execution as a return from main with that status does: files are flushed, and all threads end with it.
[[noreturn]] void end_by_return(execution& in, int status) noexcept;

} // namespace cppvaldi::intercept
