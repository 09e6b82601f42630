// How many classes a second does the reduction run, and does its memory grow with them? The programs are those by which the tools of
// the field measure themselves: a lost update of two starters, three rounds of a load and a store each (328 classes), and a scan
// for the last zero of an array that ten others write (3,328). And how does the cost of one execution grow? A table shows it for
// longer and longer lost updates of two starters, and for more and more pairs of starters that lose updates of their own.

#include "report.hpp"

#include "rivals.hpp"
#include "support/contended.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/explore.hpp>
#include <cppvaldi/thread.hpp>

#include <sys/resource.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

namespace {

void together(int count, const std::function<void(int)>& life) {
    std::vector<cppvaldi::thread> all;
    for (int each = 0; each < count; ++each) {
        all.emplace_back([&life, each] { life(each); });
    }
    for (cppvaldi::thread& each : all) {
        each.join();
    }
}

void last_zero() {
    constexpr int last = 10;
    std::array<cppvaldi::atomic<int>, last + 1> array;
    together(last + 1, [&](int who) {
        const auto at = [&](int position) -> cppvaldi::atomic<int>& {
            return array[static_cast<std::size_t>(position)];
        };
        if (who == 0) {
            for (int scanned = last; at(scanned).load() != 0; --scanned) {}
        } else {
            at(who).store(at(who - 1).load() + 1);
        }
    });
}

/// So many classes of one search; a search that is complete before begins again.
void search(benchmark::State& state, const std::function<void()>& body) {
    const auto classes = static_cast<std::uint64_t>(state.range(0));
    for (auto _ : state) {
        for (std::uint64_t made = 0; made < classes;) {
            made += cppvaldi::explore(body, cppvaldi::dpor{}, {.executions = classes - made}).executions;
        }
    }
    bench::count_items(state, state.range(0));
}

void lost_update_2x3(benchmark::State& state) { search(state, &lost_update<3>); }

void last_zero_10(benchmark::State& state) { search(state, &last_zero); }

/// What the process has at most after so many classes of one search.
void memory(benchmark::State& state) {
    for (auto _ : state) {
        (void)cppvaldi::explore(&lost_update<8>, cppvaldi::dpor{},
                                {.executions = static_cast<std::uint64_t>(state.range(0))});
    }
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    bench::report_bytes(state, static_cast<double>(used.ru_maxrss) * 1024);
}

/// Prints what an execution costs, beside its steps times its starters: the last column must not grow.
void show_growth(int starters, int rounds) {
    const auto body = [&] {
        std::vector<cppvaldi::atomic<int>> cells(static_cast<std::size_t>(starters + 1) / 2);
        together(starters, [&](int who) {
            cppvaldi::atomic<int>& mine = cells[static_cast<std::size_t>(who) / 2];
            for (int round = 0; round < rounds; ++round) {
                mine.store(mine.load() + 1);
            }
        });
    };
    const double before = bench::processor_seconds();
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::dpor{}, {.executions = 1'000});
    const double each = (bench::processor_seconds() - before) * 1e9 / static_cast<double>(found.executions);
    const double steps = static_cast<double>(found.steps) / static_cast<double>(found.executions);
    std::printf("%8d  %8.0f  %13.0f ns  %10.1f ns\n", starters + 1, steps, each, each / steps / (starters + 1));
}

void show_growth() {
    std::printf("\n%8s  %8s  %16s  %s\n", "starters", "steps", "an execution", "by steps times starters");
    for (const int rounds : {4, 8, 16, 32, 64}) {
        show_growth(2, rounds);
    }
    for (const int starters : {4, 8, 16, 32}) {
        show_growth(starters, 4);
    }
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("memory", {1'000, 10'000'000}, &memory, bench::timing::processor, 1);
    bench::measure("lost_update_2x3", {300, 20'000}, &lost_update_2x3);
    bench::measure("last_zero_10", {300, 20'000}, &last_zero_10);
    bench::measure_raw_creation();
    const int status =
        bench::run(argc, argv,
                   {
                       {"lost update: 500,000 classes a second", "lost_update_2x3", "raw_creation", 0, 2'000},
                       {"last zero of ten: 500,000 classes a second", "last_zero_10", "raw_creation", 0, 2'000},
                       {"10,000,000 classes in less than 256 MiB", "memory", nullptr, 0, 268'435'456},
                   });
    show_growth();
    return status;
}
