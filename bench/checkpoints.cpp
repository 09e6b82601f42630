// What does a checkpoint cost: outside an execution, where it may be left in production code, and inside one, where two
// starters alternate through checkpoints as a declared order says, and the schedule is recorded?

#include "rivals.hpp"

#include <cppvaldi/cppvaldi.hpp>

namespace {

/// What surrounds the calls measured here: memory may have changed at each.
void empty_loop(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t turn = 0; turn < state.range(0); ++turn) {
            benchmark::ClobberMemory();
        }
    }
    bench::count_items(state, state.range(0));
}

void checkpoint_outside(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t turn = 0; turn < state.range(0); ++turn) {
            cppvaldi::checkpoint("read");
            benchmark::ClobberMemory();
        }
    }
    bench::count_items(state, state.range(0));
}

void checkpoint_with_value_outside(benchmark::State& state) {
    std::int64_t turn = 0;
    for (auto _ : state) {
        for (turn = 0; turn < state.range(0); ++turn) {
            cppvaldi::checkpoint("read", turn);
            benchmark::ClobberMemory();
        }
    }
    bench::count_items(state, state.range(0));
}

void go(std::int64_t checkpoints) {
    for (std::int64_t turn = 0; turn < checkpoints; ++turn) {
        cppvaldi::checkpoint("turn");
    }
}

/// Only `finish()` is timed: what comes before and after it, `executions` measures.
void alternating(benchmark::State& state) {
    cppvaldi::order declared;
    for (std::int64_t turn = 0; turn < state.range(0); ++turn) {
        declared.push_back(cppvaldi::at("alice", "turn"));
        declared.push_back(cppvaldi::at("bob", "turn"));
    }
    for (auto _ : state) {
        cppvaldi::runner run;
        run.start("alice", &go, state.range(0));
        run.start("bob", &go, state.range(0));
        run.declare(declared);
        const double begin = bench::processor_seconds();
        run.finish();
        state.SetIterationTime(bench::processor_seconds() - begin);
    }
    bench::count_items(state, 2 * state.range(0));
}

/// Without an order the starter that runs goes on: no switch.
void staying(benchmark::State& state) {
    for (auto _ : state) {
        cppvaldi::runner run;
        run.start("alice", &go, state.range(0));
        run.start("bob", &go, state.range(0));
        const double begin = bench::processor_seconds();
        run.finish();
        state.SetIterationTime(bench::processor_seconds() - begin);
    }
    bench::count_items(state, 2 * state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("empty_loop", {10, 10'000}, &empty_loop);
    bench::measure("outside", {10, 10'000}, &checkpoint_outside);
    bench::measure("value_outside", {10, 10'000}, &checkpoint_with_value_outside);
    bench::measure("alternating", {3, 1'000}, &alternating, bench::timing::own);
    bench::measure("staying", {3, 1'000}, &staying, bench::timing::own);
    bench::measure_raw_one_way();
    bench::measure_boost_fiber_round_trip();
    bench::measure_thread_round_trip();
    return bench::run(
        argc, argv,
        {
            {"checkpoint() outside an execution: at most 2 ns", "outside", "empty_loop", 0, 2},
            {"checkpoint() with a value outside an execution: at most 2 ns", "value_outside", "empty_loop", 0, 2},
            {"two starters alternating, each checkpoint: at most 4 switches", "alternating", "raw_one_way", 4},
            {"the same, against Boost.Fiber's yield", "alternating", "boost_fiber_round_trip"},
            {"the same, against two threads", "alternating", "thread_round_trip"},
            {"a checkpoint where the same starter goes on", "staying", "raw_one_way"},
        });
}
