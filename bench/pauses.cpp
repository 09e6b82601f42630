// What does a pause cost: `next()`, which lets starters run up to the next declared checkpoint, and comes back to the caller
// with its name?

#include "rivals.hpp"

#include <cppvaldi/cppvaldi.hpp>

namespace {

void go(std::int64_t checkpoints) {
    for (std::int64_t turn = 0; turn < checkpoints; ++turn) {
        cppvaldi::checkpoint("turn");
    }
}

cppvaldi::order alternation(std::int64_t turns) {
    cppvaldi::order declared;
    for (std::int64_t turn = 0; turn < turns; ++turn) {
        declared.push_back(cppvaldi::at("alice", "turn"));
        declared.push_back(cppvaldi::at("bob", "turn"));
    }
    return declared;
}

/// Times `drive`, which pauses at each of the checkpoints that were declared.
template <typename Drive>
void timed(benchmark::State& state, Drive drive) {
    const cppvaldi::order declared = alternation(state.range(0));
    for (auto _ : state) {
        cppvaldi::runner run;
        run.start("alice", &go, state.range(0));
        run.start("bob", &go, state.range(0));
        run.declare(declared);
        const double begin = bench::processor_seconds();
        drive(run, declared);
        state.SetIterationTime(bench::processor_seconds() - begin);
    }
    bench::count_items(state, 2 * state.range(0));
}

void next_and_back(benchmark::State& state) {
    timed(state, [](cppvaldi::runner& run, const cppvaldi::order& declared) {
        for (std::size_t position = 0; position < declared.size(); ++position) {
            benchmark::DoNotOptimize(run.next());
        }
    });
}

void run_to_and_back(benchmark::State& state) {
    timed(state, [](cppvaldi::runner& run, const cppvaldi::order& declared) {
        for (const cppvaldi::checkpoint_ref& due : declared) {
            benchmark::DoNotOptimize(run.run_to(due));
        }
    });
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("next_and_back", {3, 1'000}, &next_and_back, bench::timing::own);
    bench::measure("run_to_and_back", {3, 1'000}, &run_to_and_back, bench::timing::own);
    bench::measure_raw_round_trip();
    bench::measure_boost_fiber_round_trip();
    bench::measure_thread_round_trip();
    return bench::run(argc, argv,
                      {
                          {"next() and back: at most 4 round trips", "next_and_back", "raw_round_trip", 4},
                          {"the same, against Boost.Fiber's yield", "next_and_back", "boost_fiber_round_trip"},
                          {"the same, against two threads", "next_and_back", "thread_round_trip"},
                          {"run_to() and back", "run_to_and_back", "raw_round_trip"},
                      });
}
