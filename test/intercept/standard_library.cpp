/// What libstdc++ makes of pthread, futexes and clocks: used as in a program that knows nothing of this library.

#include "exploring.hpp"

#include "fiber/thread_block.hpp"

#include <atomic>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <random>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(threads_and_mutexes) {
    const cppvaldi::exploration seen = cppvaldi::explore(
        [] {
            std::mutex mutex;
            int count = 0;
            const auto add = [&] {
                const std::scoped_lock lock(mutex);
                ++count;
            };
            std::thread first(add);
            std::thread second(add);
            first.join();
            second.join();
            EXPECT(count == 2);
        },
        cppvaldi::exhaustive{});
    BOOST_TEST(seen.complete);
    BOOST_TEST(!seen.finding.has_value());
    BOOST_TEST(seen.executions == 2U);
}

BOOST_AUTO_TEST_CASE(a_lost_update_between_two_critical_sections_is_found) {
    const cppvaldi::finding lost = found([] {
        std::mutex mutex;
        int balance = 100;
        const auto withdraw = [&](int amount) {
            int seen = 0;
            {
                const std::scoped_lock lock(mutex);
                seen = balance;
            }
            const std::scoped_lock lock(mutex);
            balance = seen - amount;
        };
        std::thread alice(withdraw, 30);
        std::thread bob(withdraw, 50);
        alice.join();
        bob.join();
        EXPECT(balance == 20);
    });
    BOOST_TEST(lost.what == cppvaldi::finding::kind::requirement);
}

BOOST_AUTO_TEST_CASE(a_condition_variable_with_and_without_time) {
    holds([] {
        std::mutex mutex;
        std::condition_variable changed;
        std::condition_variable_any any_changed;
        bool ready = false;
        std::jthread other([&] {
            {
                const std::scoped_lock lock(mutex);
                ready = true;
            }
            changed.notify_one();
            any_changed.notify_all();
        });
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return ready; });
        lock.unlock();
        other.join();
        lock.lock();
        EXPECT(changed.wait_for(lock, 1h) == std::cv_status::timeout);
        EXPECT(changed.wait_until(lock, std::chrono::system_clock::now() + 1h) == std::cv_status::timeout);
        EXPECT(any_changed.wait_for(lock, 1h, [&] { return ready; }));
    });
}

BOOST_AUTO_TEST_CASE(timed_and_shared_mutexes) {
    holds([] {
        std::timed_mutex timed;
        std::shared_timed_mutex shared;
        std::recursive_mutex recursive;
        timed.lock();
        std::thread([&] {
            EXPECT(!timed.try_lock_for(1h));
            EXPECT(!timed.try_lock_until(std::chrono::system_clock::now() + 1h));
        }).join();
        timed.unlock();
        shared.lock_shared();
        std::thread([&] {
            EXPECT(shared.try_lock_shared_for(1h));
            shared.unlock_shared();
            EXPECT(!shared.try_lock_for(1h));
        }).join();
        shared.unlock_shared();
        recursive.lock();
        EXPECT(recursive.try_lock());
        recursive.unlock();
        recursive.unlock();
    });
}

BOOST_AUTO_TEST_CASE(atomics_that_are_waited_for) {
    holds([] {
        std::atomic<int> stage{0};
        std::thread other([&] {
            stage.wait(0);
            stage = 2;
            stage.notify_all();
        });
        stage = 1;
        stage.notify_one();
        stage.wait(1);
        EXPECT(stage == 2);
        other.join();
    });
}

BOOST_AUTO_TEST_CASE(latches_barriers_and_semaphores) {
    holds([] {
        std::latch begun(3);
        int phases = 0;
        std::barrier round(3, [&]() noexcept { ++phases; });
        std::counting_semaphore<2> permits(0);
        const auto take_part = [&] {
            begun.arrive_and_wait();
            round.arrive_and_wait();
            round.arrive_and_wait();
            permits.release();
        };
        std::thread first(take_part);
        std::thread second(take_part);
        begun.arrive_and_wait();
        round.arrive_and_wait();
        round.arrive_and_wait();
        permits.acquire();
        permits.acquire();
        EXPECT(!permits.try_acquire_for(1h));
        EXPECT(phases == 2);
        first.join();
        second.join();
    });
}

BOOST_AUTO_TEST_CASE(futures_of_all_kinds) {
    holds([] {
        std::future<int> result = std::async(std::launch::async, [] { return 42; });
        std::promise<std::string> said;
        std::future<std::string> heard = said.get_future();
        std::packaged_task<int(int)> twice([](int value) { return 2 * value; });
        std::future<int> doubled = twice.get_future();
        std::future<void> failed = std::async(std::launch::async, [] { throw std::runtime_error("no"); });
        std::thread other([&] {
            twice(21);
            said.set_value("yes");
        });
        (void)heard.wait_for(1h); // whether it times out is a decision
        EXPECT(heard.get() == "yes");
        EXPECT(doubled.get() == 42);
        EXPECT(result.get() == 42);
        bool caught = false;
        try {
            failed.get();
        } catch (const std::runtime_error&) {
            caught = true;
        }
        EXPECT(caught);
        std::promise<int> never;
        EXPECT(never.get_future().wait_for(1h) == std::future_status::timeout);
        other.join();
    });
}

