/// pthread_rwlock_rdlock and its kin. Readers may lock again, and nobody is preferred.

#include "intercept/clock.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>

#include <pthread.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_rwlock_init);
CPPVALDI_NEXT(pthread_rwlock_destroy);
CPPVALDI_NEXT(pthread_rwlock_rdlock);
CPPVALDI_NEXT(pthread_rwlock_tryrdlock);
CPPVALDI_NEXT(pthread_rwlock_timedrdlock);
CPPVALDI_NEXT(pthread_rwlock_clockrdlock);
CPPVALDI_NEXT(pthread_rwlock_wrlock);
CPPVALDI_NEXT(pthread_rwlock_trywrlock);
CPPVALDI_NEXT(pthread_rwlock_timedwrlock);
CPPVALDI_NEXT(pthread_rwlock_clockwrlock);
CPPVALDI_NEXT(pthread_rwlock_unlock);

using detail::shared_mutex_state;

note_in_place& note_of(pthread_rwlock_t& lock) noexcept {
    return *reinterpret_cast<note_in_place*>(&lock.__data.__pad2);
}

shared_mutex_state& state_of(execution& in, pthread_rwlock_t* lock) {
    return state_of(ledger::of(in).shared_mutexes, in.serial(), note_of(*lock), lock,
                    [lock](shared_mutex_state& fresh) {
                        fresh.has_writer = lock->__data.__cur_writer != 0; // code outside the execution has it
                        fresh.readers.clear();
                        fresh.shared_since.clear();
                        fresh.readers_outside = fresh.has_writer ? 0 : lock->__data.__readers >> 3;
                    });
}

enum class wanted { shared, alone };

bool is_free_for(const shared_mutex_state& state, wanted how) noexcept {
    return !state.has_writer && (how == wanted::shared || (state.readers.empty() && state.readers_outside == 0));
}

int lock_until(execution& in, pthread_rwlock_t* lock, wanted how, clockid_t clock, const timespec* until,
               const place& where) {
    if (!is_clock(clock)) {
        return EINVAL;
    }
    shared_mutex_state& state = state_of(in, lock);
    if (has(state)) {
        return EDEADLK;
    }
    const bool timed = is_time(clock, until);
    if (!is_free_for(state, how) && !timed) {
        return EINVAL;
    }
    const detail::deadline late = timed ? deadline_of(clock, *until) : detail::no_deadline;
    const bool locked =
        how == wanted::shared ? try_lock_shared_until(state, late, where) : try_lock_until(state, late, where);
    return locked ? 0 : ETIMEDOUT;
}

int timed_lock(execution& in, pthread_rwlock_t* lock, wanted how, clockid_t clock, const timespec* until,
               const place& where) noexcept {
    return without_throwing(in, [&] { return lock_until(in, lock, how, clock, until, where); });
}

} // namespace

void parts::rwlocks() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes) noexcept {
    return next_pthread_rwlock_init(lock, attributes); // which zeroes it, the note included
}

int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::detail::shared_mutex_state& state = state_of(*in, lock);
        if (!in->unwinding() && (!is_free_for(state, wanted::alone) || state.first_waiting != cppvaldi::nobody)) {
            return EBUSY;
        }
    }
    note_of(*lock) = {};
    return next_pthread_rwlock_destroy(lock);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, lock);
            if (has(state)) {
                return EDEADLK;
            }
            lock_shared(state, where);
            return 0;
        });
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_rdlock(lock);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, lock);
            return !has(state) && try_lock_shared(state, where) ? 0 : EBUSY;
        });
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_tryrdlock(lock);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return timed_lock(*in, lock, wanted::shared, CLOCK_REALTIME, until, CPPVALDI_CALLER);
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_timedrdlock(lock, until);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return timed_lock(*in, lock, wanted::shared, clock, until, CPPVALDI_CALLER);
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_clockrdlock(lock, clock, until);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, lock);
            if (has(state)) {
                return EDEADLK;
            }
            cppvaldi::detail::lock(state, where);
            return 0;
        });
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_wrlock(lock);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, lock);
            return !has(state) && !has_shared(state) && try_lock(state, where) ? 0 : EBUSY;
        });
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_trywrlock(lock);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return timed_lock(*in, lock, wanted::alone, CLOCK_REALTIME, until, CPPVALDI_CALLER);
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_timedwrlock(lock, until);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return timed_lock(*in, lock, wanted::alone, clock, until, CPPVALDI_CALLER);
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_clockwrlock(lock, clock, until);
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, lock);
            if (has_shared(state)) {
                unlock_shared(state, where);
            } else {
                unlock(state, where);
            }
            return 0;
        });
    }
    erase_note(note_of(*lock));
    return next_pthread_rwlock_unlock(lock);
}
}
