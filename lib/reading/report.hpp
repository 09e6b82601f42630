#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/operation.hpp>

#include <string>
#include <string_view>

namespace cppvaldi {

/// Returns where each starter is and what it waits for, held by whom, since where: a line each, by id. Of those in `held` it says
/// that they stand at a declared checkpoint which is not due yet.
[[nodiscard]] std::string status_of(const execution& shown, const starter_set& held = {});

/// Returns `alice waits for mutex 1, held by bob`. REQUIRES: it is blocked.
[[nodiscard]] std::string wait_of(const execution& shown, starter_id blocked);

/// Returns the starters that wait for each other, `alice waits for mutex 1, held by bob, who waits for mutex 2, held by alice`,
/// or an empty text if there is no such cycle.
[[nodiscard]] std::string cycle_of(const execution& shown);

/// Returns why nobody can go on, in one line: such a cycle, or who waits for whom, down to one who waits for nobody in particular.
/// REQUIRES: somebody has not finished.
[[nodiscard]] std::string deadlock_of(const execution& shown);

/// Returns ` to be readable` for an operation that waits for that, or nothing.
[[nodiscard]] std::string_view awaited_state(operation_kind kind) noexcept;

} // namespace cppvaldi
