/// pthread_spin_lock and its kin. There is no room for a note in one, but each is initialised by a call.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>

#include <pthread.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_spin_init);
CPPVALDI_NEXT(pthread_spin_destroy);
CPPVALDI_NEXT(pthread_spin_lock);
CPPVALDI_NEXT(pthread_spin_trylock);
CPPVALDI_NEXT(pthread_spin_unlock);

detail::mutex_state& state_of(execution& in, pthread_spinlock_t* lock) {
    return ledger::of(in).spin_locks.at(const_cast<const int*>(lock), [lock](detail::mutex_state& fresh) {
        renew_object(fresh, const_cast<const int*>(lock));
        fresh.kind = "spin lock";
        fresh.when_locked_again = detail::mutex_state::again::refused;
        fresh.depth = 0;
    });
}

} // namespace

void parts::spin_locks() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        ledger::of(*in).spin_locks.forget(const_cast<const int*>(lock));
    }
    return next_pthread_spin_init(lock, shared);
}

int pthread_spin_destroy(pthread_spinlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        if (!in->unwinding() && state_of(*in, lock).depth > 0) {
            return EBUSY;
        }
        ledger::of(*in).spin_locks.forget(const_cast<const int*>(lock));
    }
    return next_pthread_spin_destroy(lock);
}

int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
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
    return next_pthread_spin_lock(lock);
}

int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, lock);
            return !has(state) && try_lock(state, where) ? 0 : EBUSY;
        });
    }
    return next_pthread_spin_trylock(lock);
}

int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            unlock(state_of(*in, lock), where);
            return 0;
        });
    }
    return next_pthread_spin_unlock(lock);
}
}
