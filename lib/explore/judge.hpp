#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/finding.hpp>

#include <optional>

namespace cppvaldi {

/// Returns what is wrong with an execution that has come back with `outcome`, or nothing. The trace is what was noted of it.
[[nodiscard]] std::optional<finding> judge(execution& world, execution::outcome outcome);

} // namespace cppvaldi
