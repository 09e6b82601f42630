/// What else can be asked of a thread: its name, its stack, its scheduling.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"
#include "intercept/threads.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_setname_np);
CPPVALDI_NEXT(pthread_getname_np);
CPPVALDI_NEXT(pthread_getattr_np);
CPPVALDI_NEXT(pthread_setschedparam);
CPPVALDI_NEXT(pthread_getschedparam);
CPPVALDI_NEXT(pthread_setschedprio);
CPPVALDI_NEXT(pthread_setaffinity_np);
CPPVALDI_NEXT(pthread_getaffinity_np);
CPPVALDI_NEXT(pthread_getcpuclockid);
CPPVALDI_NEXT(pthread_kill);
CPPVALDI_NEXT(pthread_cancel);
CPPVALDI_NEXT(pthread_setcancelstate);
CPPVALDI_NEXT(pthread_setcanceltype);
CPPVALDI_NEXT(pthread_testcancel);
CPPVALDI_NEXT(pthread_self);
CPPVALDI_NEXT(gettid);

/// Names the starter as the thread is named now; a number makes it one that nobody has.
void rename(execution& in, starter_id id, std::string_view name) {
    if (name.empty() || in.name_of(id) == name) {
        return;
    }
    std::string unused(name);
    for (std::uint32_t number = 2; in.find(unused) != nobody; ++number) {
        unused = std::string(name) + '-' + std::to_string(number);
    }
    in.rename(id, unused);
}

/// Answers a call about another thread than one of the execution's: ESRCH, or `done()`.
template <typename Done>
int of_starter(pthread_t thread, Done&& done) noexcept {
    execution& in = *here();
    const starter_id id = starter_of(in, thread);
    return id == nobody ? ESRCH : without_throwing(in, [&] { return done(in, id); });
}

} // namespace

void parts::thread_attributes() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_setname_np(pthread_t thread, const char* name) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_setname_np(thread, name);
    }
    return of_starter(thread, [&](cppvaldi::execution& in, cppvaldi::starter_id id) {
        thread_record& named = ledger::of(in).thread(id);
        if (std::strlen(name) >= sizeof named.name) {
            return ERANGE;
        }
        std::strcpy(named.name, name);
        rename(in, id, name);
        return 0;
    });
}

int pthread_getname_np(pthread_t thread, char* name, size_t size_bytes) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_getname_np(thread, name, size_bytes);
    }
    return of_starter(thread, [&](cppvaldi::execution& in, cppvaldi::starter_id id) {
        const thread_record& named = ledger::of(in).thread(id);
        const std::string shown =
            named.name[0] != '\0' ? named.name : std::string(in.name_of(id).substr(0, sizeof named.name - 1));
        if (size_bytes < sizeof named.name) {
            return ERANGE;
        }
        std::strcpy(name, shown.c_str());
        return 0;
    });
}

int pthread_getattr_np(pthread_t thread, pthread_attr_t* attributes) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_getattr_np(thread, attributes);
    }
    return of_starter(thread, [&](cppvaldi::execution& in, cppvaldi::starter_id id) {
        const cppvaldi::stack memory = in.starters()[id].flow.memory();
        const bool detached = ledger::of(in).thread(id).detached;
        (void)::pthread_attr_init(attributes);
        (void)::pthread_attr_setdetachstate(attributes, detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE);
        return ::pthread_attr_setstack(attributes, memory.limit, memory.size_bytes());
    });
}

int pthread_setschedparam(pthread_t thread, int policy, const sched_param* parameters) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_setschedparam(thread, policy, parameters);
    }
    return of_starter(thread, [](cppvaldi::execution&, cppvaldi::starter_id) { return 0; });
}

int pthread_getschedparam(pthread_t thread, int* policy, sched_param* parameters) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_getschedparam(thread, policy, parameters);
    }
    return of_starter(thread, [&](cppvaldi::execution&, cppvaldi::starter_id) {
        *policy = SCHED_OTHER;
        *parameters = {};
        return 0;
    });
}

int pthread_setschedprio(pthread_t thread, int priority) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_setschedprio(thread, priority);
    }
    return of_starter(thread, [](cppvaldi::execution&, cppvaldi::starter_id) { return 0; });
}

int pthread_setaffinity_np(pthread_t thread, size_t size_bytes, const cpu_set_t* processors) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_setaffinity_np(thread, size_bytes, processors);
    }
    return of_starter(thread, [](cppvaldi::execution&, cppvaldi::starter_id) { return 0; });
}

int pthread_getaffinity_np(pthread_t thread, size_t size_bytes, cpu_set_t* processors) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_getaffinity_np(thread, size_bytes, processors);
    }
    return of_starter(thread, [&](cppvaldi::execution&, cppvaldi::starter_id) {
        return next_pthread_getaffinity_np(next_pthread_self(), size_bytes, processors);
    });
}

int pthread_getcpuclockid(pthread_t thread, clockid_t* clock) noexcept {
    if (taken_over() == nullptr) {
        return next_pthread_getcpuclockid(thread, clock);
    }
    return of_starter(thread, [&](cppvaldi::execution&, cppvaldi::starter_id) {
        *clock = CLOCK_THREAD_CPUTIME_ID; // of all starters together, as they are one thread
        return 0;
    });
}

int pthread_kill(pthread_t thread, int signal) noexcept {
    if (taken_over() == nullptr) {
        return is_handle(thread) ? ESRCH : next_pthread_kill(thread, signal);
    }
    return of_starter(thread, [&](cppvaldi::execution& in, cppvaldi::starter_id id) {
        return in.starters()[id].ended() ? ESRCH : next_pthread_kill(next_pthread_self(), signal);
    });
}

int pthread_cancel(pthread_t thread) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return is_handle(thread) ? ESRCH : next_pthread_cancel(thread);
    }
    return with_unwinding(*in, [&]() -> int {
        if (starter_of(*in, thread) == cppvaldi::nobody) {
            return ESRCH;
        }
        throw cppvaldi::usage_error(
            "pthread_cancel is not taken over; let threads end by themselves, or leave this test out");
    });
}

int pthread_setcancelstate(int state, int* before) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_pthread_setcancelstate(state, before);
    }
    if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) {
        return EINVAL;
    }
    const int last = std::exchange(ledger::of(*in).thread(in->running()).cancel_state, state);
    if (before != nullptr) {
        *before = last;
    }
    return 0;
}

int pthread_setcanceltype(int type, int* before) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_pthread_setcanceltype(type, before);
    }
    if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS) {
        return EINVAL;
    }
    const int last = std::exchange(ledger::of(*in).thread(in->running()).cancel_type, type);
    if (before != nullptr) {
        *before = last;
    }
    return 0;
}

void pthread_testcancel() {
    if (taken_over() == nullptr) {
        next_pthread_testcancel();
    }
}

__pid_t gettid() noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return ::getpid() + static_cast<__pid_t>(cppvaldi::index(in->running())); // the first thread's is the process's
    }
    return next_gettid();
}
}
