/// sem_wait and its kin. What code outside the execution has left in one is what the execution begins with.

#include "intercept/clock.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <limits>

#include <semaphore.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(sem_init);
CPPVALDI_NEXT(sem_destroy);
CPPVALDI_NEXT(sem_wait);
CPPVALDI_NEXT(sem_trywait);
CPPVALDI_NEXT(sem_timedwait);
CPPVALDI_NEXT(sem_clockwait);
CPPVALDI_NEXT(sem_post);
CPPVALDI_NEXT(sem_getvalue);

/// Behind all that glibc keeps in one.
constexpr std::size_t note_offset = 16;
static_assert(sizeof(sem_t) >= note_offset + sizeof(note_in_place));

note_in_place& note_of(sem_t& semaphore) noexcept {
    return *reinterpret_cast<note_in_place*>(reinterpret_cast<char*>(&semaphore) + note_offset);
}

detail::semaphore_state& state_of(execution& in, sem_t* semaphore) {
    return state_of(ledger::of(in).semaphores, in.serial(), note_of(*semaphore), semaphore,
                    [semaphore](detail::semaphore_state& fresh) {
                        int count = 0;
                        (void)next_sem_getvalue(semaphore, &count);
                        fresh.count = fresh.count_outside = count;
                    });
}

int failed(int code) noexcept {
    errno = code;
    return -1;
}

int wait_until(execution& in, sem_t* semaphore, clockid_t clock, const timespec* until, const place& where) {
    return with_unwinding(in, [&] {
        detail::semaphore_state& state = state_of(in, semaphore);
        const bool timed = is_time(clock, until);
        if (state.count == 0 && !timed) {
            return failed(EINVAL);
        }
        return try_acquire_until(state, timed ? deadline_of(clock, *until) : detail::no_deadline, where)
                   ? 0
                   : failed(ETIMEDOUT);
    });
}

} // namespace

void parts::semaphores() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int sem_init(sem_t* semaphore, int shared, unsigned int value) noexcept {
    const int result = next_sem_init(semaphore, shared, value);
    if (result == 0) {
        note_of(*semaphore) = {};
    }
    return result;
}

int sem_destroy(sem_t* semaphore) noexcept {
    note_of(*semaphore) = {};
    return next_sem_destroy(semaphore);
}

int sem_wait(sem_t* semaphore) {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return with_unwinding(*in, [&] {
            acquire(state_of(*in, semaphore), where);
            return 0;
        });
    }
    return next_sem_wait(semaphore);
}

int sem_trywait(sem_t* semaphore) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] { return try_acquire(state_of(*in, semaphore), where) ? 0 : failed(EAGAIN); });
    }
    return next_sem_trywait(semaphore);
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
    if (cppvaldi::execution* const in = taken_over()) {
        return wait_until(*in, semaphore, CLOCK_REALTIME, until, CPPVALDI_CALLER);
    }
    return next_sem_timedwait(semaphore, until);
}

int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
    if (cppvaldi::execution* const in = taken_over()) {
        return is_clock(clock) ? wait_until(*in, semaphore, clock, until, CPPVALDI_CALLER) : failed(EINVAL);
    }
    return next_sem_clockwait(semaphore, clock, until);
}

int sem_post(sem_t* semaphore) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, semaphore);
            if (state.count == state.most) {
                return failed(EOVERFLOW);
            }
            release(state, 1, where);
            return 0;
        });
    }
    return next_sem_post(semaphore);
}

int sem_getvalue(sem_t* semaphore, int* value) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        *value = static_cast<int>(state_of(*in, semaphore).count);
        return 0;
    }
    return next_sem_getvalue(semaphore, value);
}
}
