// What does it cost to look for data races? The programs are those of `search`, but their counters are plain variables that are
// watched: a counter under a mutex, three threads, three increments each; a queue of one writer and two readers under a shared
// mutex; values handed over through an atomic. Their rivals are the same searches that do not look for races. And a program without
// any plain variable, which is to pay nothing.

#include "report.hpp"

#include "support/contended.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/explore.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/shared.hpp>
#include <cppvaldi/shared_mutex.hpp>
#include <cppvaldi/thread.hpp>

#include <cstdint>

namespace {

void readers_and_writer() {
    cppvaldi::shared_mutex guard;
    cppvaldi::shared<int> values[4];
    const auto look = [&] {
        guard.lock_shared();
        int sum = 0;
        for (const cppvaldi::shared<int>& each : values) {
            sum += each;
        }
        benchmark::DoNotOptimize(sum);
        guard.unlock_shared();
    };
    const auto change = [&] {
        guard.lock();
        for (cppvaldi::shared<int>& each : values) {
            ++each;
        }
        guard.unlock();
    };
    cppvaldi::thread alice{"alice", look};
    cppvaldi::thread bob{"bob", look};
    cppvaldi::thread carol{"carol", change};
    alice.join();
    bob.join();
    carol.join();
}

void hand_over() {
    cppvaldi::atomic<int> filled{0};
    cppvaldi::shared<int> value{0};
    cppvaldi::thread alice{"alice", [&] {
                               for (int round = 0; round < 3; ++round) {
                                   if (filled.load() == 0) {
                                       value = round;
                                       filled.store(1);
                                   }
                               }
                           }};
    cppvaldi::thread bob{"bob", [&] {
                             for (int round = 0; round < 3; ++round) {
                                 if (filled.load() == 1) {
                                     benchmark::DoNotOptimize(value.read());
                                     filled.store(0);
                                 }
                             }
                         }};
    alice.join();
    bob.join();
}

/// Nothing plain is shared.
/// So many executions of one search.
template <void (*Body)(), bool Races>
void search(benchmark::State& state) {
    const auto executions = static_cast<std::uint64_t>(state.range(0));
    for (auto _ : state) {
        const cppvaldi::exploration found =
            cppvaldi::explore(Body, cppvaldi::random{}, {.executions = executions, .each = {.data_races = Races}});
        if (found.finding) {
            state.SkipWithError("a race was found where there is none");
        }
    }
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("mutex_counter", {3, 20'000}, &search<&mutex_counter<cppvaldi::shared<int>, 3>, true>);
    bench::measure("mutex_counter_without", {3, 20'000}, &search<&mutex_counter<cppvaldi::shared<int>, 3>, false>);
    bench::measure("readers_and_writer", {3, 20'000}, &search<&readers_and_writer, true>);
    bench::measure("readers_and_writer_without", {3, 20'000}, &search<&readers_and_writer, false>);
    bench::measure("hand_over", {3, 20'000}, &search<&hand_over, true>);
    bench::measure("hand_over_without", {3, 20'000}, &search<&hand_over, false>);
    bench::measure("nothing_plain", {3, 20'000}, &search<&lost_update<3>, true>);
    bench::measure("nothing_plain_without", {3, 20'000}, &search<&lost_update<3>, false>);
    return bench::run(
        argc, argv,
        {
            {"a counter under a mutex: at most twice without", "mutex_counter", "mutex_counter_without", 2},
            {"readers and a writer: at most twice without", "readers_and_writer", "readers_and_writer_without", 2},
            {"a value through an atomic: at most twice without", "hand_over", "hand_over_without", 2},
            {"a program without plain variables", "nothing_plain", "nothing_plain_without"},
        });
}
