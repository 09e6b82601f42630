/// pthread_mutex_lock and its kin.

#include "intercept/mutexes.hpp"

#include "intercept/clock.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <cstring>
#include <limits>

#include <pthread.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_mutex_init);
CPPVALDI_NEXT(pthread_mutex_destroy);
CPPVALDI_NEXT(pthread_mutex_lock);
CPPVALDI_NEXT(pthread_mutex_trylock);
CPPVALDI_NEXT(pthread_mutex_timedlock);
CPPVALDI_NEXT(pthread_mutex_clocklock);
CPPVALDI_NEXT(pthread_mutex_unlock);
CPPVALDI_NEXT(pthread_mutex_consistent);

using robustness = taken_mutex::robustness;

/// The bits of `__kind`, which the static initialisers set as well.
constexpr int type_bits = 3;
constexpr int robust_bit = 16;

int type_of(const pthread_mutex_t& mutex) noexcept { return mutex.__data.__kind & type_bits; }

note_in_place& note_of(pthread_mutex_t& mutex) noexcept {
    return *reinterpret_cast<note_in_place*>(&mutex.__data.__list.__prev); // of use to robust ones that are locked
}

/// Before the lock: what is to be answered at once, or -1.
int refuse_to_lock(const pthread_mutex_t& mutex, const taken_mutex& state) noexcept {
    if (state.left_behind == robustness::not_recoverable) {
        return ENOTRECOVERABLE;
    }
    if (!has(state)) {
        return -1;
    }
    switch (type_of(mutex)) {
    case PTHREAD_MUTEX_ERRORCHECK: return EDEADLK;
    case PTHREAD_MUTEX_RECURSIVE: return state.depth == std::numeric_limits<std::uint32_t>::max() ? EAGAIN : -1;
    default: return -1;
    }
}

/// After it.
int locked(const taken_mutex& state) noexcept {
    if (state.left_behind == robustness::not_recoverable) {
        return ENOTRECOVERABLE;
    }
    return state.left_behind == robustness::owner_died && state.depth == 1 ? EOWNERDEAD : 0;
}

int lock_until(execution& in, pthread_mutex_t* mutex, clockid_t clock, const timespec* until, const place& where) {
    taken_mutex& state = state_of(in, mutex);
    if (const int problem = refuse_to_lock(*mutex, state); problem >= 0) {
        return problem;
    }
    const bool waits = state.depth > 0 && !(has(state) && type_of(*mutex) == PTHREAD_MUTEX_RECURSIVE);
    if (waits && !is_time(clock, until)) {
        return EINVAL;
    }
    if (waits && has(state)) { // it waits for itself
        in.sleep_until(deadline_of(clock, *until), where);
        return ETIMEDOUT;
    }
    return try_lock_until(state, waits || is_time(clock, until) ? deadline_of(clock, *until) : detail::no_deadline,
                          where)
               ? locked(state)
               : ETIMEDOUT;
}

} // namespace

taken_mutex& state_of(execution& in, pthread_mutex_t* mutex) {
    ledger& kept = ledger::of(in);
    return state_of(kept.mutexes, in.serial(), note_of(*mutex), mutex, [mutex](taken_mutex& fresh) {
        fresh.when_locked_again = type_of(*mutex) == PTHREAD_MUTEX_RECURSIVE ? detail::mutex_state::again::counted
                                                                             : detail::mutex_state::again::refused;
        fresh.depth = mutex->__data.__lock != 0 ? 1 : 0; // code outside the execution has it
        fresh.left_behind = (mutex->__data.__kind & robust_bit) != 0 ? robustness::robust : robustness::none;
    });
}

void leave_robust_mutexes(execution& in, starter_id ending) noexcept {
    ledger& kept = ledger::of(in);
    for (std::size_t position = 0; position < kept.mutexes.size(); ++position) {
        taken_mutex& each = kept.mutexes[position];
        if (each.left_behind != robustness::none && each.depth > 0 && each.holder == ending && !in.unwinding()) {
            each.left_behind = each.left_behind == robustness::robust ? robustness::owner_died : each.left_behind;
            each.depth = 0;
            each.holder = nobody;
            tell_waiting(each);
        }
    }
}

void parts::mutexes() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) noexcept {
    return next_pthread_mutex_init(mutex, attributes); // which zeroes it, the note included
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const taken_mutex& state = state_of(*in, mutex);
        if (!in->unwinding() && (state.depth > 0 || state.first_waiting != cppvaldi::nobody)) {
            return EBUSY;
        }
    }
    note_of(*mutex) = {};
    return next_pthread_mutex_destroy(mutex);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            taken_mutex& state = state_of(*in, mutex);
            const int problem = refuse_to_lock(*mutex, state);
            if (problem >= 0) {
                return problem;
            }
            lock(state, where);
            return locked(state);
        });
    }
    erase_note(note_of(*mutex));
    return next_pthread_mutex_lock(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            taken_mutex& state = state_of(*in, mutex);
            if (has(state) && type_of(*mutex) != PTHREAD_MUTEX_RECURSIVE) {
                return EBUSY;
            }
            const int problem = refuse_to_lock(*mutex, state);
            return problem >= 0 ? problem : try_lock(state, where) ? locked(state) : EBUSY;
        });
    }
    erase_note(note_of(*mutex));
    return next_pthread_mutex_trylock(mutex);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] { return lock_until(*in, mutex, CLOCK_REALTIME, until, where); });
    }
    erase_note(note_of(*mutex));
    return next_pthread_mutex_timedlock(mutex, until);
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        if (!is_clock(clock)) {
            return EINVAL;
        }
        return without_throwing(*in, [&] { return lock_until(*in, mutex, clock, until, where); });
    }
    erase_note(note_of(*mutex));
    return next_pthread_mutex_clocklock(mutex, clock, until);
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            taken_mutex& state = state_of(*in, mutex);
            const bool checks = type_of(*mutex) == PTHREAD_MUTEX_ERRORCHECK ||
                                type_of(*mutex) == PTHREAD_MUTEX_RECURSIVE || state.left_behind != robustness::none;
            if (checks && !has(state) && !in->unwinding()) {
                return EPERM;
            }
            if (state.left_behind == robustness::owner_died && state.depth == 1) { // nobody has made it consistent
                state.left_behind = robustness::not_recoverable;
            }
            unlock(state, where);
            return 0;
        });
    }
    erase_note(note_of(*mutex));
    return next_pthread_mutex_unlock(mutex);
}

int pthread_mutex_consistent(pthread_mutex_t* mutex) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        taken_mutex& state = state_of(*in, mutex);
        if (state.left_behind != robustness::owner_died) {
            return EINVAL;
        }
        state.left_behind = robustness::robust;
        return 0;
    }
    return next_pthread_mutex_consistent(mutex);
}
}
