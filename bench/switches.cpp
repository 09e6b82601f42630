// What does it cost to hand control to another flow and get it back, with all that a C++ flow has of its own (the exceptions
// it handles, `errno`), against a bare Boost.Context switch, a Boost.Fiber yield, and a thread that waits for its turn?

#include "rivals.hpp"

#include "fiber/fiber.hpp"
#include "fiber/stack_pool.hpp"

namespace {

struct flows {
    cppvaldi::fiber here;
    cppvaldi::fiber there;

    static void run(void* argument) {
        auto& both = *static_cast<flows*>(argument);
        for (;;) {
            both.there.switch_to(both.here);
        }
    }
};

void fiber_round_trip(benchmark::State& state) {
    cppvaldi::stack_pool stacks(bench::stack_size_bytes);
    const cppvaldi::stack memory = stacks.acquire();
    flows both;
    both.there.prepare(memory, memory.base, &flows::run, &both);
    for (auto _ : state) {
        for (std::int64_t trip = 0; trip < state.range(0); ++trip) {
            both.here.switch_to(both.there);
        }
    }
    stacks.release(memory);
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("fiber_round_trip", {10, 1'000}, &fiber_round_trip);
    bench::measure_raw_one_way();
    bench::measure_raw_round_trip();
    bench::measure_boost_fiber_round_trip();
    bench::measure_thread_round_trip();
    return bench::run(argc, argv,
                      {
                          {"a fiber's round trip, against a bare one", "fiber_round_trip", "raw_round_trip"},
                          {"the same, against Boost.Fiber", "fiber_round_trip", "boost_fiber_round_trip"},
                          {"the same, against two threads", "fiber_round_trip", "thread_round_trip"},
                          {"a bare switch, one way", "raw_one_way", "raw_round_trip"},
                      });
}
