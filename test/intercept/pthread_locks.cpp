/// Mutexes, rwlocks, conditions, barriers, spin locks, semaphores and once flags of POSIX, against their manual pages.

#include "exploring.hpp"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <string>
#include <thread>

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

namespace {

/// A mutex of a type, with its attributes.
struct typed_mutex {
    explicit typed_mutex(int type, int robust = PTHREAD_MUTEX_STALLED) {
        pthread_mutexattr_t attributes;
        ::pthread_mutexattr_init(&attributes);
        ::pthread_mutexattr_settype(&attributes, type);
        ::pthread_mutexattr_setrobust(&attributes, robust);
        EXPECT(::pthread_mutex_init(&mutex, &attributes) == 0);
        ::pthread_mutexattr_destroy(&attributes);
    }
    pthread_mutex_t mutex;
};

timespec in_realtime(long seconds) {
    timespec when{};
    ::clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec += seconds;
    return when;
}

timespec in_monotonic(long seconds) {
    timespec when{};
    ::clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_sec += seconds;
    return when;
}

constexpr timespec no_time{0, 1'000'000'000};

pthread_mutex_t global_mutex = PTHREAD_MUTEX_INITIALIZER;

} // namespace

BOOST_AUTO_TEST_CASE(a_mutex_keeps_others_out) {
    const cppvaldi::exploration seen = cppvaldi::explore(
        [] {
            int count = 0;
            const auto add = [&] {
                ::pthread_mutex_lock(&global_mutex);
                const int seen_before = count;
                ::pthread_mutex_unlock(&global_mutex);
                ::pthread_mutex_lock(&global_mutex);
                count = seen_before + 1;
                ::pthread_mutex_unlock(&global_mutex);
            };
            std::thread other(add);
            add();
            other.join();
            EXPECT(count == 1 || count == 2);
        },
        cppvaldi::exhaustive{});
    BOOST_TEST(seen.complete);
    BOOST_TEST(!seen.finding.has_value());
    BOOST_TEST(seen.executions == 6U); // C(4, 2): two critical sections each
}

BOOST_AUTO_TEST_CASE(an_error_checking_mutex_answers_instead_of_waiting_for_its_owner) {
    holds([] {
        typed_mutex checked(PTHREAD_MUTEX_ERRORCHECK);
        EXPECT(::pthread_mutex_unlock(&checked.mutex) == EPERM);
        EXPECT(::pthread_mutex_lock(&checked.mutex) == 0);
        EXPECT(::pthread_mutex_lock(&checked.mutex) == EDEADLK);
        EXPECT(::pthread_mutex_trylock(&checked.mutex) == EBUSY);
        const timespec late = in_realtime(1);
        EXPECT(::pthread_mutex_timedlock(&checked.mutex, &late) == EDEADLK);
        std::thread other([&] { EXPECT(::pthread_mutex_unlock(&checked.mutex) == EPERM); });
        other.join();
        EXPECT(::pthread_mutex_destroy(&checked.mutex) == EBUSY);
        EXPECT(::pthread_mutex_unlock(&checked.mutex) == 0);
        EXPECT(::pthread_mutex_destroy(&checked.mutex) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_recursive_mutex_counts) {
    holds([] {
        pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
        EXPECT(::pthread_mutex_lock(&recursive) == 0);
        EXPECT(::pthread_mutex_lock(&recursive) == 0);
        EXPECT(::pthread_mutex_trylock(&recursive) == 0);
        EXPECT(::pthread_mutex_unlock(&recursive) == 0);
        EXPECT(::pthread_mutex_unlock(&recursive) == 0);
        std::thread other([&] { EXPECT(::pthread_mutex_trylock(&recursive) == EBUSY); });
        other.join();
        EXPECT(::pthread_mutex_unlock(&recursive) == 0);
        EXPECT(::pthread_mutex_unlock(&recursive) == EPERM);
    });
}

BOOST_AUTO_TEST_CASE(a_normal_mutex_that_is_locked_twice_is_found) {
    const cppvaldi::finding twice = found([] {
        ::pthread_mutex_lock(&global_mutex);
        EXPECT(::pthread_mutex_trylock(&global_mutex) == EBUSY);
        ::pthread_mutex_lock(&global_mutex);
    });
    BOOST_TEST(twice.what == cppvaldi::finding::kind::misuse);
    BOOST_TEST(twice.message.find("by who has it already") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(locks_in_opposite_order_are_a_deadlock) {
    const cppvaldi::finding cycle = found([] {
        pthread_mutex_t other_mutex = PTHREAD_MUTEX_INITIALIZER;
        std::thread other([&] {
            ::pthread_mutex_lock(&other_mutex);
            ::pthread_mutex_lock(&global_mutex);
            ::pthread_mutex_unlock(&global_mutex);
            ::pthread_mutex_unlock(&other_mutex);
        });
        ::pthread_mutex_lock(&global_mutex);
        ::pthread_mutex_lock(&other_mutex);
        ::pthread_mutex_unlock(&other_mutex);
        ::pthread_mutex_unlock(&global_mutex);
        other.join();
    });
    BOOST_TEST(cycle.what == cppvaldi::finding::kind::deadlock);
}

BOOST_AUTO_TEST_CASE(a_timed_lock_gives_up_in_virtual_time) {
    holds([] {
        ::pthread_mutex_lock(&global_mutex);
        std::thread other([] {
            const timespec late = in_realtime(3600);
            EXPECT(::pthread_mutex_timedlock(&global_mutex, &no_time) == EINVAL);
            EXPECT(::pthread_mutex_timedlock(&global_mutex, &late) == ETIMEDOUT);
            const timespec later = in_monotonic(3600);
            EXPECT(::pthread_mutex_clocklock(&global_mutex, CLOCK_MONOTONIC, &later) == ETIMEDOUT);
            EXPECT(::pthread_mutex_clocklock(&global_mutex, CLOCK_PROCESS_CPUTIME_ID, &later) == EINVAL);
        });
        other.join();
        const timespec late = in_realtime(1);
        EXPECT(::pthread_mutex_timedlock(&global_mutex, &late) == ETIMEDOUT); // by its owner, too
        ::pthread_mutex_unlock(&global_mutex);
        EXPECT(::pthread_mutex_timedlock(&global_mutex, &no_time) == 0); // it need not wait
        ::pthread_mutex_unlock(&global_mutex);
    });
}

BOOST_AUTO_TEST_CASE(a_robust_mutex_tells_that_its_owner_has_died) {
    holds([] {
        typed_mutex robust(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
        std::thread([&] { EXPECT(::pthread_mutex_lock(&robust.mutex) == 0); }).join();
        EXPECT(::pthread_mutex_lock(&robust.mutex) == EOWNERDEAD);
        EXPECT(::pthread_mutex_consistent(&robust.mutex) == 0);
        EXPECT(::pthread_mutex_consistent(&robust.mutex) == EINVAL);
        EXPECT(::pthread_mutex_unlock(&robust.mutex) == 0);
        std::thread([&] { EXPECT(::pthread_mutex_lock(&robust.mutex) == 0); }).join();
        EXPECT(::pthread_mutex_trylock(&robust.mutex) == EOWNERDEAD);
        EXPECT(::pthread_mutex_unlock(&robust.mutex) == 0);
        EXPECT(::pthread_mutex_lock(&robust.mutex) == ENOTRECOVERABLE);
        EXPECT(::pthread_mutex_trylock(&robust.mutex) == ENOTRECOVERABLE);
    });
}

BOOST_AUTO_TEST_CASE(a_mutex_in_memory_that_is_used_again_is_another_one) {
    holds([] {
        alignas(pthread_mutex_t) char memory[sizeof(pthread_mutex_t)] = {};
        auto* const mutex = reinterpret_cast<pthread_mutex_t*>(memory);
        EXPECT(::pthread_mutex_lock(mutex) == 0);
        *mutex = PTHREAD_MUTEX_INITIALIZER; // as when a std::mutex is constructed there
        EXPECT(::pthread_mutex_lock(mutex) == 0);
        EXPECT(::pthread_mutex_unlock(mutex) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_mutex_that_code_outside_has_locked_is_locked_inside_and_the_other_way_round_it_is_free) {
    ::pthread_mutex_lock(&global_mutex);
    holds([] { EXPECT(::pthread_mutex_trylock(&global_mutex) == EBUSY); }, 1);
    BOOST_TEST(::pthread_mutex_trylock(&global_mutex) == EBUSY);
    ::pthread_mutex_unlock(&global_mutex);
    holds([] { EXPECT(::pthread_mutex_trylock(&global_mutex) == 0); }, 2);
    BOOST_TEST(::pthread_mutex_trylock(&global_mutex) == 0);
    ::pthread_mutex_unlock(&global_mutex);
}

BOOST_AUTO_TEST_CASE(readers_share_and_a_writer_is_alone) {
    holds([] {
        pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
        EXPECT(::pthread_rwlock_rdlock(&lock) == 0);
        EXPECT(::pthread_rwlock_rdlock(&lock) == 0); // again
        EXPECT(::pthread_rwlock_tryrdlock(&lock) == 0);
        EXPECT(::pthread_rwlock_trywrlock(&lock) == EBUSY);
        std::thread([&] {
            EXPECT(::pthread_rwlock_tryrdlock(&lock) == 0);
            EXPECT(::pthread_rwlock_unlock(&lock) == 0);
            EXPECT(::pthread_rwlock_trywrlock(&lock) == EBUSY);
            const timespec late = in_realtime(1);
            EXPECT(::pthread_rwlock_timedwrlock(&lock, &late) == ETIMEDOUT);
            EXPECT(::pthread_rwlock_timedwrlock(&lock, &no_time) == EINVAL);
        }).join();
        EXPECT(::pthread_rwlock_destroy(&lock) == EBUSY);
        EXPECT(::pthread_rwlock_unlock(&lock) == 0);
        EXPECT(::pthread_rwlock_unlock(&lock) == 0);
        EXPECT(::pthread_rwlock_unlock(&lock) == 0);
        EXPECT(::pthread_rwlock_wrlock(&lock) == 0);
        EXPECT(::pthread_rwlock_wrlock(&lock) == EDEADLK);
        EXPECT(::pthread_rwlock_rdlock(&lock) == EDEADLK);
        EXPECT(::pthread_rwlock_tryrdlock(&lock) == EBUSY);
        std::thread([&] {
            const timespec late = in_monotonic(1);
            EXPECT(::pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &late) == ETIMEDOUT);
            EXPECT(::pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &late) == ETIMEDOUT);
            EXPECT(::pthread_rwlock_timedrdlock(&lock, &no_time) == EINVAL);
        }).join();
        EXPECT(::pthread_rwlock_unlock(&lock) == 0);
        EXPECT(::pthread_rwlock_destroy(&lock) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_condition_wakes_who_waits_or_times_out) {
    holds([] {
        pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
        bool ready = false;
        std::thread other([&] {
            ::pthread_mutex_lock(&global_mutex);
            ready = true;
            EXPECT(::pthread_cond_signal(&condition) == 0);
            ::pthread_mutex_unlock(&global_mutex);
        });
        ::pthread_mutex_lock(&global_mutex);
        while (!ready) {
            EXPECT(::pthread_cond_wait(&condition, &global_mutex) == 0);
        }
        const timespec late = in_realtime(1);
        EXPECT(::pthread_cond_timedwait(&condition, &global_mutex, &late) == ETIMEDOUT);
        EXPECT(::pthread_cond_timedwait(&condition, &global_mutex, &no_time) == EINVAL);
        const timespec later = in_monotonic(1);
        EXPECT(::pthread_cond_clockwait(&condition, &global_mutex, CLOCK_MONOTONIC, &later) == ETIMEDOUT);
        EXPECT(::pthread_mutex_trylock(&global_mutex) == EBUSY); // it has it again
        ::pthread_mutex_unlock(&global_mutex);
        other.join();
        EXPECT(::pthread_cond_broadcast(&condition) == 0);
        EXPECT(::pthread_cond_destroy(&condition) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_condition_counts_time_by_the_clock_of_its_attributes) {
    holds([] {
        pthread_condattr_t attributes;
        ::pthread_condattr_init(&attributes);
        ::pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_t condition;
        EXPECT(::pthread_cond_init(&condition, &attributes) == 0);
        ::pthread_condattr_destroy(&attributes);
        ::pthread_mutex_lock(&global_mutex);
        const timespec late = in_monotonic(7);
        EXPECT(::pthread_cond_timedwait(&condition, &global_mutex, &late) == ETIMEDOUT);
        EXPECT(in_monotonic(0).tv_sec == late.tv_sec);
        ::pthread_mutex_unlock(&global_mutex);
        EXPECT(::pthread_cond_destroy(&condition) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_lost_wakeup_is_a_deadlock_with_its_cause) {
    const cppvaldi::finding lost = found([] {
        pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
        std::thread other([&] { ::pthread_cond_signal(&condition); });
        ::pthread_mutex_lock(&global_mutex);
        ::pthread_cond_wait(&condition, &global_mutex);
        ::pthread_mutex_unlock(&global_mutex);
        other.join();
    });
    BOOST_TEST(lost.what == cppvaldi::finding::kind::deadlock);
    BOOST_TEST(lost.status.find("when nobody waited") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_condition_and_a_mutex_work_outside_after_they_were_used_inside) {
    static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    holds([] {
        ::pthread_mutex_lock(&global_mutex);
        const timespec late = in_realtime(1);
        EXPECT(::pthread_cond_timedwait(&condition, &global_mutex, &late) == ETIMEDOUT);
        ::pthread_mutex_unlock(&global_mutex);
    });
    bool ready = false;
    std::thread other([&] {
        ::pthread_mutex_lock(&global_mutex);
        ready = true;
        ::pthread_cond_signal(&condition);
        ::pthread_mutex_unlock(&global_mutex);
    });
    ::pthread_mutex_lock(&global_mutex);
    while (!ready) {
        BOOST_TEST(::pthread_cond_wait(&condition, &global_mutex) == 0);
    }
    ::pthread_mutex_unlock(&global_mutex);
    other.join();
}

BOOST_AUTO_TEST_CASE(a_barrier_lets_all_go_and_tells_one_of_them) {
    holds([] {
        pthread_barrier_t barrier;
        EXPECT(::pthread_barrier_init(&barrier, nullptr, 0) == EINVAL);
        EXPECT(::pthread_barrier_init(&barrier, nullptr, 3) == 0);
        int serial = 0;
        const auto arrive = [&] {
            for (int round = 0; round < 2; ++round) {
                const int result = ::pthread_barrier_wait(&barrier);
                EXPECT(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
                serial += result == PTHREAD_BARRIER_SERIAL_THREAD ? 1 : 0;
            }
        };
        std::thread first(arrive);
        std::thread second(arrive);
        arrive();
        first.join();
        second.join();
        EXPECT(serial == 2);
        EXPECT(::pthread_barrier_destroy(&barrier) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_spin_lock_blocks_instead_of_spinning) {
    holds([] {
        pthread_spinlock_t lock;
        EXPECT(::pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE) == 0);
        EXPECT(::pthread_spin_lock(&lock) == 0);
        EXPECT(::pthread_spin_lock(&lock) == EDEADLK);
        EXPECT(::pthread_spin_trylock(&lock) == EBUSY);
        std::thread other([&] {
            EXPECT(::pthread_spin_lock(&lock) == 0);
            EXPECT(::pthread_spin_unlock(&lock) == 0);
        });
        EXPECT(::pthread_spin_unlock(&lock) == 0);
        other.join();
        EXPECT(::pthread_spin_destroy(&lock) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_semaphore_counts_and_answers_as_its_manual_says) {
    holds([] {
        sem_t semaphore;
        EXPECT(::sem_init(&semaphore, 0, 1) == 0);
        int value = -1;
        EXPECT(::sem_getvalue(&semaphore, &value) == 0 && value == 1);
        EXPECT(::sem_wait(&semaphore) == 0);
        EXPECT(::sem_trywait(&semaphore) == -1 && errno == EAGAIN);
        const timespec late = in_realtime(1);
        EXPECT(::sem_timedwait(&semaphore, &late) == -1 && errno == ETIMEDOUT);
        EXPECT(::sem_timedwait(&semaphore, &no_time) == -1 && errno == EINVAL);
        const timespec later = in_monotonic(1);
        EXPECT(::sem_clockwait(&semaphore, CLOCK_MONOTONIC, &later) == -1 && errno == ETIMEDOUT);
        std::thread other([&] { EXPECT(::sem_post(&semaphore) == 0); });
        EXPECT(::sem_wait(&semaphore) == 0);
        other.join();
        EXPECT(::sem_destroy(&semaphore) == 0);
        EXPECT(::sem_init(&semaphore, 0, SEM_VALUE_MAX) == 0);
        EXPECT(::sem_post(&semaphore) == -1 && errno == EOVERFLOW);
        EXPECT(::sem_destroy(&semaphore) == 0);
    });
}

namespace {

int times_called;
void count_call() { ++times_called; }

} // namespace

BOOST_AUTO_TEST_CASE(once_means_once_and_all_wait_for_it) {
    holds([] {
        times_called = 0;
        pthread_once_t flag = PTHREAD_ONCE_INIT;
        std::thread other([&] {
            EXPECT(::pthread_once(&flag, &count_call) == 0);
            EXPECT(times_called == 1);
        });
        EXPECT(::pthread_once(&flag, &count_call) == 0);
        EXPECT(times_called == 1);
        other.join();
    });
}

BOOST_AUTO_TEST_CASE(a_file_is_locked_for_one_thread_as_often_as_it_likes) {
    holds([] {
        std::FILE* const file = std::tmpfile();
        ::flockfile(file);
        EXPECT(::ftrylockfile(file) == 0);
        std::thread([&] { EXPECT(::ftrylockfile(file) != 0); }).join();
        ::funlockfile(file);
        std::thread other([&] {
            ::flockfile(file);
            EXPECT(std::fputs("other", file) >= 0);
            ::funlockfile(file);
        });
        EXPECT(std::fputs("mine", file) >= 0);
        ::funlockfile(file);
        other.join();
        EXPECT(std::ftell(file) == 9);
        std::fclose(file);
    });
}
