#pragma once

// Code as a starter, the two ways in which it is run.

#include "report.hpp"

#include "kernel/execution.hpp"

#include <cppvaldi/runner.hpp>

#include <cstdint>

namespace bench {

template <typename Use>
void repeat(std::int64_t count, const Use& use) {
    for (std::int64_t each = 0; each < count; ++each) {
        use();
    }
}

/// Each iteration is an execution of `body` by hand, with a trace.
template <typename Body>
void under_runner(benchmark::State& state, const Body& body) {
    for (auto _ : state) {
        cppvaldi::runner run;
        run.start("main", [&body] { body(); });
        run.finish();
    }
}

/// Lets the lowest go on: what a decision costs at least.
class lowest_first final : public cppvaldi::strategy {
public:
    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override { return point.enabled.first(); }
};

/// Each iteration is an execution of `body` as a search runs it, without a trace.
template <typename Body>
void under_search(benchmark::State& state, const Body& body) {
    cppvaldi::execution world;
    lowest_first decides;
    const auto start = [&world](cppvaldi::detail::job_shape shape, cppvaldi::detail::job_maker maker) {
        (void)world.spawn("main", shape, maker);
    };
    for (auto _ : state) {
        world.begin(decides, {}, {.tracing = false});
        cppvaldi::detail::with_job(start, [&body] { body(); });
        benchmark::DoNotOptimize(world.run());
        world.end();
    }
}

} // namespace bench
