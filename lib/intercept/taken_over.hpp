#pragma once

#include "intercept/caller.hpp"
#include "intercept/ledger.hpp"
#include "intercept/next.hpp"
#include "objects/here.hpp"

#include <cppvaldi/detail/current.hpp>

#include <exception>
#include <utility>

namespace cppvaldi::intercept {

/// Returns the execution that a call of the caller belongs to; null in ordinary code, and while this library itself is at work.
[[nodiscard]] inline execution* taken_over() noexcept {
    return detail::own_calls == 0 ? detail::current_execution : nullptr;
}

/// Hands what is being handled to the driver; returns only when the execution is being unwound.
void hand_over(execution& in) noexcept;

/// Does `call` for a function that nothing may leave by an exception, as the C library declares it. A starter that is unwound there
/// leaves its stack for good.
template <typename Call>
auto without_throwing(execution& in, Call&& call) noexcept {
    const detail::calls_of_its_own own;
    try {
        return std::forward<Call>(call)();
    } catch (...) {
        hand_over(in);
    }
    in.abandon();
}

/// Does `call` for a function that a thread may be cancelled in, so that an exception may leave it: the unwinding, and no other.
template <typename Call>
auto with_unwinding(execution& in, Call&& call) {
    {
        const detail::calls_of_its_own own;
        try {
            return std::forward<Call>(call)();
        } catch (...) {
            if (in.unwinding()) {
                throw;
            }
            hand_over(in);
        }
    }
    in.unwind_further();
    in.abandon(); // it unwinds already, and what it calls meanwhile has no answer
}

/// Where a wrapper was called from.
#define CPPVALDI_CALLER ::cppvaldi::intercept::caller_at(__builtin_return_address(0), __builtin_frame_address(0))

} // namespace cppvaldi::intercept
