// What do very many starters cost, all alive and paused at once: resident memory, and the time to create, pause, resume and
// finish each? Against fibers of Boost with stacks of the same size but no guard below them, and against threads.
//
// Each measurement has a process of its own, so that it finds no memory that another one has left.

#include "rivals.hpp"

#include "fiber/stack_pool.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace {

struct figures {
    double bytes = 0;            ///< resident, while all are paused
    double seconds_to_pause = 0; ///< from the beginning until all are
    double seconds_to_end = 0;   ///< from there until all have ended
};

double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double size = 0;
    double resident = 0;
    statm >> size >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// Each has its end declared too: a starter with its last declared checkpoint behind it would run on.
figures starters(std::int64_t count) {
    const double resident = resident_bytes();
    const double begin = bench::processor_seconds();
    cppvaldi::runner run;
    std::vector<cppvaldi::checkpoint_ref> declared;
    std::vector<cppvaldi::checkpoint_ref> ends;
    for (std::int64_t each = 0; each < count; ++each) {
        const cppvaldi::starter made = run.start("s" + std::to_string(each), [] { cppvaldi::checkpoint("pause"); });
        declared.push_back(made.at("pause"));
        ends.push_back(made.finished());
    }
    const cppvaldi::checkpoint_ref last_pause = declared.back();
    declared.insert(declared.end(), ends.begin(), ends.end());
    run.declare(cppvaldi::order(declared));
    run.run_to(last_pause);
    const double paused = bench::processor_seconds();
    const double bytes = resident_bytes() - resident;
    run.finish();
    return {bytes, paused - begin, bench::processor_seconds() - paused};
}

figures boost_fibers(std::int64_t count) {
    const double resident = resident_bytes();
    const double begin = bench::processor_seconds();
    std::vector<boost::fibers::fiber> all;
    boost::fibers::fixedsize_stack stacks(bench::stack_size_bytes);
    for (std::int64_t each = 0; each < count; ++each) {
        all.emplace_back(boost::fibers::launch::post, std::allocator_arg, stacks, [] { boost::this_fiber::yield(); });
    }
    boost::this_fiber::yield(); // each runs up to its own yield
    const double paused = bench::processor_seconds();
    const double bytes = resident_bytes() - resident;
    for (boost::fibers::fiber& each : all) {
        each.join();
    }
    return {bytes, paused - begin, bench::processor_seconds() - paused};
}

/// Their kernel's side, 16 KiB of stack and more for each, is not in the figure.
figures threads(std::int64_t count) {
    const double resident = resident_bytes();
    const double begin = bench::processor_seconds();
    std::mutex mutex;
    std::condition_variable changed;
    std::int64_t arrived = 0;
    bool go_on = false;
    std::vector<std::thread> all;
    for (std::int64_t each = 0; each < count; ++each) {
        all.emplace_back([&] {
            std::unique_lock lock(mutex);
            ++arrived;
            changed.notify_all();
            changed.wait(lock, [&] { return go_on; });
        });
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return arrived == count; });
    const double paused = bench::processor_seconds();
    const double bytes = resident_bytes() - resident;
    go_on = true;
    changed.notify_all();
    lock.unlock();
    for (std::thread& each : all) {
        each.join();
    }
    return {bytes, paused - begin, bench::processor_seconds() - paused};
}

/// Calls `measured` in a child process. Returns false if that did not come to its end.
bool apart(figures (*measured)(std::int64_t), std::int64_t count, figures& found) {
    int ends[2];
    if (::pipe(ends) != 0) {
        return false;
    }
    const pid_t child = ::fork();
    if (child == 0) {
        const figures mine = measured(count);
        const bool told = ::write(ends[1], &mine, sizeof mine) == static_cast<ssize_t>(sizeof mine);
        ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    const bool heard = child > 0 && ::read(ends[0], &found, sizeof found) == static_cast<ssize_t>(sizeof found);
    ::close(ends[0]);
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0 && heard;
}

template <figures (*Measured)(std::int64_t)>
void measure_apart(benchmark::State& state) {
    const auto count = static_cast<double>(state.range(0));
    for (auto _ : state) {
        figures found;
        if (!apart(Measured, state.range(0), found)) {
            state.SkipWithError("the process that measures came to no good end");
            return;
        }
        state.SetIterationTime(found.seconds_to_pause + found.seconds_to_end);
        state.counters["MiB"] = found.bytes / (1024 * 1024);
        state.counters["ns_to_pause"] = found.seconds_to_pause / count * 1e9;
        state.counters["ns_to_end"] = found.seconds_to_end / count * 1e9;
        bench::report_bytes(state, found.bytes / count);
    }
}

/// More than a few ten thousand are for kernels where a guard costs no mapping.
void many_starters(benchmark::State& state) {
    if (state.range(0) > 30'000 && cppvaldi::stack_pool::best_guards() != cppvaldi::stack_pool::guard_kind::light) {
        state.SkipWithError("this kernel has no light guards: its mappings would run out");
        return;
    }
    measure_apart<&starters>(state);
}

void many_boost_fibers(benchmark::State& state) { measure_apart<&boost_fibers>(state); }
void many_threads(benchmark::State& state) { measure_apart<&threads>(state); }

} // namespace

int main(int argc, char** argv) {
    bench::measure("many_starters", {100, 100'000}, &many_starters, bench::timing::own, 3);
    bench::measure("a_million_starters", {100, 1'000'000}, &many_starters, bench::timing::own, 1);
    bench::measure("many_boost_fibers", {100, 100'000}, &many_boost_fibers, bench::timing::own, 3);
    bench::measure("many_threads", {10, 1'000}, &many_threads, bench::timing::own, 3);
    return bench::run(argc, argv,
                      {
                          {"100,000 starters paused, each: at most 12 KiB", "many_starters", "many_boost_fibers", 0,
                           12 * 1024},
                          {"the same, against 1,000 threads", "many_starters", "many_threads"},
                          {"1,000,000 starters paused, each: at most 12 KiB", "a_million_starters", "many_boost_fibers",
                           0, 12 * 1024},
                      });
}
