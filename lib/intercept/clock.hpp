#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/place.hpp>

#include <ctime>

namespace cppvaldi::intercept {

/// The clocks of the C library, in virtual time: in every execution the monotonic ones begin at 1,000 seconds, the others
/// on 1 January 2000.

/// True if it is one that a wait can be told by.
[[nodiscard]] bool is_clock(clockid_t clock) noexcept;

/// True if `when` is a point of time at all.
[[nodiscard]] bool is_time(clockid_t clock, const timespec* when) noexcept;

/// Returns that point of the execution's time. REQUIRES: `is_time(clock, &when)`.
[[nodiscard]] detail::deadline deadline_of(clockid_t clock, const timespec& when) noexcept;

/// Returns the point that is so much later than now. REQUIRES: the nanoseconds are less than a second.
[[nodiscard]] detail::deadline deadline_in(const timespec& after) noexcept;

/// Returns what the clock shows now.
[[nodiscard]] timespec now_by(clockid_t clock) noexcept;

/// Does what nanosleep(2) or clock_nanosleep(2) does with these arguments, and returns 0 or a code of `errno`.
int sleep_by(execution& in, clockid_t clock, int flags, const timespec& when, const place& where);

/// Returns the difference as the C library writes it; zero if it is over.
[[nodiscard]] timespec left_until(detail::deadline until) noexcept;

} // namespace cppvaldi::intercept
