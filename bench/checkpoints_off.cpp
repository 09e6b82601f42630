// What is left of a checkpoint that was compiled out? Nothing, within what a loop can tell.

#define CPPVALDI_CHECKPOINTS 0

#include "report.hpp"

#include <cppvaldi/checkpoint.hpp>

namespace {

void empty_loop(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t turn = 0; turn < state.range(0); ++turn) {
            benchmark::ClobberMemory();
        }
    }
    bench::count_items(state, state.range(0));
}

void compiled_out(benchmark::State& state) {
    for (auto _ : state) {
        for (std::int64_t turn = 0; turn < state.range(0); ++turn) {
            cppvaldi::checkpoint("read");
            cppvaldi::checkpoint("written", turn);
            benchmark::ClobberMemory();
        }
    }
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("empty_loop", {10, 10'000}, &empty_loop);
    bench::measure("compiled_out", {10, 10'000}, &compiled_out);
    return bench::run(
        argc, argv,
        {{"two checkpoints compiled out, against no checkpoint", "compiled_out", "empty_loop", 1.2}});
}
