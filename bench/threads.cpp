// What does a thread cost under the kernel, and what does virtual time: a `thread` that is created and joined, against a bare
// fiber, Boost.Fiber's and the operating system's threads, and a thousand starters that sleep a thousand times each.

#include "rivals.hpp"
#include "under_kernel.hpp"

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/jthread.hpp>
#include <cppvaldi/thread.hpp>

#include <chrono>
#include <vector>

namespace {

template <typename Thread>
void create_and_join(benchmark::State& state) {
    bench::under_search(state, [&] { bench::repeat(state.range(0), [] { Thread([] {}).join(); }); });
    bench::count_items(state, state.range(0));
}

void traced_create_and_join(benchmark::State& state) {
    bench::under_runner(state, [&] { bench::repeat(state.range(0), [] { cppvaldi::thread([] {}).join(); }); });
    bench::count_items(state, state.range(0));
}

void named_create_and_join(benchmark::State& state) {
    bench::under_search(state,
                        [&] { bench::repeat(state.range(0), [] { cppvaldi::thread("worker", [] {}).join(); }); });
    bench::count_items(state, state.range(0));
}

/// As many starters as the size says sleep that often, each for another time.
void sleep(benchmark::State& state) {
    const std::int64_t count = state.range(0);
    bench::under_search(state, [&] {
        std::vector<cppvaldi::jthread> sleepers;
        for (std::int64_t id = 0; id < count; ++id) {
            sleepers.emplace_back([id, count] {
                bench::repeat(count, [&] {
                    cppvaldi::this_thread::sleep_for(std::chrono::nanoseconds(1 + id * 7919 % count));
                });
            });
        }
    });
    bench::count_items(state, count * count);
}

} // namespace

int main(int argc, char** argv) {
    constexpr bench::sizes each{10, 1'000};
    bench::measure("create_join", each, &create_and_join<cppvaldi::thread>);
    bench::measure("traced_create_join", each, &traced_create_and_join);
    bench::measure("named_create_join", each, &named_create_and_join);
    bench::measure("jthread_create_join", each, &create_and_join<cppvaldi::jthread>);
    bench::measure("sleep", each, &sleep, bench::timing::processor, 5);
    bench::measure_raw_creation();
    bench::measure_boost_fiber_creation();
    bench::measure_thread_creation();
    return bench::run(argc, argv,
                      {
                          {"a thread, created and joined: at most 250 ns", "create_join", "boost_fiber_creation", 0,
                           250},
                          {"the same with a trace", "traced_create_join", "boost_fiber_creation"},
                          {"the same with a name that all have", "named_create_join", "boost_fiber_creation"},
                          {"a jthread, created and joined", "jthread_create_join", nullptr},
                          {"a thread, against a bare fiber", "create_join", "raw_creation"},
                          {"a thread, against the operating system's", "create_join", "thread_creation"},
                          {"one of 1,000 sleeps of 1,000 starters", "sleep", nullptr},
                      });
}
