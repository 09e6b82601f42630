/// clock_gettime, nanosleep and their kin, in virtual time.

#include "intercept/clock.hpp"

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cppvaldi/chrono.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>

#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(clock_gettime);
CPPVALDI_NEXT(gettimeofday);
CPPVALDI_NEXT(time);
CPPVALDI_NEXT(clock);
CPPVALDI_NEXT(times);
CPPVALDI_NEXT(timespec_get);
CPPVALDI_NEXT(nanosleep);
CPPVALDI_NEXT(clock_nanosleep);
CPPVALDI_NEXT(usleep);
CPPVALDI_NEXT(sleep);

constexpr long nanoseconds_in_second = 1'000'000'000;

/// After so many looks at the clock that have shown the same a starter sleeps a little: a loop that waits for a point of time would
/// never come to it, since time moves when nobody can run.
constexpr unsigned int most_clock_reads = 200;
constexpr std::chrono::milliseconds little_sleep{1};

/// How long the machine seems to have been up when an execution begins: programs take a time of zero for none.
constexpr std::chrono::seconds up{1000};

/// What a clock shows when an execution begins.
std::chrono::nanoseconds beginning_of(clockid_t clock) noexcept {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI: return system_clock::beginning;
    default: return up;
    }
}

timespec as_timespec(std::chrono::nanoseconds shown) noexcept {
    return {static_cast<time_t>(shown.count() / nanoseconds_in_second),
            static_cast<long>(shown.count() % nanoseconds_in_second)};
}

bool is_below_a_second(const timespec& shown) noexcept {
    return shown.tv_nsec >= 0 && shown.tv_nsec < nanoseconds_in_second;
}

/// A look at the clock by the code under test.
timespec look_at(execution& in, clockid_t clock, const place& where) {
    thread_record& self = ledger::of(in).thread(in.running());
    if (self.clock_read_at != in.now()) {
        self.clock_read_at = in.now();
        self.clock_reads = 0;
    }
    if (++self.clock_reads > most_clock_reads && !in.unwinding() && !in.looking()) {
        self.clock_reads = 0;
        in.sleep_until(in.now() + little_sleep, where);
    }
    return now_by(clock);
}

int sleep_until(execution& in, detail::deadline until, const place& where) {
    return with_unwinding(in, [&] {
        in.sleep_until(until, where);
        return 0;
    });
}

bool is_slept_by(clockid_t clock) noexcept {
    return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME || clock == CLOCK_TAI ||
           clock == CLOCK_PROCESS_CPUTIME_ID;
}

} // namespace

bool is_clock(clockid_t clock) noexcept { return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC; }

bool is_time(clockid_t, const timespec* when) noexcept { return when != nullptr && is_below_a_second(*when); }

detail::deadline deadline_of(clockid_t clock, const timespec& when) noexcept {
    const std::int64_t seconds =
        when.tv_sec - std::chrono::duration_cast<std::chrono::seconds>(beginning_of(clock)).count();
    constexpr std::int64_t most_seconds = std::int64_t{200} * 365 * 24 * 3600;
    if (seconds >= most_seconds) {
        return detail::no_deadline;
    }
    return seconds < 0 ? detail::deadline(0) : std::chrono::seconds(seconds) + std::chrono::nanoseconds(when.tv_nsec);
}

detail::deadline deadline_in(const timespec& after) noexcept {
    constexpr std::int64_t most_seconds = std::int64_t{100} * 365 * 24 * 3600;
    if (after.tv_sec >= most_seconds) {
        return detail::no_deadline;
    }
    return detail::time_since_begin() + std::chrono::seconds(after.tv_sec) + std::chrono::nanoseconds(after.tv_nsec);
}

timespec now_by(clockid_t clock) noexcept { return as_timespec(beginning_of(clock) + detail::time_since_begin()); }

int sleep_by(execution& in, clockid_t clock, int flags, const timespec& when, const place& where) {
    if (!is_slept_by(clock) || !is_below_a_second(when) || when.tv_sec < 0) {
        return EINVAL;
    }
    in.sleep_until((flags & TIMER_ABSTIME) != 0 ? deadline_of(clock, when) : deadline_in(when), where);
    return 0;
}

timespec left_until(detail::deadline until) noexcept {
    const auto left = until - detail::time_since_begin();
    return as_timespec(left.count() < 0 ? std::chrono::nanoseconds(0) : left);
}

void parts::clock() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int clock_gettime(clockid_t clock, timespec* shown) noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_clock_gettime(clock, shown);
    }
    if (clock < 0 || clock > CLOCK_TAI) { // of a process, of a device, or none at all
        return next_clock_gettime(clock, shown);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    *shown = without_throwing(*in, [&] { return look_at(*in, clock, where); });
    return 0;
}

int gettimeofday(timeval* __restrict shown, void* __restrict zone) noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_gettimeofday(shown, zone);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    const timespec now = without_throwing(*in, [&] { return look_at(*in, CLOCK_REALTIME, where); });
    shown->tv_sec = now.tv_sec;
    shown->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* shown) noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_time(shown);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    const time_t now = without_throwing(*in, [&] { return look_at(*in, CLOCK_REALTIME, where); }).tv_sec;
    if (shown != nullptr) {
        *shown = now;
    }
    return now;
}

clock_t clock() noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_clock();
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    const timespec now = without_throwing(*in, [&] { return look_at(*in, CLOCK_PROCESS_CPUTIME_ID, where); });
    return now.tv_sec * CLOCKS_PER_SEC + now.tv_nsec / (nanoseconds_in_second / CLOCKS_PER_SEC);
}

clock_t times(tms* shown) noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_times(shown);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    const timespec now = without_throwing(*in, [&] { return look_at(*in, CLOCK_MONOTONIC, where); });
    constexpr long ticks_in_second = 100;
    const clock_t ticks = now.tv_sec * ticks_in_second + now.tv_nsec / (nanoseconds_in_second / ticks_in_second);
    if (shown != nullptr) {
        *shown = {ticks, 0, 0, 0};
    }
    return ticks;
}

int timespec_get(timespec* shown, int base) noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr || base != TIME_UTC) {
        return next_timespec_get(shown, base);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    *shown = without_throwing(*in, [&] { return look_at(*in, CLOCK_REALTIME, where); });
    return base;
}

int nanosleep(const timespec* after, timespec* left) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_nanosleep(after, left);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    const int code = with_unwinding(*in, [&] { return sleep_by(*in, CLOCK_REALTIME, 0, *after, where); });
    if (code != 0) {
        errno = code;
        return -1;
    }
    return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* when, timespec* left) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_clock_nanosleep(clock, flags, when, left);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    return with_unwinding(*in, [&] { return sleep_by(*in, clock, flags, *when, where); });
}

int usleep(useconds_t after) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_usleep(after);
    }
    constexpr useconds_t microseconds_in_second = 1'000'000;
    const timespec wanted{after / microseconds_in_second, static_cast<long>(after % microseconds_in_second) * 1000};
    return sleep_until(*in, deadline_in(wanted), CPPVALDI_CALLER);
}

unsigned int sleep(unsigned int seconds) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_sleep(seconds);
    }
    return static_cast<unsigned int>(sleep_until(*in, deadline_in({seconds, 0}), CPPVALDI_CALLER));
}
}
