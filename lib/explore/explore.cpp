#include <cppvaldi/explore.hpp>

#include "explore/environment.hpp"
#include "explore/judge.hpp"
#include "explore/time_limit.hpp"

#include <algorithm>
#include <iostream>

namespace cppvaldi {

namespace {

/// One execution of the body, as the starter `main`. What the world holds is there until its next `begin` or `end`.
execution::outcome run_once(execution& world, const std::function<void()>& body, strategy& decides,
                            const execution_options& options, bool tracing) {
    world.end();
    world.begin(decides, options, {.tracing = tracing, .timeouts_are_decisions = true});
    const auto start = [&world](detail::job_shape shape, detail::job_maker maker) {
        return world.spawn("main", shape, maker);
    };
    (void)detail::with_job(start, [&body] { body(); });
    return world.run();
}

/// The same schedule once more, with a trace. A body that does something else then is told so.
finding shown_again(execution& world, const std::function<void()>& body, finding found,
                    const execution_options& options) {
    const std::unique_ptr<strategy> again = make_strategy(replay{found.played});
    (void)again->begin_execution();
    const std::optional<finding> seen = judge(world, run_once(world, body, *again, options, true));
    if (!seen || seen->what != found.what || seen->message != found.message) {
        finding differs = seen ? *seen : found;
        differs.what = finding::kind::divergence;
        differs.message =
            "the execution showed '" + found.message + "', and under the same decisions again " +
            (seen ? "'" + seen->message + "'" : std::string("nothing")) +
            "; the body depends on something that is not a decision: time, addresses, chance, the last execution";
        differs.played = found.played;
        return differs;
    }
    return *seen;
}

} // namespace

exploration explore(const std::function<void()>& body, strategy& decides, const limits& until) {
    exploration sum;
    std::unique_ptr<strategy> replayed;
    strategy* by = &decides;
    if (const std::optional<schedule> asked = replay_asked_for()) {
        replayed = make_strategy(replay{*asked});
        by = replayed.get();
    }
    const time_limit clock(until.time);
    execution world;
    while (by->begin_execution()) {
        if ((until.executions && sum.executions >= *until.executions) || (until.steps && sum.steps >= *until.steps) ||
            clock.is_over()) {
            return sum;
        }
        const execution::outcome outcome = run_once(world, body, *by, until.each, false);
        ++sum.executions;
        sum.steps += world.decisions().size();
        sum.deepest = std::max<std::uint64_t>(sum.deepest, world.decisions().size());
        if (std::optional<finding> found = judge(world, outcome)) {
            sum.finding = shown_again(world, body, std::move(*found), until.each);
            return sum;
        }
    }
    sum.complete = true;
    return sum;
}

} // namespace cppvaldi
