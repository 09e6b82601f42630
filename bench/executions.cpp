// What does a whole execution cost, which a search repeats thousands of times: a runner, two starters of three checkpoints
// each, a declared order, played to the end, torn down?

#include "rivals.hpp"

#include <cppvaldi/cppvaldi.hpp>

namespace {

void go() {
    cppvaldi::checkpoint("read");
    cppvaldi::checkpoint("written");
    cppvaldi::checkpoint("told");
}

void whole_execution(benchmark::State& state) {
    const cppvaldi::order declared = cppvaldi::order::parse(
        "alice:read bob:read bob:written alice:written alice:told bob:told");
    for (auto _ : state) {
        for (std::int64_t each = 0; each < state.range(0); ++each) {
            cppvaldi::runner run;
            run.start("alice", &go);
            run.start("bob", &go);
            run.declare(declared);
            run.finish();
        }
    }
    bench::count_items(state, state.range(0));
}

/// The same, and the order is made anew from the starters' handles: six values with two names each.
void with_its_order(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t each = 0; each < state.range(0); ++each) {
            cppvaldi::runner run;
            const cppvaldi::starter alice = run.start("alice", &go);
            const cppvaldi::starter bob = run.start("bob", &go);
            run.declare({alice.at("read"), bob.at("read"), bob.at("written"), alice.at("written"), alice.at("told"),
                         bob.at("told")});
            run.finish();
        }
    }
    bench::count_items(state, state.range(0));
}

/// Two threads keep the same order with a mutex and a condition variable, and nothing is recorded.
void by_threads(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t each = 0; each < state.range(0); ++each) {
            bench::baton turns;
            std::thread alice([&turns] {
                turns.pass(0, 1);
                turns.pass(3, 4);
                turns.pass(4, 5);
            });
            std::thread bob([&turns] {
                turns.pass(1, 2);
                turns.pass(2, 3);
                turns.pass(5, 6);
            });
            alice.join();
            bob.join();
        }
    }
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("whole_execution", {3, 1'000}, &whole_execution);
    bench::measure("with_its_order", {3, 1'000}, &with_its_order);
    bench::measure("by_threads", {1, 20}, &by_threads, bench::timing::wall);
    bench::measure_raw_creation();
    return bench::run(
        argc, argv,
        {
            {"a whole execution, repeated: at most 1,000 ns", "whole_execution", "raw_creation", 0, 1'000},
            {"the same, its order made anew each time", "with_its_order", "raw_creation", 0, 1'000},
            {"the same, against two threads that keep the order", "whole_execution", "by_threads"},
        });
}
