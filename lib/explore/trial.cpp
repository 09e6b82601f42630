#include "explore/trial.hpp"

#include "reading/crash_report.hpp"

namespace cppvaldi {

execution::outcome trial::run(strategy& decides, bool tracing) {
    world_.end();
    const strategy_needs needed = decides.needs();
    world_.begin(decides, options_,
                 {.tracing = tracing,
                  .timeouts_are_decisions = true,
                  .arms_stack_guard = runs_++ % arms_stack_guard_every == 0,
                  .results = needed.results,
                  .races = options_.data_races.value_or(true),
                  .names = needed.names ? &names_ : nullptr,
                  .on_crash = options_.crash_reports ? &report_crash : nullptr});
    const auto start = [this](detail::job_shape shape, detail::job_maker maker) {
        return world_.spawn("main", shape, maker);
    };
    (void)detail::with_job(start, [&body = body_] { body(); });
    return world_.run();
}

} // namespace cppvaldi
