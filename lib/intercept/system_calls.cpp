/// syscall(2), by which programs ask for what the C library has no function for, or had none once: futexes, time, chance, the
/// end. All others go on to the operating system.

#include "intercept/clock.hpp"
#include "intercept/futex.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdlib>

#include <sched.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(syscall);

template <typename Value>
Value* pointer(long argument) noexcept {
    return reinterpret_cast<Value*>(argument);
}

futex_call futex_of(const long (&arguments)[6]) noexcept {
    return {pointer<std::uint32_t>(arguments[0]),     static_cast<int>(arguments[1]),
            static_cast<std::uint32_t>(arguments[2]), pointer<const timespec>(arguments[3]),
            pointer<std::uint32_t>(arguments[4]),     static_cast<std::uint32_t>(arguments[5])};
}

long sleep_as_asked(execution& in, clockid_t clock, int flags, const timespec* when, const place& where) noexcept {
    const int code = without_throwing(in, [&] { return sleep_by(in, clock, flags, *when, where); });
    if (code != 0) {
        errno = code;
        return -1;
    }
    return 0;
}

/// True if the C library's function of the same name does it, in whose place this library stands. Then `result` is what it
/// returned.
bool is_done_by_function(long number, const long (&arguments)[6], long& result) noexcept {
    switch (number) {
    case SYS_gettid: result = ::gettid(); return true;
    case SYS_sched_yield: result = ::sched_yield(); return true;
    case SYS_time: result = ::time(pointer<time_t>(arguments[0])); return true;
    case SYS_gettimeofday: result = ::gettimeofday(pointer<timeval>(arguments[0]), nullptr); return true;
    case SYS_clock_gettime:
        result = ::clock_gettime(static_cast<clockid_t>(arguments[0]), pointer<timespec>(arguments[1]));
        return true;
    case SYS_getrandom:
        result = ::getrandom(pointer<void>(arguments[0]), static_cast<std::size_t>(arguments[1]),
                             static_cast<unsigned int>(arguments[2]));
        return true;
    case SYS_exit_group: ::_Exit(static_cast<int>(arguments[0]));
    default: return false;
    }
}

} // namespace

void parts::system_calls() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

long syscall(long number, ...) noexcept {
    std::va_list list;
    va_start(list, number);
    long arguments[6];
    for (long& each : arguments) {
        each = va_arg(list, long);
    }
    va_end(list);
    if (cppvaldi::execution* const in = taken_over()) {
        long result = 0;
        const futex_call call = futex_of(arguments);
        if (number == SYS_futex && is_known(call)) {
            const cppvaldi::place where = CPPVALDI_CALLER;
            return without_throwing(*in, [&] { return futex(*in, call, where); });
        }
        if (number == SYS_nanosleep) {
            return sleep_as_asked(*in, CLOCK_REALTIME, 0, pointer<const timespec>(arguments[0]), CPPVALDI_CALLER);
        }
        if (number == SYS_clock_nanosleep) {
            return sleep_as_asked(*in, static_cast<clockid_t>(arguments[0]), static_cast<int>(arguments[1]),
                                  pointer<const timespec>(arguments[2]), CPPVALDI_CALLER);
        }
        if (is_done_by_function(number, arguments, result)) {
            return result;
        }
    }
    return next_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
}
