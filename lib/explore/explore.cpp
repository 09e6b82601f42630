#include <cppvaldi/explore.hpp>

#include "explore/environment.hpp"
#include "explore/given_search.hpp"
#include "explore/judge.hpp"
#include "explore/progress.hpp"
#include "explore/tally.hpp"
#include "explore/time_limit.hpp"
#include "reading/crash_report.hpp"
#include "reading/report.hpp"
#include "reading/tracing.hpp"

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
    world.begin(decides, options,
                {.tracing = tracing,
                 .timeouts_are_decisions = true,
                 .results = decides.needs().results,
                 .on_crash = options.crash_reports ? &report_crash : nullptr});
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
    /// `tracing` is for a search of one execution: if that crashes, its steps are wanted.
    search(const std::function<void()>& body, strategy& by, const limits& until, const given& only, bool tracing)
        : body_(body),
          by_(by),
          until_(until),
          clock_(until.time),
          line_(std::cerr, errors_go_to_terminal()),
          names_(world_),
          filter_(by, mentions_of(only), names_),
          outside_(filter_.mentions().size()),
          is_filtered_(!only.empty()),
          tracing_(tracing) {}

    [[nodiscard]] exploration run() {
        strategy& by = is_filtered_ ? filter_ : by_;
        while (!sum_.finding && !sum_.complete) {
            if (!by.begin_execution()) {
                sum_.complete = true;
                break;
            }
            const execution::outcome outcome = run_once(world_, body_, by, until_.each, tracing_);
            sum_.abandoned += by.end_execution(world_.point()) ? 0 : 1;
            judge_execution(outcome);
            if (!sum_.finding && is_at_limit()) {
                sum_.estimate = estimate_of(sum_.executions, by.explored());
                sum_.complete = !by.begin_execution();
                break;
            }
        }
        if (is_filtered_ && !sum_.finding) {
            look_for_infeasible();
        } else if (sum_.finding) {
            sum_.finding = shown_again(world_, body_, std::move(*sum_.finding), until_.each);
        }
        return summed_up();
    }

private:
    void judge_execution(execution::outcome outcome) {
        if (is_filtered_ && !is_kept(outcome)) {
            ++sum_.discarded;
            discarded_steps_ += world_.decisions().size();
            outside_.left(filter_, world_.decisions());
            return;
        }
        ++sum_.executions;
        counted_.count(world_.decisions());
        sum_.finding = judge(world_, outcome);
    }

    /// What is wrong with an execution before it has left the order is worth to be known, whether or not the order would have been
    /// kept to its end.
    [[nodiscard]] bool is_kept(execution::outcome outcome) {
        const bool is_over = outcome == execution::outcome::all_finished || outcome == execution::outcome::stuck ||
                             outcome == execution::outcome::deadlocked;
        if (is_over) {
            scheduling_point last = world_.point();
            last.running = world_.last_running();
            filter_.settle(last);
        }
        const bool kept = outcome == execution::outcome::all_finished ? filter_.is_kept() : !filter_.is_left();
        if (kept) {
            outside_.kept(filter_);
        }
        return kept;
    }

    [[nodiscard]] bool is_at_limit() {
        const std::uint64_t run = sum_.executions + sum_.discarded;
        if ((until_.executions && run >= *until_.executions) ||
            (until_.steps && counted_.steps() + discarded_steps_ >= *until_.steps)) {
            return true;
        }
        if (!pacer_.is_due()) {
            return false;
        }
        const std::chrono::nanoseconds spent = clock_.spent();
        pacer_.was_read(spent);
        if (line_.is_due(spent)) {
            line_.show({run, spent, estimate_of(run, by_.explored()), until_.executions, until_.time});
        }
        return until_.time && spent >= *until_.time;
    }

    /// Shows the execution that has kept the order longest, if none has kept it to its end.
    void look_for_infeasible() {
        const std::size_t never = outside_.never_reached();
        if (never == given_order::none) {
            return;
        }
        finding& found = sum_.finding.emplace();
        found.what = finding::kind::infeasible_order;
        if (sum_.executions > 0) {
            found.message = text_of(filter_.mentions()[never]) +
                            " is reached in no execution, so the given order says nothing of it";
        } else {
            found.message = sum_.complete ? "no interleaving keeps the given order"
                                          : "none of " + text_of(sum_.discarded) + " executions kept the given order";
        }
        found.played = outside_.furthest();
        const std::unique_ptr<strategy> again = make_strategy(replay{found.played});
        given_order filter(*again, filter_.mentions(), names_);
        (void)filter.begin_execution();
        (void)run_once(world_, body_, filter, until_.each, true);
        if (sum_.executions == 0) {
            found.message += ": where it is kept longest, " + why_left(filter);
        }
        found.status = status_of(world_);
        found.shown = trace_of(world_);
    }

    [[nodiscard]] exploration summed_up() {
        line_.erase();
        sum_.time = clock_.spent();
        sum_.distinct = counted_.distinct();
        sum_.steps = counted_.steps();
        sum_.switches = counted_.switches();
        sum_.deepest = counted_.deepest();
        return std::move(sum_);
    }

    const std::function<void()>& body_;
    strategy& by_;
    const limits& until_;
    time_limit clock_;
    clock_pacer pacer_;
    progress_line line_;
    tally counted_;
    std::uint64_t discarded_steps_ = 0;
    execution world_;
    names_of names_;
    given_order filter_;
    outside outside_;
    bool is_filtered_;
    bool tracing_;
    exploration sum_;
};

} // namespace

exploration explore(const std::function<void()>& body, strategy& decides, const limits& until, const given& only) {
    std::unique_ptr<strategy> replayed;
    if (const std::optional<schedule> asked = replay_asked_for()) {
        replayed = make_strategy(replay{*asked});
    }
    strategy& by = replayed == nullptr ? decides : *replayed;
    refuse_limits_without_sense(by, until);
    return search(body, by, until, replayed == nullptr ? only : given{}, replayed != nullptr).run();
}

} // namespace cppvaldi
