/// thrd_create, mtx_lock and their kin of C11's <threads.h>: what glibc makes of pthread, made of it once more, because inside
/// the C library the calls of pthread cannot be taken over. Their types are pthread's.

#include "intercept/next.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <cstdint>
#include <memory>

#include <pthread.h>
#include <sched.h>
#include <threads.h>
#include <time.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(thrd_create);
CPPVALDI_NEXT(thrd_join);
CPPVALDI_NEXT(thrd_sleep);
next_function<void (*)(int)> next_thrd_exit{"thrd_exit"};

int as_c11(int problem) noexcept {
    switch (problem) {
    case 0: return thrd_success;
    case ENOMEM: return thrd_nomem;
    case ETIMEDOUT: return thrd_timedout;
    case EBUSY: return thrd_busy;
    default: return thrd_error;
    }
}

void* as_pointer(int result) noexcept { return reinterpret_cast<void*>(static_cast<std::intptr_t>(result)); }

pthread_mutex_t* as_pthread(mtx_t* mutex) noexcept { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* as_pthread(cnd_t* condition) noexcept { return reinterpret_cast<pthread_cond_t*>(condition); }
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));

/// What a thread is to do.
struct call {
    thrd_start_t routine;
    void* argument;
};

void* run_call(void* given) {
    const std::unique_ptr<call> owned(static_cast<call*>(given));
    const call taken = *owned;
    return as_pointer(taken.routine(taken.argument));
}

} // namespace

void parts::c11_threads() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t routine, void* argument) {
    if (taken_over() == nullptr) {
        return next_thrd_create(thread, routine, argument);
    }
    auto owned = std::make_unique<call>(call{routine, argument});
    const int problem = ::pthread_create(thread, nullptr, &run_call, owned.get());
    if (problem == 0) {
        (void)owned.release();
    }
    return problem == EAGAIN ? thrd_nomem : as_c11(problem);
}

int thrd_join(thrd_t thread, int* result) {
    if (taken_over() == nullptr) {
        return next_thrd_join(thread, result);
    }
    void* pointer = nullptr;
    const int problem = ::pthread_join(thread, &pointer);
    if (problem == 0 && result != nullptr) {
        *result = static_cast<int>(reinterpret_cast<std::intptr_t>(pointer));
    }
    return as_c11(problem);
}

void thrd_exit(int result) {
    if (taken_over() == nullptr) {
        next_thrd_exit(result);
    }
    ::pthread_exit(as_pointer(result));
}

int thrd_detach(thrd_t thread) { return as_c11(::pthread_detach(thread)); }
thrd_t thrd_current() { return ::pthread_self(); }
void thrd_yield() { (void)::sched_yield(); }

int thrd_sleep(const timespec* after, timespec* left) {
    if (taken_over() == nullptr) {
        return next_thrd_sleep(after, left);
    }
    return ::nanosleep(after, left) == 0 ? 0 : -2;
}

int mtx_init(mtx_t* mutex, int type) {
    pthread_mutexattr_t attributes;
    (void)::pthread_mutexattr_init(&attributes);
    (void)::pthread_mutexattr_settype(&attributes,
                                      (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    const int problem = ::pthread_mutex_init(as_pthread(mutex), &attributes);
    (void)::pthread_mutexattr_destroy(&attributes);
    return as_c11(problem);
}

int mtx_lock(mtx_t* mutex) { return as_c11(::pthread_mutex_lock(as_pthread(mutex))); }
int mtx_trylock(mtx_t* mutex) { return as_c11(::pthread_mutex_trylock(as_pthread(mutex))); }
int mtx_timedlock(mtx_t* __restrict mutex, const timespec* __restrict until) {
    return as_c11(::pthread_mutex_timedlock(as_pthread(mutex), until));
}
int mtx_unlock(mtx_t* mutex) { return as_c11(::pthread_mutex_unlock(as_pthread(mutex))); }
void mtx_destroy(mtx_t* mutex) { (void)::pthread_mutex_destroy(as_pthread(mutex)); }

int cnd_init(cnd_t* condition) { return as_c11(::pthread_cond_init(as_pthread(condition), nullptr)); }
int cnd_signal(cnd_t* condition) { return as_c11(::pthread_cond_signal(as_pthread(condition))); }
int cnd_broadcast(cnd_t* condition) { return as_c11(::pthread_cond_broadcast(as_pthread(condition))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
    return as_c11(::pthread_cond_wait(as_pthread(condition), as_pthread(mutex)));
}
int cnd_timedwait(cnd_t* __restrict condition, mtx_t* __restrict mutex, const timespec* __restrict until) {
    return as_c11(::pthread_cond_timedwait(as_pthread(condition), as_pthread(mutex), until));
}
void cnd_destroy(cnd_t* condition) { (void)::pthread_cond_destroy(as_pthread(condition)); }

int tss_create(tss_t* key, tss_dtor_t destroy) { return as_c11(::pthread_key_create(key, destroy)); }
void* tss_get(tss_t key) { return ::pthread_getspecific(key); }
int tss_set(tss_t key, void* value) { return as_c11(::pthread_setspecific(key, value)); }
void tss_delete(tss_t key) { (void)::pthread_key_delete(key); }

void call_once(once_flag* flag, void (*routine)()) {
    (void)::pthread_once(reinterpret_cast<pthread_once_t*>(flag), routine);
}
}
