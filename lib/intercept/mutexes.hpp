#pragma once

#include "intercept/ledger.hpp"

#include <pthread.h>

namespace cppvaldi::intercept {

/// Returns what is kept for `mutex` in the running execution.
[[nodiscard]] taken_mutex& state_of(execution& in, pthread_mutex_t* mutex);

/// Gives up the robust mutexes that a starter has when it ends: whoever locks one next is told.
void leave_robust_mutexes(execution& in, starter_id ending) noexcept;

} // namespace cppvaldi::intercept
