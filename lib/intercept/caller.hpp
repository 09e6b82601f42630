#pragma once

#include <cppvaldi/place.hpp>

namespace cppvaldi::intercept {

/// Returns where the call came from that returns to `return_address`, of which `frame` is the callee's frame: the line, or
/// where there is no debug information the function, in words. The
/// standard library is looked through.
[[nodiscard]] place caller_at(const void* return_address, const void* frame) noexcept;

/// A place and its code, a value.
struct code_caller {
    place where{};
    const void* code = nullptr;
};

/// Returns the same with its code, null if that is not known.
[[nodiscard]] code_caller caller_of(const void* return_address, const void* frame) noexcept;

struct ledger;

/// From now on, what is found out about callers outlives the executions that are run by restoring memory. REQUIRES: there are
/// arenas.
void let_callers_last(ledger& of);

} // namespace cppvaldi::intercept