BOOST_AUTO_TEST_CASE(call_once_and_static_locals_under_way) {
    holds([] {
        std::once_flag flag;
        int calls = 0;
        const auto call = [&] {
            std::call_once(flag, [&] {
                std::this_thread::yield(); // others come here now
                ++calls;
            });
            EXPECT(calls == 1);
        };
        std::thread first(call);
        std::thread second(call);
        call();
        first.join();
        second.join();
        // What throws is tried again.
        std::once_flag again;
        int tries = 0;
        for (int round = 0; round < 2; ++round) {
            try {
                std::call_once(again, [&] {
                    if (++tries == 1) {
                        throw std::runtime_error("once more");
                    }
                });
            } catch (const std::runtime_error&) {}
        }
        EXPECT(tries == 2);
    });
}

BOOST_AUTO_TEST_CASE(a_static_local_is_initialised_by_one_while_others_wait) {
    // Once in the life of the process, so all in the first execution.
    static int constructions = 0;
    holds(
        [] {
            struct slow {
                slow() {
                    std::this_thread::sleep_for(1s); // so all others come here meanwhile
                    ++constructions;
                }
            };
            const auto use = [] {
                static slow only;
                EXPECT(constructions == 1);
            };
            std::thread first(use);
            std::thread second(use);
            first.join();
            second.join();
        },
        1);
    BOOST_TEST(constructions == 1);
}

BOOST_AUTO_TEST_CASE(stop_tokens) {
    holds([] {
        bool stopped = false;
        {
            std::jthread other([&](const std::stop_token& token) {
                std::mutex mutex;
                std::condition_variable_any changed;
                std::unique_lock lock(mutex);
                (void)changed.wait(lock, token, [] { return false; });
                stopped = token.stop_requested();
            });
        }
        EXPECT(stopped);
    });
}

namespace {

thread_local int own_number = 7;
int destroyed = 0;
struct counted {
    ~counted() { ++destroyed; }
    int value = 1;
};
thread_local counted own_object;

} // namespace

BOOST_AUTO_TEST_CASE(thread_locals_are_a_threads_own_and_are_destroyed_with_it) {
    holds([] {
        destroyed = 0;
        std::thread other([] {
            EXPECT(own_number == 7);
            own_number = 8;
            own_object.value = 2;
            std::this_thread::yield();
            EXPECT(own_number == 8);
        });
        EXPECT(own_number == 7);
        own_number = 9;
        other.join();
        EXPECT(own_number == 9);
        EXPECT(destroyed == 1);
    });
    BOOST_TEST(own_number == 7); // this thread's
}

BOOST_AUTO_TEST_CASE(where_the_processor_does_not_let_programs_switch_worlds_the_operating_system_does) {
    const bool before = std::exchange(cppvaldi::thread_block::written_by_instruction, false);
    holds([] {
        std::thread other([] {
            own_number = 8;
            std::this_thread::yield();
            EXPECT(own_number == 8);
        });
        own_number = 9;
        std::this_thread::yield();
        EXPECT(own_number == 9);
        other.join();
    });
    cppvaldi::thread_block::written_by_instruction = before;
    BOOST_TEST(own_number == 7);
}

BOOST_AUTO_TEST_CASE(errno_and_exceptions_in_flight_are_a_threads_own) {
    holds([] {
        const auto handle = [](int number) {
            try {
                throw number;
            } catch (int) {
                errno = number;
                std::this_thread::yield();
                EXPECT(errno == number);
                try {
                    throw;
                } catch (int again) {
                    EXPECT(again == number);
                }
            }
            EXPECT(std::uncaught_exceptions() == 0);
        };
        std::thread other(handle, 1);
        handle(2);
        other.join();
    });
}

BOOST_AUTO_TEST_CASE(reference_counts_are_as_if_there_were_threads) {
    holds([] {
        auto shared = std::make_shared<int>(3);
        const std::weak_ptr<int> watched = shared;
        std::thread other([copy = shared] { EXPECT(*copy == 3); });
        shared.reset();
        other.join();
        EXPECT(watched.expired());
    });
}

BOOST_AUTO_TEST_CASE(clocks_are_virtual) {
    const auto before = std::chrono::steady_clock::now();
    holds([] {
        const auto steady = std::chrono::steady_clock::now();
        const auto date = std::chrono::system_clock::now();
        EXPECT(steady.time_since_epoch() == 1000s);
        std::this_thread::sleep_for(1h);
        EXPECT(std::chrono::steady_clock::now() - steady == 1h);
        EXPECT(std::chrono::system_clock::now() - date == 1h);
        std::this_thread::sleep_until(date + 2h);
        EXPECT(std::chrono::system_clock::now() - date == 2h);
    });
    BOOST_TEST((std::chrono::steady_clock::now() - before < 1h));
}

