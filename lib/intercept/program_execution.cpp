#include "intercept/program_execution.hpp"

#include "explore/judge.hpp"
#include "intercept/leaks.hpp"
#include "intercept/program_end.hpp"
#include "intercept/threads.hpp"
#include "kernel/execution.hpp"
#include "objects/here.hpp"
#include "reading/crash_report.hpp"
#include "reading/naming.hpp"

#include <cppvaldi/errors.hpp>

#include <exception>
#include <string>

namespace cppvaldi::intercept {

namespace {

void* run_main(void* given) {
    const program& of = *static_cast<const program*>(given);
    end_by_return(*here(), of.main(of.count, of.arguments, of.environment)); // and all threads end with it
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

/// What came of one execution, before it is described.
struct played_program {
    std::optional<verdict> judged;
    int status = 0;
    bool is_right = false;
    bool is_new = true;
};

/// What an execution under `decides` is to be like, apart from what it is for.
execution::mode mode_for(const strategy& decides, const run_options& options) {
    static const naming* const names = new naming(program_world());
    const strategy_needs needed = decides.needs();
    return {.timeouts_are_decisions = true,
            .results = needed.results,
            .races = options.each.data_races.value_or(true),
            .names = needed.names ? names : nullptr};
}

played_program play(program& of, strategy& decides, const run_options& options, const execution::mode& how) {
    execution& world = program_world();
    if (options.leaks) {
        begin_to_look_for_leaks();
    }
    world.begin(decides, options.each, how);
    const auto start = [&world](detail::job_shape shape, detail::job_maker maker) {
        return world.spawn("main", shape, maker);
    };
    (void)detail::with_job(start, [&of] { (void)run_thread(&run_main, &of); });
    played_program played;
    played.judged = judge(world, world.run());
    const std::string leaked = options.leaks ? what_leaked(world) : "";
    played.is_new = decides.end_execution(world.point());
    played.status = exit_status(played.judged).value_or(played.judged ? 1 : 0);
    played.is_right = (!played.judged || exit_status(played.judged)) && played.status == options.status;
    if (played.is_right && !leaked.empty()) {
        played.judged = verdict{finding::kind::leak, leaked, nullptr};
        played.is_right = false;
        played.status = 1;
    }
    return played;
}

} // namespace

execution& program_world() {
    static execution* const world = new execution(); // it goes with the process
    return *world;
}

program_ending execute(program& of, strategy& decides, const run_options& options, bool tracing) {
    execution::mode how = mode_for(decides, options);
    how.tracing = tracing;
    how.on_crash = &report_crash;
    const played_program played = play(of, decides, options, how);
    program_ending came_to;
    came_to.is_new = played.is_new;
    came_to.status = played.status;
    if (played.judged && !played.is_right) {
        came_to.found = describe(program_world(), *played.judged);
    } else if (!played.is_right) {
        came_to.found.emplace();
        came_to.found->what = finding::kind::exit_status;
        came_to.found->message = "the program has ended with status 0, not " + std::to_string(options.status);
        came_to.found->played = schedule_of(program_world());
    }
    return came_to;
}

quick_ending execute_quickly(program& of, strategy& decides, const run_options& options) {
    execution::mode how = mode_for(decides, options);
    how.arms_stack_guard = false; // tracing goes on: strategies see places of atomics only then
    const played_program played = play(of, decides, options, how);
    return {played.is_right, played.is_new};
}

} // namespace cppvaldi::intercept
