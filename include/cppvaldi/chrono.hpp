#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

namespace cppvaldi {

namespace detail {

/// Returns the time of the running execution since it began; zero outside.
[[nodiscard]] std::chrono::nanoseconds time_since_begin() noexcept;

} // namespace detail

/// The execution's own time, as `std::chrono::steady_clock` shows a thread's. It moves only when no starter can run, to the
/// earliest deadline, and begins at zero in every execution. Outside an execution it stands at zero.
struct steady_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<steady_clock>;
    static constexpr bool is_steady = true;

    [[nodiscard]] static time_point now() noexcept { return time_point(detail::time_since_begin()); }
};

/// The same time as a date: every execution begins on 1 January 2000, 00:00 UTC.
struct system_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<system_clock>;
    static constexpr bool is_steady = false;

    static constexpr std::chrono::seconds beginning{946'684'800};

    [[nodiscard]] static time_point now() noexcept { return time_point(beginning + detail::time_since_begin()); }

    [[nodiscard]] static std::time_t to_time_t(const time_point& when) noexcept {
        return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
    }
    [[nodiscard]] static time_point from_time_t(std::time_t when) noexcept {
        return time_point(std::chrono::seconds(when));
    }
};

using high_resolution_clock = steady_clock;

/// What `std::chrono` is to `std`: the standard's durations and calendars, and this library's clocks.
namespace chrono {
using namespace std::chrono; // NOLINT(google-build-using-namespace)
using cppvaldi::high_resolution_clock;
using cppvaldi::steady_clock;
using cppvaldi::system_clock;
} // namespace chrono

namespace detail {

/// A point of the execution's own time, since it began. The latest one stands for "no deadline".
using deadline = std::chrono::nanoseconds;
inline constexpr deadline no_deadline = deadline::max();

/// Returns `after` from now on, rounded up to nanoseconds; too far away is no deadline.
template <typename Rep, typename Period>
[[nodiscard]] deadline deadline_after(const std::chrono::duration<Rep, Period>& after) {
    using seconds = std::chrono::duration<long double>;
    const deadline now = time_since_begin();
    if (after <= after.zero()) {
        return now;
    }
    return seconds(after) >= seconds(no_deadline - now) - seconds(1) ? no_deadline
                                                                     : now + std::chrono::ceil<deadline>(after);
}

/// Returns the same point on the execution's own clock. For another clock than this library's, what is left by that clock is
/// taken, which differs from run to run.
template <typename Clock, typename Duration>
[[nodiscard]] deadline deadline_at(const std::chrono::time_point<Clock, Duration>& when) {
    using seconds = std::chrono::duration<long double>;
    const auto now = Clock::now();
    if (when <= now) {
        return time_since_begin();
    }
    const seconds left = seconds(when.time_since_epoch()) - seconds(now.time_since_epoch());
    return left > seconds(std::chrono::hours(24 * 365 * 200)) ? no_deadline : deadline_after(when - now);
}

} // namespace detail
} // namespace cppvaldi
