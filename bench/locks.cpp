// What does a lock cost under the kernel: taken and given back by one who is alone, and handed over between two who wait for
// each other with a condition, against Boost.Fiber's, and against threads of the operating system?

#include "rivals.hpp"
#include "under_kernel.hpp"

#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/shared_mutex.hpp>
#include <cppvaldi/thread.hpp>

namespace {

template <typename Mutex>
void lock_and_unlock(benchmark::State& state) {
    bench::under_runner(state, [&] {
        Mutex mutex;
        bench::repeat(state.range(0), [&] {
            mutex.lock();
            mutex.unlock();
        });
    });
    bench::count_items(state, state.range(0));
}

void search_lock_and_unlock(benchmark::State& state) {
    bench::under_search(state, [&] {
        cppvaldi::mutex mutex;
        bench::repeat(state.range(0), [&] {
            mutex.lock();
            mutex.unlock();
        });
    });
    bench::count_items(state, state.range(0));
}

void guard(benchmark::State& state) {
    bench::under_runner(state, [&] {
        cppvaldi::mutex mutex;
        bench::repeat(state.range(0), [&] { cppvaldi::lock_guard held(mutex); });
    });
    bench::count_items(state, state.range(0));
}

template <typename Mutex>
void lock_and_unlock_outside(benchmark::State& state) {
    Mutex mutex;
    for (auto _ : state) {
        bench::repeat(state.range(0), [&] {
            mutex.lock();
            mutex.unlock();
        });
    }
    bench::count_items(state, state.range(0));
}

/// Two take turns: each waits for its own, and gives the other the next one.
template <typename Mutex, typename Condition, typename Lock>
class turns {
public:
    void take(int mine) {
        Lock lock(mutex_);
        while (turn_ != mine) {
            changed_.wait(lock);
        }
        turn_ = 1 - mine;
        changed_.notify_one();
    }

    void take_all(int mine, std::int64_t count) {
        bench::repeat(count, [&] { take(mine); });
    }

private:
    Mutex mutex_;
    Condition changed_;
    int turn_ = 0;
};

void hand_over(benchmark::State& state) {
    bench::under_search(state, [&] {
        turns<cppvaldi::mutex, cppvaldi::condition_variable, cppvaldi::unique_lock<cppvaldi::mutex>> taken;
        cppvaldi::thread other([&] { taken.take_all(1, state.range(0)); });
        taken.take_all(0, state.range(0));
        other.join();
    });
    bench::count_items(state, state.range(0));
}

void traced_hand_over(benchmark::State& state) {
    bench::under_runner(state, [&] {
        turns<cppvaldi::mutex, cppvaldi::condition_variable, cppvaldi::unique_lock<cppvaldi::mutex>> taken;
        cppvaldi::thread other([&] { taken.take_all(1, state.range(0)); });
        taken.take_all(0, state.range(0));
        other.join();
    });
    bench::count_items(state, state.range(0));
}

void boost_fiber_hand_over(benchmark::State& state) {
    namespace fibers = boost::fibers;
    for (auto _ : state) {
        turns<fibers::mutex, fibers::condition_variable, std::unique_lock<fibers::mutex>> taken;
        fibers::fiber other(fibers::launch::post, std::allocator_arg, bench::pooled_stack(),
                            [&] { taken.take_all(1, state.range(0)); });
        taken.take_all(0, state.range(0));
        other.join();
    }
    bench::count_items(state, state.range(0));
}

void thread_hand_over(benchmark::State& state) {
    for (auto _ : state) {
        turns<std::mutex, std::condition_variable, std::unique_lock<std::mutex>> taken;
        std::thread other([&] { taken.take_all(1, state.range(0)); });
        taken.take_all(0, state.range(0));
        other.join();
    }
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    constexpr bench::sizes each{10, 1'000};
    bench::measure("lock_unlock", each, &lock_and_unlock<cppvaldi::mutex>);
    bench::measure("search_lock_unlock", each, &search_lock_and_unlock);
    bench::measure("lock_guard", each, &guard);
    bench::measure("recursive_lock_unlock", each, &lock_and_unlock<cppvaldi::recursive_mutex>);
    bench::measure("shared_mutex_lock_unlock", each, &lock_and_unlock<cppvaldi::shared_mutex>);
    bench::measure("std_lock_unlock", each, &lock_and_unlock_outside<std::mutex>);
    bench::measure("boost_fiber_lock_unlock", each, &lock_and_unlock_outside<boost::fibers::mutex>);
    bench::measure("hand_over", each, &hand_over);
    bench::measure("traced_hand_over", each, &traced_hand_over);
    bench::measure("boost_fiber_hand_over", each, &boost_fiber_hand_over);
    bench::measure("thread_hand_over", {2, 200}, &thread_hand_over, bench::timing::wall);
    return bench::run(argc, argv,
                      {
                          {"lock and unlock, traced: at most 30 ns", "lock_unlock", "std_lock_unlock", 0, 30},
                          {"the same as a search runs it", "search_lock_unlock", "std_lock_unlock", 0, 30},
                          {"the same, against Boost.Fiber's", "search_lock_unlock", "boost_fiber_lock_unlock"},
                          {"the same with a lock_guard, traced", "lock_guard", nullptr},
                          {"a recursive mutex, traced", "recursive_lock_unlock", nullptr},
                          {"a shared mutex, traced", "shared_mutex_lock_unlock", nullptr},
                          {"a hand-over there and back: 50 times as fast as threads", "hand_over", "thread_hand_over",
                           0.02},
                          {"the same: as fast as Boost.Fiber", "hand_over", "boost_fiber_hand_over", 1},
                          {"the same with a trace, against Boost.Fiber", "traced_hand_over", "boost_fiber_hand_over"},
                      });
}
