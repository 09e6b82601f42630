#include "intercept/program_execution.hpp"

#include "explore/judge.hpp"
#include "intercept/threads.hpp"
#include "kernel/execution.hpp"
#include "reading/crash_report.hpp"
#include "reading/naming.hpp"

#include <cppvaldi/errors.hpp>

#include <cstdlib>
#include <exception>
#include <string>

namespace cppvaldi::intercept {

namespace {

void* run_main(void* given) {
    const program& of = *static_cast<const program*>(given);
    std::exit(of.main(of.count, of.arguments, of.environment)); // as the C library does, and all threads end with it
}

/// Returns the status that an execution has ended with, if that is how it has ended.
std::optional<int> exit_status(const std::optional<verdict>& judged) {
    if (!judged || judged->what != finding::kind::exit_status) {
        return std::nullopt;
    }
    try {
        std::rethrow_exception(judged->exception);
    } catch (const program_ended& end) {
        return end.status();
    } catch (...) {
        return std::nullopt;
    }
}

} // namespace

program_ending execute(program& of, strategy& decides, const run_options& options, bool tracing) {
    static execution* const world = new execution(); // it goes with the process
    static const naming* const names = new naming(*world);
    const strategy_needs needed = decides.needs();
    world->begin(decides, options.each,
                 {.tracing = tracing,
                  .timeouts_are_decisions = true,
                  .results = needed.results,
                  .races = options.each.data_races.value_or(true),
                  .names = needed.names ? names : nullptr,
                  .on_crash = &report_crash});
    const auto start = [](detail::job_shape shape, detail::job_maker maker) {
        return world->spawn("main", shape, maker);
    };
    (void)detail::with_job(start, [&of] { (void)run_thread(&run_main, &of); });
    const std::optional<verdict> judged = judge(*world, world->run());
    program_ending came_to;
    came_to.is_new = decides.end_execution(world->point());
    came_to.status = exit_status(judged).value_or(judged ? 1 : 0);
    const bool is_right = (!judged || exit_status(judged)) && came_to.status == options.status;
    if (judged && !is_right) {
        came_to.found = describe(*world, *judged);
    } else if (!is_right) {
        came_to.found.emplace();
        came_to.found->what = finding::kind::exit_status;
        came_to.found->message = "the program has ended with status 0, not " + std::to_string(options.status);
        came_to.found->played = schedule_of(*world);
    }
    return came_to;
}

} // namespace cppvaldi::intercept
