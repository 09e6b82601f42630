#pragma once

#include "kernel/execution.hpp"

#include <cstddef>
#include <string>

namespace cppvaldi::intercept {

/// True while blocks are noted.
extern constinit bool looks_for_leaks;

/// Finds the C library's heap, which `begin_to_look_for_leaks` does if it has not been done: for who changes mappings before that.
void learn_heap();

/// From here on, until the execution ends, blocks are noted that are allocated. REQUIRES: called by a driver, before an execution.
void begin_to_look_for_leaks();

/// Main has returned, so nothing is reached from its stack.
void main_is_over() noexcept;

/// Returns what of the program's memory nobody can reach any more, in one line; nothing if there is none. REQUIRES: the execution
/// has ended, and its starters have not been unwound.
[[nodiscard]] std::string what_leaked(execution& in);

/// Notes a block that the code which returns to `return_address` has allocated, and returns it; null stays null.
void* note_allocated(void* block, std::size_t size_bytes, const void* return_address, const void* frame) noexcept;

/// The block is freed.
void note_released(void* block) noexcept;

} // namespace cppvaldi::intercept
