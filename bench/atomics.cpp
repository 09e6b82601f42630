// What does it cost to put an atomic under the kernel: an operation that is announced, decided and noted, but after which the
// same starter goes on, against the same operation of `std::atomic`, and against a bare Boost.Context switch?

#include "under_kernel.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/shared.hpp>

#include <boost/context/fiber.hpp>

#include <atomic>
#include <cstdint>
#include <utility>

namespace {

template <typename Use>
void under_runner(benchmark::State& state, Use use) {
    bench::under_runner(state, [&] { bench::repeat(state.range(0), use); });
    bench::count_items(state, state.range(0));
}

/// As a search runs it: without a trace.
template <typename Use>
void under_search(benchmark::State& state, Use use) {
    bench::under_search(state, [&] { bench::repeat(state.range(0), use); });
    bench::count_items(state, state.range(0));
}

template <typename Use>
void outside(benchmark::State& state, Use use) {
    for (auto _ : state) {
        bench::repeat(state.range(0), use);
    }
    bench::count_items(state, state.range(0));
}

cppvaldi::atomic<int> ours{0, "ours"};
cppvaldi::shared<int> plain{0, "plain"};
std::atomic<int> rival{0};

constexpr auto load = [] { benchmark::DoNotOptimize(ours.load()); };
constexpr auto store = [] { ours.store(1); };
constexpr auto fetch_add = [] { benchmark::DoNotOptimize(ours.fetch_add(1)); };
constexpr auto compare_exchange = [] {
    int expected = ours.load(std::memory_order_relaxed, {});
    benchmark::DoNotOptimize(ours.compare_exchange_strong(expected, expected + 1));
};
constexpr auto by_reference = [] {
    static int value = 0;
    static cppvaldi::atomic_ref<int> reference(value);
    benchmark::DoNotOptimize(reference.load());
};
constexpr auto plain_read = [] { benchmark::DoNotOptimize(plain.read()); };

constexpr auto std_load = [] { benchmark::DoNotOptimize(rival.load()); };
constexpr auto std_store = [] { rival.store(1); };
constexpr auto std_fetch_add = [] { benchmark::DoNotOptimize(rival.fetch_add(1)); };

void raw_switch(benchmark::State& state) {
    namespace context = boost::context;
    bool stop = false;
    context::fiber other([&stop](context::fiber&& back) {
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
    bench::count_items(state, 2 * state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    constexpr bench::sizes each{10, 1'000};
    bench::measure("load", each, [](benchmark::State& state) { under_runner(state, load); });
    bench::measure("store", each, [](benchmark::State& state) { under_runner(state, store); });
    bench::measure("fetch_add", each, [](benchmark::State& state) { under_runner(state, fetch_add); });
    bench::measure("load_and_cas", each, [](benchmark::State& state) { under_runner(state, compare_exchange); });
    bench::measure("reference_load", each, [](benchmark::State& state) { under_runner(state, by_reference); });
    bench::measure("plain_read", each, [](benchmark::State& state) { under_runner(state, plain_read); });
    bench::measure("search_load", each, [](benchmark::State& state) { under_search(state, load); });
    bench::measure("search_fetch_add", each, [](benchmark::State& state) { under_search(state, fetch_add); });
    bench::measure("load_outside", each, [](benchmark::State& state) { outside(state, load); });
    bench::measure("std_load", each, [](benchmark::State& state) { outside(state, std_load); });
    bench::measure("std_store", each, [](benchmark::State& state) { outside(state, std_store); });
    bench::measure("std_fetch_add", each, [](benchmark::State& state) { outside(state, std_fetch_add); });
    bench::measure("raw_switch", each, &raw_switch);
    return bench::run(argc, argv,
                      {
                          {"an atomic load without a switch, traced: at most 12 ns", "load", "std_load", 0, 12},
                          {"the same as a search runs it, without a trace", "search_load", "std_load", 0, 12},
                          {"the same, against a bare switch", "search_load", "raw_switch"},
                          {"a store, traced", "store", "std_store"},
                          {"a fetch_add, traced", "fetch_add", "std_fetch_add"},
                          {"a fetch_add as a search runs it", "search_fetch_add", "std_fetch_add"},
                          {"a load and a compare-exchange, traced", "load_and_cas", nullptr},
                          {"a load through atomic_ref, traced", "reference_load", nullptr},
                          {"a read of a shared<int>, no scheduling point, traced", "plain_read", nullptr},
                          {"a load outside an execution", "load_outside", "std_load"},
                      });
}
