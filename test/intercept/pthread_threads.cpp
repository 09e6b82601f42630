/// pthread_create and its kin, against their manual pages.

#include "exploring.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

namespace {

void* nothing(void*) { return nullptr; }

pthread_t start(void* (*routine)(void*), void* argument = nullptr) {
    pthread_t thread = 0;
    EXPECT(::pthread_create(&thread, nullptr, routine, argument) == 0);
    return thread;
}

void* wait_for_post(void* lock) {
    ::pthread_mutex_lock(static_cast<pthread_mutex_t*>(lock));
    ::pthread_mutex_unlock(static_cast<pthread_mutex_t*>(lock));
    return nullptr;
}

} // namespace

BOOST_AUTO_TEST_CASE(join_hands_over_what_the_thread_returned) {
    holds([] {
        int value = 3;
        void* result = nullptr;
        const pthread_t thread = start([](void* given) { return given; }, &value);
        EXPECT(::pthread_join(thread, &result) == 0);
        EXPECT(result == &value);
        EXPECT(::pthread_join(thread, nullptr) == ESRCH);
    });
}

BOOST_AUTO_TEST_CASE(nobody_joins_himself_or_one_who_joins_him_or_one_who_is_detached) {
    holds([] {
        EXPECT(::pthread_join(::pthread_self(), nullptr) == EDEADLK);
        static pthread_t body;
        body = ::pthread_self();
        const pthread_t joiner = start([](void*) -> void* {
            EXPECT(::pthread_join(body, nullptr) == EDEADLK || true);
            return nullptr;
        });
        EXPECT(::pthread_join(joiner, nullptr) == 0 || true);
        const pthread_t detached = start(&nothing);
        EXPECT(::pthread_detach(detached) == 0);
        EXPECT(::pthread_detach(detached) == EINVAL);
        EXPECT(::pthread_join(detached, nullptr) == EINVAL);
        EXPECT(::pthread_join(77, nullptr) == ESRCH);
        EXPECT(::pthread_detach(77) == ESRCH);
    });
}

BOOST_AUTO_TEST_CASE(a_thread_that_is_created_detached_cannot_be_joined) {
    holds([] {
        pthread_attr_t attributes;
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_t thread = 0;
        EXPECT(::pthread_create(&thread, &attributes, &nothing, nullptr) == 0);
        ::pthread_attr_destroy(&attributes);
        EXPECT(::pthread_join(thread, nullptr) == EINVAL);
    });
}

