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

    // The standard's system clock and its calendar count from the same day. These two are what `std::chrono::clock_cast` asks for.

    template <typename Duration>
    [[nodiscard]] static constexpr std::chrono::sys_time<Duration> to_sys(
        const std::chrono::time_point<system_clock, Duration>& when) noexcept {
        return std::chrono::sys_time<Duration>(when.time_since_epoch());
    }
    template <typename Duration>
    [[nodiscard]] static constexpr std::chrono::time_point<system_clock, Duration> from_sys(
        const std::chrono::sys_time<Duration>& when) noexcept {
        return std::chrono::time_point<system_clock, Duration>(when.time_since_epoch());
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

namespace literals = std::literals;
namespace chrono_literals = std::chrono_literals;

namespace detail {

/// A point of the execution's own time, since it began. The latest one stands for "no deadline".
using deadline = std::chrono::nanoseconds;
inline constexpr deadline no_deadline = deadline::max();

/// Further away than this is no deadline. It leaves room to calculate with nanoseconds.
inline constexpr std::chrono::duration<long double> furthest = std::chrono::hours(24 * 365 * 200);

/// Returns `after` from now on, rounded up to nanoseconds.
template <typename Rep, typename Period>
[[nodiscard]] deadline deadline_after(const std::chrono::duration<Rep, Period>& after) {
    const deadline now = time_since_begin();
    const std::chrono::duration<long double> seconds = after;
    if (!(seconds > seconds.zero())) { // nor if it is not a number
        return now;
    }
    return seconds > furthest - now ? no_deadline : now + std::chrono::ceil<deadline>(after);
}

/// Returns the same point on the execution's own clock. For another clock than this library's, what is left by that clock is
/// taken, which differs from run to run.
template <typename Clock, typename Duration>
[[nodiscard]] deadline deadline_at(const std::chrono::time_point<Clock, Duration>& when) {
    const auto now = Clock::now();
    const std::chrono::duration<long double> left =
        std::chrono::duration<long double>(when.time_since_epoch()) - now.time_since_epoch();
    if (left > furthest) { // before it is compared, which may not be possible in nanoseconds
        return no_deadline;
    }
    return left < -furthest || when <= now ? time_since_begin() : deadline_after(when - now);
}

} // namespace detail
} // namespace cppvaldi
