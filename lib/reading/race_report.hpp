#pragma once

#include "kernel/execution.hpp"

#include <string>

namespace cppvaldi {

/// Returns both accesses of the race that `shown` has found, the earlier one first, each with what its starter synchronised by last
/// before it, as far as steps were noted: a line each. Nothing if there is no race.
[[nodiscard]] std::string race_of(const execution& shown);

} // namespace cppvaldi