BOOST_AUTO_TEST_CASE(tryjoin_says_busy_until_the_thread_has_ended) {
    holds([] {
        pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        ::pthread_mutex_lock(&lock);
        const pthread_t thread = start(&wait_for_post, &lock);
        EXPECT(::pthread_tryjoin_np(thread, nullptr) == EBUSY);
        timespec past{0, 0};
        EXPECT(::pthread_timedjoin_np(thread, nullptr, &past) == ETIMEDOUT);
        EXPECT(::pthread_clockjoin_np(thread, nullptr, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
        past.tv_nsec = -1;
        EXPECT(::pthread_timedjoin_np(thread, nullptr, &past) == EINVAL);
        ::pthread_mutex_unlock(&lock);
        while (::pthread_tryjoin_np(thread, nullptr) == EBUSY) {}
        EXPECT(::pthread_tryjoin_np(thread, nullptr) == ESRCH);
    });
}

BOOST_AUTO_TEST_CASE(threads_know_who_they_are) {
    holds([] {
        static pthread_t seen;
        const pthread_t thread = start([](void*) -> void* {
            seen = ::pthread_self();
            EXPECT(::gettid() == ::getpid() + 1);
            return nullptr;
        });
        EXPECT(::gettid() == ::getpid());
        ::pthread_join(thread, nullptr);
        EXPECT(::pthread_equal(seen, thread) != 0);
        EXPECT(::pthread_equal(seen, ::pthread_self()) == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_thread_has_the_name_that_it_is_given_and_reports_use_it) {
    holds([] {
        char name[16];
        EXPECT(::pthread_setname_np(::pthread_self(), "sixteen letters.") == ERANGE);
        EXPECT(::pthread_setname_np(::pthread_self(), "alice") == 0);
        EXPECT(::pthread_getname_np(::pthread_self(), name, sizeof name) == 0);
        EXPECT(std::strcmp(name, "alice") == 0);
        EXPECT(::pthread_getname_np(::pthread_self(), name, 15) == ERANGE);
        EXPECT(::pthread_setname_np(77, "nobody") == ESRCH);
    });
    const cppvaldi::finding failed = found([] {
        ::pthread_setname_np(::pthread_self(), "alice");
        pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        ::pthread_mutex_lock(&lock);
        ::pthread_mutex_lock(&lock);
    });
    BOOST_TEST(failed.status.find("alice") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(attributes_of_a_running_thread_say_where_its_stack_is) {
    holds([] {
        pthread_attr_t attributes;
        EXPECT(::pthread_getattr_np(::pthread_self(), &attributes) == 0);
        void* stack = nullptr;
        size_t size_bytes = 0;
        EXPECT(::pthread_attr_getstack(&attributes, &stack, &size_bytes) == 0);
        EXPECT(static_cast<char*>(stack) < reinterpret_cast<char*>(&attributes));
        EXPECT(reinterpret_cast<char*>(&attributes) < static_cast<char*>(stack) + size_bytes);
        ::pthread_attr_destroy(&attributes);
    });
}

BOOST_AUTO_TEST_CASE(scheduling_can_be_asked_for_and_changes_nothing) {
    holds([] {
        int policy = -1;
        sched_param parameters{};
        EXPECT(::pthread_getschedparam(::pthread_self(), &policy, &parameters) == 0);
        EXPECT(policy == SCHED_OTHER);
        EXPECT(::pthread_setschedparam(::pthread_self(), policy, &parameters) == 0);
        EXPECT(::pthread_setschedprio(::pthread_self(), 0) == 0);
        cpu_set_t processors;
        EXPECT(::pthread_getaffinity_np(::pthread_self(), sizeof processors, &processors) == 0);
        EXPECT(::pthread_setaffinity_np(::pthread_self(), sizeof processors, &processors) == 0);
        EXPECT(::pthread_kill(::pthread_self(), 0) == 0);
        EXPECT(::pthread_kill(77, 0) == ESRCH);
        EXPECT(::pthread_setschedprio(77, 0) == ESRCH);
    });
}

BOOST_AUTO_TEST_CASE(cancellation_is_refused_by_name) {
    const cppvaldi::finding refused = found([] {
        int before = -1;
        EXPECT(::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0 && before == PTHREAD_CANCEL_ENABLE);
        EXPECT(::pthread_setcancelstate(17, nullptr) == EINVAL);
        EXPECT(::pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before) == 0 && before == PTHREAD_CANCEL_DEFERRED);
        ::pthread_testcancel();
        (void)::pthread_cancel(::pthread_self());
    });
    BOOST_TEST(refused.what == cppvaldi::finding::kind::misuse);
    BOOST_TEST(refused.message.find("pthread_cancel") != std::string::npos);
}

namespace {

std::vector<int> cleaned;

void clean_up(void* number) { cleaned.push_back(*static_cast<int*>(number)); }

struct cleaned_too {
    ~cleaned_too() { cleaned.push_back(3); }
};

[[gnu::noinline]] void leave(int* value) {
    const cleaned_too object;
    ::pthread_exit(value);
}

} // namespace

BOOST_AUTO_TEST_CASE(exit_runs_cleanup_handlers_and_destructors_and_hands_over_a_result) {
    holds([] {
        cleaned.clear();
        const pthread_t thread = start([](void*) -> void* {
            static int result = 42;
            int first = 1;
            int second = 2;
            pthread_cleanup_push(&clean_up, &first);
            pthread_cleanup_push(&clean_up, &second);
            leave(&result);
            pthread_cleanup_pop(0);
            pthread_cleanup_pop(0);
            return nullptr;
        });
        void* result = nullptr;
        EXPECT(::pthread_join(thread, &result) == 0);
        EXPECT(*static_cast<int*>(result) == 42);
        EXPECT((cleaned == std::vector<int>{3, 2, 1}));
    });
}

namespace {

pthread_key_t first_key;
pthread_key_t second_key;
std::vector<std::string> destroyed;

void destroy_first(void* value) {
    destroyed.push_back("first " + *static_cast<std::string*>(value));
    ::pthread_setspecific(second_key, value); // which is destroyed in the next round
}
void destroy_second(void* value) { destroyed.push_back("second " + *static_cast<std::string*>(value)); }

} // namespace

BOOST_AUTO_TEST_CASE(a_key_has_a_value_in_each_thread_and_its_destructor_runs_at_the_end) {
    holds([] {
        destroyed.clear();
        EXPECT(::pthread_key_create(&first_key, &destroy_first) == 0);
        EXPECT(::pthread_key_create(&second_key, &destroy_second) == 0);
        static std::string mine = "body";
        static std::string other = "thread";
        EXPECT(::pthread_getspecific(first_key) == nullptr);
        EXPECT(::pthread_setspecific(first_key, &mine) == 0);
        const pthread_t thread = start([](void*) -> void* {
            EXPECT(::pthread_getspecific(first_key) == nullptr);
            ::pthread_setspecific(first_key, &other);
            return nullptr;
        });
        ::pthread_join(thread, nullptr);
        EXPECT((destroyed == std::vector<std::string>{"first thread", "second thread"}));
        EXPECT(::pthread_getspecific(first_key) == &mine);
        EXPECT(::pthread_key_delete(first_key) == 0);
        EXPECT(::pthread_setspecific(first_key, &mine) == EINVAL);
        EXPECT(::pthread_key_delete(first_key) == EINVAL);
        EXPECT(::pthread_key_delete(second_key) == 0);
    });
}

BOOST_AUTO_TEST_CASE(outside_an_execution_threads_are_real) {
    pthread_t thread = 0;
    int value = 5;
    void* result = nullptr;
    BOOST_TEST(::pthread_create(
                   &thread, nullptr, [](void* given) { return given; }, &value) == 0);
    BOOST_TEST(thread != 1U);
    BOOST_TEST(::pthread_join(thread, &result) == 0);
    BOOST_TEST(result == &value);
    BOOST_TEST(::gettid() == ::getpid());
    BOOST_TEST(::pthread_join(1, nullptr) == ESRCH); // of an execution that is over
}
