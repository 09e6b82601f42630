#pragma once

#include "kernel/execution.hpp"

#include <string>

namespace cppvaldi {

/// Returns where each starter is and what it waits for, held by whom, since where: a line each, by id.
[[nodiscard]] std::string status_of(const execution& shown);

/// Returns the starters that wait for each other, `alice waits for mutex 1, held by bob, who waits for mutex 2, held by alice`,
/// or an empty text if there is no such cycle.
[[nodiscard]] std::string cycle_of(const execution& shown);

} // namespace cppvaldi
