#include <cppvaldi/explore.hpp>

#include "explore/coverage_collector.hpp"
#include "explore/divergence_report.hpp"
#include "explore/environment.hpp"
#include "explore/given_search.hpp"
#include "explore/judge.hpp"
#include "explore/progress.hpp"
#include "explore/shrink.hpp"
#include "explore/tally.hpp"
#include "explore/time_limit.hpp"
#include "explore/trial.hpp"
#include "reading/report.hpp"
#include "reading/tracing.hpp"
#include "strategies/annotated.hpp"
#include "strategies/recollection.hpp"

#include <cppvaldi/errors.hpp>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cppvaldi {

namespace {

/// The schedule that was found, made as short as the limits allow, once more with a trace.
finding shown_again(trial& on, const verdict& judged, const schedule& found, given_order* within,
                    const shrinking& until) {
    if (judged.what == finding::kind::divergence) {
        return diverged(on, judged, found);
    }
    if (judged.what == finding::kind::step_limit && judged.exception != nullptr) {
        return describe(on.world(), judged); // the strategy's own limit
    }
    const std::optional<shrunk> shortest = shrink(on, judged, found, within, until);
    if (!shortest) {
        return not_seen_again(on, judged, found);
    }
    const std::unique_ptr<strategy> again = make_strategy(replay{shortest->played});
    annotating_strategy annotating(*again);
    (void)annotating.begin_execution();
    const std::optional<verdict> seen = judge(on.world(), on.run(annotating, true));
    if (!seen || !seen->is_like(judged)) {
        return not_seen_again(on, judged, found);
    }
    finding shown = describe(on.world(), *seen);
    shown.recorded = schedule(shown.played.decisions(), annotating.take_steps());
    shown.played = shortest->played;
    shown.cost = shortest->cost;
    shown.cost_as_found = shortest->cost_as_found;
    return shown;
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

/// The loop of a search, and what it counts.
class search {
public:
    /// `tracing` is for a search of one execution: if that crashes, its steps are wanted.
    search(const std::function<void()>& body, strategy& by, const limits& until, const given& only, bool tracing)
        : by_(by),
          until_(until),
          clock_(until.time),
          line_(std::cerr, errors_go_to_terminal()),
          each_(body, until.each),
          names_(each_.world()),
          filter_(by, mentions_of(only), names_),
          outside_(filter_.mentions().size()),
          is_filtered_(!only.empty()),
          if_possible_(only.is_only_if_possible()),
          tracing_(tracing) {}

    [[nodiscard]] exploration run() {
        strategy& chosen = is_filtered_ ? filter_ : by_;
        recollection remembering(chosen);
        while (!judged_ && !sum_.complete) {
            const bool remembers = !by_.plays_one_schedule() && recollection::wants(sum_.executions + sum_.discarded);
            strategy& by = watched(remembers ? remembering : chosen);
            if (!by.begin_execution()) {
                sum_.complete = true;
                break;
            }
            if (by_.begins_anew()) {
                forget_counts();
            }
            const execution::outcome outcome = each_.run(by, tracing_);
            const bool is_new = by.end_execution(each_.world().point());
            judge_execution(outcome, is_new);
            if (!judged_ && is_at_limit()) {
                sum_.estimate = estimate_of(sum_.executions, by.explored());
                sum_.complete = !by.begin_execution();
                break;
            }
        }
        if (judged_) {
            sum_.finding = shown_again(each_, *judged_, schedule_of(each_.world()), is_filtered_ ? &filter_ : nullptr,
                                       by_.plays_one_schedule() ? shrinking{.executions = 0} : until_.shrink);
        } else if (is_filtered_) {
            look_for_infeasible();
        }
        return summed_up();
    }

private:
    [[nodiscard]] strategy& watched(strategy& by) noexcept {
        covers_.decide_by(by);
        return until_.coverage ? covers_ : by;
    }

    void forget_counts() {
        discarded_steps_ += counted_.steps();
        counted_ = {};
        sum_.abandoned += std::exchange(sum_.executions, 0);
    }

    void judge_execution(execution::outcome outcome, bool is_new) {
        if (is_filtered_ && !keeps_order(filter_, each_.world(), outcome)) {
            ++sum_.discarded;
            discarded_steps_ += each_.world().decisions().size();
            outside_.left(filter_, each_.world().decisions());
            return;
        }
        if (is_filtered_) {
            outside_.kept(filter_);
        }
        if (until_.coverage) {
            covers_.count(is_filtered_ ? nullptr : known_);
        }
        if (is_new) {
            ++sum_.executions;
            counted_.count(each_.world().decisions());
        } else {
            ++sum_.abandoned;
            discarded_steps_ += each_.world().decisions().size();
        }
        judged_ = judge(each_.world(), outcome);
    }

    [[nodiscard]] bool is_at_limit() {
        const std::uint64_t run = sum_.executions + sum_.discarded + sum_.abandoned;
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
        if (never == given_order::none || (if_possible_ && sum_.complete && sum_.executions == 0 && reaches_all())) {
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
        (void)each_.run(filter, true);
        if (sum_.executions == 0) {
            found.message += ": where it is kept longest, " + why_left(filter);
        }
        found.status = status_of(each_.world());
        found.shown = trace_of(each_.world());
    }

    /// Says whether an execution for which nothing is given reaches what is mentioned, in whatever order.
    [[nodiscard]] bool reaches_all() {
        const std::unique_ptr<strategy> plain = make_strategy(replay{});
        (void)plain->begin_execution();
        (void)each_.run(*plain, true);
        return mentions_are_in(trace_of(each_.world()), filter_.mentions());
    }

    [[nodiscard]] exploration summed_up() {
        line_.erase();
        sum_.by_class = by_.needs().results;
        sum_.time = clock_.spent();
        sum_.distinct = counted_.distinct();
        sum_.steps = counted_.steps();
        sum_.switches = counted_.switches();
        sum_.deepest = counted_.deepest();
        sum_.remark = by_.remark();
        if (until_.coverage) {
            sum_.covered = covers_.summed_up();
        }
        each_.world().end();
        if (const auto& kept = each_.world().front_door_keeps(); kept != nullptr) {
            const std::string told = kept->left_behind_text();
            sum_.remark += (sum_.remark.empty() || told.empty() ? "" : "; ") + told;
        }
        return std::move(sum_);
    }

    strategy& by_;
    const limits& until_;
    time_limit clock_;
    clock_pacer pacer_;
    progress_line line_;
    tally counted_;
    std::uint64_t discarded_steps_ = 0;
    trial each_;
    std::optional<verdict> judged_;
    names_of names_;
    given_order filter_;
    outside outside_;
    coverage_collector covers_{each_.world()};
    const equivalence* known_ = dynamic_cast<const equivalence*>(&by_);
    bool is_filtered_;
    bool if_possible_;
    bool tracing_;
    exploration sum_;
};

} // namespace

exploration explore(const std::function<void()>& body, strategy& decides, const limits& until, const given& only) {
    const std::unique_ptr<strategy> replayed = replay_asked_for();
    const std::unique_ptr<strategy> within = replayed != nullptr || only.empty() ? nullptr : decides.within_order();
    strategy& by = replayed != nullptr ? *replayed : within != nullptr ? *within : decides;
    refuse_limits_without_sense(by, until);
    return search(body, by, until, replayed == nullptr ? only : given{}, replayed != nullptr).run();
}

} // namespace cppvaldi
