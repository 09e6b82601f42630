#pragma once

#include "fiber/signal_text.hpp"
#include "kernel/execution.hpp"

#include <cppvaldi/schedule.hpp>

#include <cstddef>
#include <span>

namespace cppvaldi {

/// Prints on standard error that the running starter is about to die of `signal`: where everybody is, the last steps, and the token
/// that leads here again. Called in a signal handler: it takes no lock and no memory, and what it reads the kernel writes only
/// at scheduling points. A crash inside the kernel itself may find that half written.
void report_crash(const execution& crashed, int signal) noexcept;

/// Writes the token of `decisions` as `schedule::token` does, without memory. Returns false, and writes nothing, if there are too
/// many starters for that. REQUIRES: `starters` is greater than every starter's number in it.
bool write_token(signal_text& to, std::span<const decision> decisions, std::size_t starters) noexcept;

} // namespace cppvaldi
