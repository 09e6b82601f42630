/// pthread_cond_wait and its kin.

#include "intercept/clock.hpp"
#include "intercept/mutexes.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <string>

#include <pthread.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_cond_init);
CPPVALDI_NEXT(pthread_cond_destroy);
CPPVALDI_NEXT(pthread_cond_wait);
CPPVALDI_NEXT(pthread_cond_timedwait);
CPPVALDI_NEXT(pthread_cond_clockwait);
CPPVALDI_NEXT(pthread_cond_signal);
CPPVALDI_NEXT(pthread_cond_broadcast);

note_in_place& note_of(pthread_cond_t& condition) noexcept {
    return *reinterpret_cast<note_in_place*>(&condition.__data.__g1_start);
}

detail::condition_state& state_of(execution& in, pthread_cond_t* condition) {
    return state_of(ledger::of(in).conditions, in.serial(), note_of(*condition), condition,
                    [](detail::condition_state&) {});
}

/// The clock that pthread_condattr_setclock has chosen.
clockid_t clock_of(const pthread_cond_t& condition) noexcept {
    return (condition.__data.__wrefs & 2) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

int wait(execution& in, pthread_cond_t* condition, pthread_mutex_t* mutex, detail::deadline until, const place& where) {
    return with_unwinding(in, [&] {
        taken_mutex& held = intercept::state_of(in, mutex);
        constexpr int error_check = PTHREAD_MUTEX_ERRORCHECK;
        if (!has(held) && !in.unwinding() && (mutex->__data.__kind & 3) == error_check) {
            return EPERM;
        }
        return detail::wait(state_of(in, condition), &held, until, where) ? 0 : ETIMEDOUT;
    });
}

} // namespace

void parts::conditions() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) noexcept {
    return next_pthread_cond_init(condition, attributes); // which zeroes it, the note included
}

int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return without_throwing(*in, [&] {
            cppvaldi::detail::condition_state& state = state_of(*in, condition);
            if (!in->unwinding() && state.execution_serial == in->serial() && !state.waiting.empty()) {
                throw cppvaldi::usage_error(cppvaldi::text_of(state) + " is destroyed while " +
                                            std::string(in->name_of(state.waiting.front())) +
                                            " waits on it; notify all waiters before");
            }
            note_of(*condition) = {};
            return 0;
        });
    }
    erase_note(note_of(*condition));
    return next_pthread_cond_destroy(condition);
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    if (cppvaldi::execution* const in = taken_over()) {
        return wait(*in, condition, mutex, cppvaldi::detail::no_deadline, CPPVALDI_CALLER);
    }
    erase_note(note_of(*condition));
    return next_pthread_cond_wait(condition, mutex);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    if (cppvaldi::execution* const in = taken_over()) {
        const clockid_t clock = clock_of(*condition);
        return is_time(clock, until) ? wait(*in, condition, mutex, deadline_of(clock, *until), CPPVALDI_CALLER)
                                     : EINVAL;
    }
    erase_note(note_of(*condition));
    return next_pthread_cond_timedwait(condition, mutex, until);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
    if (cppvaldi::execution* const in = taken_over()) {
        return is_clock(clock) && is_time(clock, until)
                   ? wait(*in, condition, mutex, deadline_of(clock, *until), CPPVALDI_CALLER)
                   : EINVAL;
    }
    erase_note(note_of(*condition));
    return next_pthread_cond_clockwait(condition, mutex, clock, until);
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            notify_one(state_of(*in, condition), where);
            return 0;
        });
    }
    erase_note(note_of(*condition));
    return next_pthread_cond_signal(condition);
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            notify_all(state_of(*in, condition), where);
            return 0;
        });
    }
    erase_note(note_of(*condition));
    return next_pthread_cond_broadcast(condition);
}
}
