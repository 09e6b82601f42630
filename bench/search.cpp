// How many executions a second does a search make, starters made and destroyed in each of them? And what does one decision cost in
// it? The programs are those by which others measure themselves: a lost update of two threads, three rounds of a load and a store
// each; a counter under a mutex, three threads, three increments each.

#include "report.hpp"
#include "rivals.hpp"

#include "explore/tally.hpp"
#include "kernel/journal.hpp"
#include "strategies/forced.hpp"
#include "strategies/generator.hpp"
#include "support/contended.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/explore.hpp>
#include <cppvaldi/thread.hpp>

#include <cstdint>

namespace {

/// So many executions of one search; a search that is complete before begins again.
template <typename Description>
void search(benchmark::State& state, void (*body)(), const Description& by) {
    const auto executions = static_cast<std::uint64_t>(state.range(0));
    for (auto _ : state) {
        for (std::uint64_t made = 0; made < executions;) {
            const cppvaldi::exploration found = cppvaldi::explore(body, by, {.executions = executions - made});
            made += found.executions;
        }
    }
    bench::count_items(state, state.range(0));
}

void lost_update_random(benchmark::State& state) { search(state, &lost_update<3>, cppvaldi::random{}); }
void lost_update_exhaustive(benchmark::State& state) { search(state, &lost_update<3>, cppvaldi::exhaustive{}); }
void lost_update_pct(benchmark::State& state) { search(state, &lost_update<3>, cppvaldi::pct{}); }
void lost_update_pos(benchmark::State& state) { search(state, &lost_update<3>, cppvaldi::pos{}); }
void lost_update_surw(benchmark::State& state) { search(state, &lost_update<3>, cppvaldi::surw{}); }
void mutex_counter_random(benchmark::State& state) { search(state, &mutex_counter<int, 3>, cppvaldi::random{}); }
void mutex_counter_exhaustive(benchmark::State& state) {
    search(state, &mutex_counter<int, 3>, cppvaldi::exhaustive{});
}

/// Draws as the random strategy does, but then always changes to the other of two starters, or never.
class drawn final : public cppvaldi::strategy {
public:
    explicit drawn(bool changes) : changes_(changes) {}

    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        const cppvaldi::starter_id forced = cppvaldi::forced_choice(point);
        if (forced != cppvaldi::nobody) {
            return forced;
        }
        const std::size_t count = point.enabled.size();
        if (count != 2) {
            return point.enabled.first();
        }
        benchmark::DoNotOptimize(numbers_.below(static_cast<std::uint32_t>(count)));
        return point.enabled.at(point.enabled.rank_of(point.running) ^ (changes_ ? 1U : 0U));
    }

private:
    cppvaldi::generator numbers_{1};
    bool changes_;
};

void decide(benchmark::State& state, bool changes) {
    const std::int64_t steps = state.range(0);
    for (auto _ : state) {
        drawn by(changes);
        const auto body = [steps] {
            cppvaldi::atomic<std::int64_t> shared{0};
            const auto store = [&] {
                for (std::int64_t each = 0; each < steps / 2; ++each) {
                    shared.store(each);
                }
            };
            cppvaldi::thread alice{"alice", store};
            cppvaldi::thread bob{"bob", store};
            alice.join();
            bob.join();
        };
        benchmark::DoNotOptimize(cppvaldi::explore(body, by, {.executions = 1}));
    }
    bench::count_items(state, steps);
}

/// What an execution of the lost update records: its decisions, one by one, and that they were counted.
void recording(benchmark::State& state) {
    constexpr std::uint32_t steps = 17;
    cppvaldi::journal<cppvaldi::decision> decisions;
    cppvaldi::tally counted;
    std::uint32_t starter = 0;
    for (auto _ : state) {
        for (std::int64_t execution = 0; execution < state.range(0); ++execution) {
            decisions.clear();
            for (std::uint32_t step = 0; step < steps; ++step) {
                cppvaldi::decision& taken = decisions.append();
                taken.what = cppvaldi::decision::kind::starter;
                taken.chosen = starter++ % 3;
                benchmark::ClobberMemory();
            }
            counted.count(decisions.entries());
        }
    }
    bench::count_items(state, state.range(0));
}

void decision_with_switch(benchmark::State& state) { decide(state, true); }
void decision_without_switch(benchmark::State& state) { decide(state, false); }

} // namespace

int main(int argc, char** argv) {
    bench::measure("lost_update_random", {3, 20'000}, &lost_update_random);
    bench::measure("lost_update_exhaustive", {3, 20'000}, &lost_update_exhaustive);
    bench::measure("lost_update_pct", {3, 20'000}, &lost_update_pct);
    bench::measure("lost_update_pos", {3, 20'000}, &lost_update_pos);
    bench::measure("lost_update_surw", {3, 20'000}, &lost_update_surw);
    bench::measure("mutex_counter_random", {3, 20'000}, &mutex_counter_random);
    bench::measure("mutex_counter_exhaustive", {3, 20'000}, &mutex_counter_exhaustive);
    bench::measure("recording", {3, 20'000}, &recording);
    bench::measure("decision_with_switch", {100, 100'000}, &decision_with_switch);
    bench::measure("decision_without_switch", {100, 100'000}, &decision_without_switch);
    bench::measure_raw_creation();
    return bench::run(
        argc, argv,
        {
            {"lost update at random: 2,000,000 a second", "lost_update_random", "raw_creation", 0, 500},
            {"lost update, full search: 2,000,000 a second", "lost_update_exhaustive", "raw_creation", 0, 500},
            {"the same by pct", "lost_update_pct", "lost_update_random"},
            {"the same by pos", "lost_update_pos", "lost_update_random"},
            {"the same by surw", "lost_update_surw", "lost_update_random"},
            {"mutex counter at random: 1,000,000 a second", "mutex_counter_random", "raw_creation", 0, 1'000},
            {"mutex counter, full search: 1,000,000 a second", "mutex_counter_exhaustive", "raw_creation", 0, 1'000},
            {"what is recorded of it: at most 10%", "recording", "lost_update_random", 0.1},
            {"a random decision and a switch: at most 40 ns", "decision_with_switch", nullptr, 0, 40},
            {"a random decision without a switch: at most 20 ns", "decision_without_switch", nullptr, 0, 20},
        });
}
