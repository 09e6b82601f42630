#pragma once

#include "intercept/ledger.hpp"

#include <pthread.h>

namespace cppvaldi::intercept {

/// A starter's number as the C library's handle of a thread: small, and the same in every run, where a real one is an address.
[[nodiscard]] inline pthread_t handle_of(starter_id id) noexcept { return pthread_t{index(id)} + 1; }

/// True if it looks like one of those.
[[nodiscard]] inline bool is_handle(pthread_t thread) noexcept { return thread - 1 < 0xffff'ffff; }

/// Returns the starter that it stands for, or `nobody`.
[[nodiscard]] starter_id starter_of(const execution& in, pthread_t thread) noexcept;

/// What a thread does, from its first statement to its last or to its `pthread_exit`; returns what it leaves for who joins it.
void* run_thread(void* (*routine)(void*), void* argument);

} // namespace cppvaldi::intercept
