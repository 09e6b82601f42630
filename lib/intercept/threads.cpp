/// pthread_create and its kin: a thread is a starter.

#include "intercept/threads.hpp"

#include "intercept/clock.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cppvaldi/detail/thread_state.hpp>

#include <cerrno>
#include <new>
#include <string>
#include <system_error>

#include <pthread.h>
#include <sched.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_create);
CPPVALDI_NEXT(pthread_join);
CPPVALDI_NEXT(pthread_tryjoin_np);
CPPVALDI_NEXT(pthread_timedjoin_np);
CPPVALDI_NEXT(pthread_clockjoin_np);
CPPVALDI_NEXT(pthread_detach);
CPPVALDI_NEXT(pthread_self);
CPPVALDI_NEXT(sched_yield);

int create(execution& in, pthread_t* thread, const pthread_attr_t* attributes, void* (*routine)(void*),
           void* argument) {
    int detached = PTHREAD_CREATE_JOINABLE;
    if (attributes != nullptr) {
        (void)::pthread_attr_getdetachstate(attributes, &detached);
    }
    const auto start = [](detail::job_shape shape, detail::job_maker maker) {
        return detail::start_thread({}, shape, maker);
    };
    const auto live = [routine, argument] { // returns nothing, so that its stack is free when it has ended
        execution& mine = *here();
        void* const result = run_thread(routine, argument);
        ledger::of(mine).thread(mine.running()).result = result;
    };
    try {
        const starter_id made = detail::with_job(start, live);
        ledger::of(in).thread(made).detached = detached == PTHREAD_CREATE_DETACHED;
        *thread = handle_of(made);
        return 0;
    } catch (const std::system_error&) { // no more stacks
        return EAGAIN;
    } catch (const std::bad_alloc&) {
        return EAGAIN;
    }
}

/// What speaks against joining it, or 0.
int why_not_joinable(execution& in, starter_id id) {
    if (id == nobody || ledger::of(in).thread(id).joined) {
        return ESRCH;
    }
    if (id == in.running()) {
        return EDEADLK;
    }
    thread_record& other = ledger::of(in).thread(id);
    if (other.joins == in.running() && !in.starters()[id].ended()) {
        return EDEADLK;
    }
    return other.detached ? EINVAL : 0;
}

int hand_over_result(execution& in, starter_id id, void** result) {
    thread_record& ended = ledger::of(in).thread(id);
    ended.joined = true;
    if (result != nullptr) {
        *result = ended.result;
    }
    return 0;
}

int join(execution& in, pthread_t thread, void** result, detail::deadline until, const place& where) {
    return with_unwinding(in, [&] {
        const starter_id id = starter_of(in, thread);
        if (const int problem = why_not_joinable(in, id); problem != 0) {
            return problem;
        }
        thread_record& self = ledger::of(in).thread(in.running());
        self.joins = id;
        const bool ended = detail::join_thread_until(id, until, where);
        self.joins = nobody;
        return ended ? hand_over_result(in, id, result) : ETIMEDOUT;
    });
}

} // namespace

starter_id starter_of(const execution& in, pthread_t thread) noexcept {
    return is_handle(thread) && thread - 1 < in.starters().size() ? static_cast<starter_id>(thread - 1) : nobody;
}

void parts::threads() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*routine)(void*),
                   void* argument) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return without_throwing(*in, [&] { return create(*in, thread, attributes, routine, argument); });
    }
    return next_pthread_create(thread, attributes, routine, argument);
}

int pthread_join(pthread_t thread, void** result) {
    if (cppvaldi::execution* const in = taken_over()) {
        return join(*in, thread, result, cppvaldi::detail::no_deadline, CPPVALDI_CALLER);
    }
    return is_handle(thread) ? ESRCH : next_pthread_join(thread, result); // of an execution that is over
}

int pthread_tryjoin_np(pthread_t thread, void** result) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return without_throwing(*in, [&] {
            const cppvaldi::starter_id id = starter_of(*in, thread);
            if (const int problem = why_not_joinable(*in, id); problem != 0) {
                return problem;
            }
            in->yield(cppvaldi::place{}); // who polls lets others go on
            return in->starters()[id].ended() ? hand_over_result(*in, id, result) : EBUSY;
        });
    }
    return is_handle(thread) ? ESRCH : next_pthread_tryjoin_np(thread, result);
}

int pthread_timedjoin_np(pthread_t thread, void** result, const timespec* until) {
    return pthread_clockjoin_np(thread, result, CLOCK_REALTIME, until);
}

int pthread_clockjoin_np(pthread_t thread, void** result, clockid_t clock, const timespec* until) {
    if (cppvaldi::execution* const in = taken_over()) {
        if (!is_clock(clock) || (until != nullptr && !is_time(clock, until))) {
            return EINVAL;
        }
        const auto late = until == nullptr ? cppvaldi::detail::no_deadline : deadline_of(clock, *until);
        return join(*in, thread, result, late, CPPVALDI_CALLER);
    }
    if (is_handle(thread)) {
        return ESRCH;
    }
    return clock == CLOCK_REALTIME ? next_pthread_timedjoin_np(thread, result, until)
                                   : next_pthread_clockjoin_np(thread, result, clock, until);
}

int pthread_detach(pthread_t thread) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::starter_id id = starter_of(*in, thread);
        if (id == cppvaldi::nobody || ledger::of(*in).thread(id).joined) {
            return ESRCH;
        }
        return std::exchange(ledger::of(*in).thread(id).detached, true) ? EINVAL : 0;
    }
    return is_handle(thread) ? ESRCH : next_pthread_detach(thread);
}

pthread_t pthread_self() noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return handle_of(in->running());
    }
    return next_pthread_self();
}

int sched_yield() noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            in->yield(where);
            return 0;
        });
    }
    return next_sched_yield();
}
}
