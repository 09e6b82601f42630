// What does an access to plain memory cost in instrumented code? The hooks are called as compiled code calls them: over and over a few
// pages that the starter has to itself, with the race detector and without; after a lock each time; and outside an execution, where a
// test sets up what it needs.

#include "report.hpp"

#include <cppvaldi/explore.hpp>
#include <cppvaldi/mutex.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" {
void __tsan_read4(void* address);
void __tsan_write4(void* address);
}

namespace {

constexpr std::size_t values = 1'000;

/// So many reads and writes, in turn.
void go_through(std::vector<int>& memory, std::int64_t accesses) {
    int* const first = memory.data();
    for (std::int64_t left = accesses; left > 0; left -= 2 * static_cast<std::int64_t>(values)) {
        for (std::size_t each = 0; each < values; ++each) {
            __tsan_read4(first + each);
            __tsan_write4(first + each);
        }
    }
}

template <bool Races>
void accesses(benchmark::State& state) {
    std::vector<int> memory(values);
    for (auto _ : state) {
        (void)cppvaldi::explore([&] { go_through(memory, state.range(0)); }, cppvaldi::random{},
                                {.executions = 1, .each = {.data_races = Races}});
    }
    bench::count_items(state, state.range(0));
}

/// Ten accesses each time that the lock is taken: none of them is like the last one.
void under_lock(benchmark::State& state) {
    std::vector<int> memory(values);
    for (auto _ : state) {
        const auto body = [&] {
            cppvaldi::mutex guard;
            for (std::int64_t left = state.range(0); left > 0; left -= 10) {
                guard.lock();
                for (std::size_t each = 0; each < 10; ++each) {
                    __tsan_write4(&memory[each]);
                }
                guard.unlock();
            }
        };
        (void)cppvaldi::explore(body, cppvaldi::random{}, {.executions = 1});
    }
    bench::count_items(state, state.range(0));
}

/// The locks alone, as many.
void lock_alone(benchmark::State& state) {
    for (auto _ : state) {
        const auto body = [&] {
            cppvaldi::mutex guard;
            for (std::int64_t left = state.range(0); left > 0; left -= 10) {
                guard.lock();
                guard.unlock();
            }
        };
        (void)cppvaldi::explore(body, cppvaldi::random{}, {.executions = 1});
    }
    bench::count_items(state, state.range(0));
}

void outside(benchmark::State& state) {
    std::vector<int> memory(values);
    for (auto _ : state) {
        go_through(memory, state.range(0));
    }
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("with_races", {2'000, 10'000'000}, &accesses<true>);
    bench::measure("without_races", {2'000, 10'000'000}, &accesses<false>);
    bench::measure("under_lock", {2'000, 1'000'000}, &under_lock);
    bench::measure("lock_alone", {2'000, 1'000'000}, &lock_alone);
    bench::measure("outside", {2'000, 10'000'000}, &outside);
    return bench::run(argc, argv,
                      {
                          {"a plain access, watched for races: at most 8 ns", "with_races", nullptr, 0, 8},
                          {"a plain access that is not watched: at most 3 ns", "without_races", nullptr, 0, 3},
                          {"the first of its kind since a release, and a tenth of the lock", "under_lock", "lock_alone"},
                          {"outside an execution", "outside", nullptr},
                      });
}
