#include <cppvaldi/explore.hpp>

#include "explore/environment.hpp"
#include "explore/judge.hpp"
#include "explore/progress.hpp"
#include "explore/tally.hpp"
#include "explore/time_limit.hpp"

#include <cppvaldi/errors.hpp>

#include <cmath>
#include <iostream>
#include <string>

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

void refuse_limits_without_sense(const strategy& by, const limits& until) {
    const auto refuse = [](const std::string& given) {
        throw usage_error("explore: limits{" + given + "} allows nothing; give a positive limit, or leave it out");
    };
    if (until.executions && *until.executions == 0) {
        refuse(".executions = 0");
    }
    if (until.steps && *until.steps == 0) {
        refuse(".steps = 0");
    }
    if (until.time && until.time->count() <= 0) {
        refuse(".time = " + std::to_string(until.time->count()) + "ns");
    }
    if (!by.completes() && !until.executions && !until.steps && !until.time) {
        throw usage_error("explore: this strategy never completes, so the search would go on for ever; give a limit, "
                          "limits{.time = std::chrono::seconds(1)} or limits{.executions = 10'000} say (a strategy of "
                          "your own whose begin_execution returns false at last overrides strategy::completes)");
    }
}

/// How large a search of everything is. Knuth ("Estimating the efficiency of backtrack programs", Mathematics of Computation 29,
/// 1975) takes the mean, over random paths, of the product of how many alternatives each decision on the path had: the inverse of
/// the probability of that path. The paths of a depth-first search are not random, so here they are weighted by that
/// probability (Kilby, Slaney, Thiebaux and Walsh, "Estimating search tree size", AAAI 2006, section 3.1, the weighted backtrack
/// estimator). A weighted mean of inverse weights is the number of paths divided by the sum of their weights: by the share of the
/// whole that is behind, which the strategy knows. When nothing is left that is 1, and the estimate exact.
std::optional<std::uint64_t> estimate_of(std::uint64_t executions, std::uint64_t explored) {
    if (explored == 0) {
        return std::nullopt;
    }
    const double whole = static_cast<double>(executions) / std::ldexp(static_cast<double>(explored), -63);
    return whole < 1e19 ? std::optional(static_cast<std::uint64_t>(whole + 0.5)) : std::nullopt;
}

/// The loop of a search, and what it counts.
class search {
public:
    search(const std::function<void()>& body, strategy& by, const limits& until)
        : body_(body), by_(by), until_(until), clock_(until.time), line_(std::cerr, errors_go_to_terminal()) {}

    [[nodiscard]] exploration run() {
        exploration sum;
        while (!sum.finding && !sum.complete) {
            if (!by_.begin_execution()) {
                sum.complete = true;
                break;
            }
            const execution::outcome outcome = run_once(world_, body_, by_, until_.each, false);
            ++sum.executions;
            counted_.count(world_.decisions());
            sum.finding = judge(world_, outcome);
            if (!sum.finding && is_at_limit(sum.executions)) {
                sum.estimate = estimate_of(sum.executions, by_.explored());
                sum.complete = !by_.begin_execution();
                break;
            }
        }
        line_.erase();
        sum.time = clock_.spent();
        sum.distinct = counted_.distinct();
        sum.steps = counted_.steps();
        sum.switches = counted_.switches();
        sum.deepest = counted_.deepest();
        if (sum.finding) {
            sum.finding = shown_again(world_, body_, std::move(*sum.finding), until_.each);
        }
        return sum;
    }

private:
    [[nodiscard]] bool is_at_limit(std::uint64_t executions) {
        if ((until_.executions && executions >= *until_.executions) ||
            (until_.steps && counted_.steps() >= *until_.steps)) {
            return true;
        }
        if (!pacer_.is_due()) {
            return false;
        }
        const std::chrono::nanoseconds spent = clock_.spent();
        pacer_.was_read(spent);
        if (line_.is_due(spent)) {
            line_.show({executions, spent, estimate_of(executions, by_.explored()), until_.executions, until_.time});
        }
        return until_.time && spent >= *until_.time;
    }

    const std::function<void()>& body_;
    strategy& by_;
    const limits& until_;
    time_limit clock_;
    clock_pacer pacer_;
    progress_line line_;
    tally counted_;
    execution world_;
};

} // namespace

exploration explore(const std::function<void()>& body, strategy& decides, const limits& until) {
    std::unique_ptr<strategy> replayed;
    strategy* by = &decides;
    if (const std::optional<schedule> asked = replay_asked_for()) {
        replayed = make_strategy(replay{*asked});
        by = replayed.get();
    }
    refuse_limits_without_sense(*by, until);
    return search(body, *by, until).run();
}

} // namespace cppvaldi
