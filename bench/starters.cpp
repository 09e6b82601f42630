// What does a starter cost from `start` to `finished`: one after the other, as a thread pool's user would do it, and many that
// are alive together?

#include "rivals.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <string>
#include <vector>

namespace {

/// A runner lives for so many starters here, so that its own cost does not count; `executions` measures that.
std::vector<std::string> names(std::int64_t count) {
    std::vector<std::string> made;
    for (std::int64_t each = 0; each < count; ++each) {
        made.push_back("starter " + std::to_string(each));
    }
    return made;
}

void one_by_one(benchmark::State& state) {
    const std::vector<std::string> named = names(state.range(0));
    for (auto _ : state) {
        cppvaldi::runner run;
        for (const std::string& name : named) {
            run.start(name, [] {});
            run.finish();
        }
    }
    bench::count_items(state, state.range(0));
}

void together(benchmark::State& state) {
    const std::vector<std::string> named = names(state.range(0));
    for (auto _ : state) {
        cppvaldi::runner run;
        for (const std::string& name : named) {
            run.start(name, [] {});
        }
        run.finish();
    }
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("one_by_one", {3, 1'000}, &one_by_one);
    bench::measure("together", {3, 100}, &together);
    bench::measure_raw_creation();
    bench::measure_boost_fiber_creation();
    bench::measure_thread_creation();
    return bench::run(argc, argv,
                      {
                          {"a starter from start to finished: at most 5 creations", "one_by_one", "raw_creation", 5},
                          {"the same, a hundred together: at most 5 creations", "together", "raw_creation", 5},
                          {"the same, against Boost.Fiber", "one_by_one", "boost_fiber_creation"},
                          {"the same, against a thread", "one_by_one", "thread_creation"},
                      });
}