BOOST_AUTO_TEST_CASE(all_ways_to_ask_for_the_time_say_the_same) {
    holds([] {
        const timespec minute{60, 0};
        EXPECT(::syscall(SYS_nanosleep, &minute, nullptr) == 0);
        EXPECT(::syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &minute, nullptr) == 0);
        const timespec none{0, 1'000'000'000};
        EXPECT(::syscall(SYS_nanosleep, &none, nullptr) == -1 && errno == EINVAL);
        timespec by_standard{};
        EXPECT(std::timespec_get(&by_standard, TIME_UTC) == TIME_UTC);
        EXPECT(std::timespec_get(&by_standard, 77) == 0);
        timespec by_call{};
        EXPECT(::syscall(SYS_clock_gettime, CLOCK_REALTIME, &by_call) == 0);
        timeval by_day{};
        EXPECT(::syscall(SYS_gettimeofday, &by_day, nullptr) == 0);
        EXPECT(by_standard.tv_sec == std::time(nullptr) && by_call.tv_sec == std::time(nullptr));
        EXPECT(by_day.tv_sec == std::time(nullptr) && ::syscall(SYS_time, nullptr) == std::time(nullptr));
        tms used{};
        EXPECT(::times(&used) == 112'000 && used.tms_utime == 112'000 && used.tms_cutime == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_loop_that_looks_at_the_clock_comes_to_its_end) {
    holds(
        [] {
            const auto end = std::chrono::steady_clock::now() + 100ms;
            while (std::chrono::steady_clock::now() < end) {}
            while (std::chrono::steady_clock::now() < end + 100ms) {
                std::this_thread::yield();
            }
        },
        3);
}

BOOST_AUTO_TEST_CASE(chance_is_the_same_in_every_execution) {
    static std::vector<unsigned int> first;
    holds([] {
        std::vector<unsigned int> drawn;
        std::random_device device;
        for (int count = 0; count < 3; ++count) {
            drawn.push_back(device());
            drawn.push_back(static_cast<unsigned int>(std::rand()));
        }
        if (first.empty()) {
            first = drawn;
        }
        EXPECT(drawn == first);
        EXPECT(drawn[0] != drawn[2]);
    });
}

BOOST_AUTO_TEST_CASE(seeds_of_all_kinds_are_an_executions_own) {
    char state[64] = "";
    char* const before = ::initstate(5, state, sizeof state);
    const long drawn = ::random();
    ::setstate(before);
    unsigned short seed[3] = {1, 2, 3};
    unsigned short parameters[7] = {1, 2, 3, 4, 5, 6, 7};
    ::seed48(seed);
    const double drawn48 = ::drand48();
    ::lcong48(parameters);
    const double drawn_otherwise = ::drand48();
    holds([&] {
        const long first = ::random();
        char own_state[64] = "";
        char* const own_before = ::initstate(5, own_state, sizeof own_state);
        EXPECT(::random() == drawn);
        EXPECT(::setstate(own_before) == own_state);
        EXPECT(first == 1804289383 && ::random() == 846930886);
        ::seed48(seed);
        EXPECT(::drand48() == drawn48);
        ::lcong48(parameters);
        EXPECT(::drand48() == drawn_otherwise);
        std::uint64_t by_call = 0;
        EXPECT(::syscall(SYS_getrandom, &by_call, sizeof by_call, 0) == sizeof by_call);
        static const std::uint64_t by_first_call = by_call;
        EXPECT(by_call == by_first_call);
    });
}

BOOST_AUTO_TEST_CASE(hundreds_of_threads) {
    holds(
        [] {
            std::atomic<int> sum{0};
            std::vector<std::thread> all;
            for (int number = 0; number < 300; ++number) {
                all.emplace_back([&sum] { ++sum; });
            }
            for (std::thread& each : all) {
                each.join();
            }
            EXPECT(sum == 300);
        },
        3);
}

BOOST_AUTO_TEST_CASE(an_exception_that_leaves_a_thread_is_a_finding) {
    const cppvaldi::finding raised = found([] {
        std::thread other([] { throw std::runtime_error("out of here"); });
        other.join();
    });
    BOOST_TEST(raised.what == cppvaldi::finding::kind::exception);
    BOOST_TEST(raised.message == "out of here");
}

BOOST_AUTO_TEST_CASE(a_thread_that_is_never_joined_is_a_finding) {
    const cppvaldi::finding aborted = found([] { std::thread forgotten([] {}); });
    BOOST_TEST(aborted.what == cppvaldi::finding::kind::aborted);
}
