#include <cppvaldi/measure.hpp>

#include "explore/judge.hpp"
#include "explore/stopwatch.hpp"
#include "explore/time_limit.hpp"
#include "explore/trial.hpp"
#include "runner/session.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

#include <memory>
#include <optional>
#include <string>

namespace cppvaldi {

namespace {

void check_repetitions(std::uint64_t repetitions) {
    if (repetitions == 0) {
        throw usage_error("measure: 0 repetitions measure nothing; ask for some thousands");
    }
}

/// Calls `run`, which runs `world` under its argument and returns how that came back, with `played` by the clock.
template <typename Run>
void by_the_clock(execution& world, stopwatch& watch, const schedule& played, bool counts, const Run& run) {
    const std::unique_ptr<strategy> decides = make_strategy(replay{played});
    (void)decides->begin_execution();
    watch.begin(*decides, counts);
    const execution::outcome outcome = run(watch);
    watch.end(real_time());
    if (const std::optional<verdict> found = judge(world, outcome)) {
        throw execution_error(
            "measure: an execution of that schedule shows something wrong, which is to be mended first: " +
            std::string(to_string(found->what)) + ": " + found->message);
    }
}

} // namespace

measurement measure(const std::function<void()>& body, const schedule& played, std::uint64_t repetitions,
                    const execution_options& options) {
    check_repetitions(repetitions);
    execution_options each = options;
    each.data_races = options.data_races.value_or(false); // what is measured is the program
    trial tried(body, each);
    stopwatch watch(tried.world(), &real_time);
    for (std::uint64_t repetition = 0; repetition <= repetitions; ++repetition) {
        by_the_clock(tried.world(), watch, played, repetition > 0, [&](strategy& by) { return tried.run(by); });
    }
    return watch.result();
}

measurement measure(const std::function<void(runner&)>& set_up, const schedule& played, std::uint64_t repetitions,
                    const execution_options& options) {
    check_repetitions(repetitions);
    std::optional<stopwatch> watch;
    const execution* measured = nullptr;
    for (std::uint64_t repetition = 0; repetition <= repetitions; ++repetition) {
        runner run(options);
        set_up(run);
        execution& world = detail::runner_access::session_of(run).world();
        if (measured ==
            nullptr) { // the session that is given back last is taken first, so all runners have the same one
            measured = &world;
            watch.emplace(world, &real_time);
        }
        by_the_clock(world, *watch, played, repetition > 0, [&](strategy& by) {
            world.decide_by(by);
            return world.run();
        });
    }
    return watch->result();
}

} // namespace cppvaldi
