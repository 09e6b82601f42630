#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/trace.hpp>

namespace cppvaldi {

/// Returns what `shown` did so far, with names instead of numbers.
[[nodiscard]] trace trace_of(const execution& shown);

} // namespace cppvaldi
