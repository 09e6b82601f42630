#pragma once

// What the library is measured against, in the same run: bare Boost.Context, Boost.Fiber, and threads of the operating
// system. Each is the cheapest way that its documentation shows.

#include "report.hpp"

#include <boost/context/fiber.hpp>
#include <boost/context/stack_context.hpp>
#include <boost/fiber/all.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace bench {

constexpr std::size_t stack_size_bytes = 256 * 1024;

/// Hands out the stack that was given back last: what a pool costs at its best.
class pooled_stack {
public:
    boost::context::stack_context allocate() {
        if (spare_ == nullptr) {
            spare_ = std::make_unique<std::array<std::byte, stack_size_bytes>>();
        }
        boost::context::stack_context given;
        given.size = stack_size_bytes;
        given.sp = spare_->data() + stack_size_bytes;
        return given;
    }

    void deallocate(boost::context::stack_context&) noexcept {}

private:
    static inline std::unique_ptr<std::array<std::byte, stack_size_bytes>> spare_;
};

// --- Boost.Context ---

inline void raw_switches(benchmark::State& state, std::int64_t items_in_round_trip) {
    namespace context = boost::context;
    bool stop = false;
    context::fiber other(std::allocator_arg, pooled_stack(), [&stop](context::fiber&& back) {
        while (!stop) {
            back = std::move(back).resume();
        }
        return std::move(back);
    });
    for (auto _ : state) {
        for (std::int64_t trip = 0; trip < state.range(0); ++trip) {
            other = std::move(other).resume();
        }
    }
    stop = true;
    other = std::move(other).resume();
    count_items(state, items_in_round_trip * state.range(0));
}

inline void raw_one_way(benchmark::State& state) { raw_switches(state, 2); }
inline void raw_round_trip(benchmark::State& state) { raw_switches(state, 1); }

/// Created on a pooled stack, run to its end, destroyed.
inline void raw_creation(benchmark::State& state) {
    namespace context = boost::context;
    for (auto _ : state) {
        for (std::int64_t each = 0; each < state.range(0); ++each) {
            context::fiber made(std::allocator_arg, pooled_stack(),
                                [](context::fiber&& back) { return std::move(back); });
            made = std::move(made).resume();
            benchmark::DoNotOptimize(made);
        }
    }
    count_items(state, state.range(0));
}

// --- Boost.Fiber ---

/// There and back through its scheduler.
inline void boost_fiber_round_trip(benchmark::State& state) {
    bool stop = false;
    boost::fibers::fiber other([&stop] {
        while (!stop) {
            boost::this_fiber::yield();
        }
    });
    for (auto _ : state) {
        for (std::int64_t trip = 0; trip < state.range(0); ++trip) {
            boost::this_fiber::yield();
        }
    }
    stop = true;
    other.join();
    count_items(state, state.range(0));
}

inline void boost_fiber_creation(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t each = 0; each < state.range(0); ++each) {
            boost::fibers::fiber(boost::fibers::launch::dispatch, std::allocator_arg, pooled_stack(), [] {}).join();
        }
    }
    count_items(state, state.range(0));
}

// --- std::thread ---

/// Several threads take turns: `pass` waits for one's own turn, and gives the next one.
class baton {
public:
    void pass(int from, int to) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return turn_ == from; });
        turn_ = to;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int turn_ = 0;
};

/// Two threads, there and back.
inline void thread_round_trip(benchmark::State& state) {
    baton turns;
    bool stop = false;
    std::thread other([&] {
        while (!stop) {
            turns.pass(1, 0);
        }
    });
    for (auto _ : state) {
        for (std::int64_t trip = 0; trip < state.range(0); ++trip) {
            turns.pass(0, 1);
        }
    }
    turns.pass(0, 2);
    stop = true;
    turns.pass(2, 1);
    other.join();
    count_items(state, state.range(0));
}

inline void thread_creation(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t each = 0; each < state.range(0); ++each) {
            std::thread([] {}).join();
        }
    }
    count_items(state, state.range(0));
}

inline void measure_raw_one_way() { measure("raw_one_way", {10, 1'000}, &raw_one_way); }
inline void measure_raw_round_trip() { measure("raw_round_trip", {10, 1'000}, &raw_round_trip); }
inline void measure_raw_creation() { measure("raw_creation", {10, 1'000}, &raw_creation); }
inline void measure_boost_fiber_round_trip() { measure("boost_fiber_round_trip", {10, 1'000}, &boost_fiber_round_trip); }
inline void measure_boost_fiber_creation() { measure("boost_fiber_creation", {10, 1'000}, &boost_fiber_creation); }
inline void measure_thread_round_trip() {
    measure("thread_round_trip", {2, 200}, &thread_round_trip, timing::wall);
}
inline void measure_thread_creation() { measure("thread_creation", {1, 100}, &thread_creation, timing::wall); }

} // namespace bench
