#pragma once

#include "explore/judge.hpp"
#include "explore/trial.hpp"
#include "strategies/given_order.hpp"

#include <cppvaldi/explore.hpp>
#include <cppvaldi/finding.hpp>
#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <optional>

namespace cppvaldi {

/// What shrinking came to.
struct shrunk {
    schedule played; ///< without the decisions at its end that `replay` takes by itself
    schedule_cost cost;
    schedule_cost cost_as_found;
};

/// Runs the executions of a shrinking. An interface.
class shrink_trial {
public:
    virtual ~shrink_trial() = default;

    /// Returns what is to decide when `decides` is to be tried: itself, or what keeps it within something.
    [[nodiscard]] virtual strategy& under(strategy& decides) { return decides; }

    /// Runs one execution under `decides`, which has begun it.
    virtual void run(strategy& decides) = 0;

    /// Says whether the last one shows what is wanted.
    [[nodiscard]] virtual bool shows_it() = 0;

    /// Returns its first `count` decisions.
    [[nodiscard]] virtual schedule played(std::size_t count) = 0;
};

/// Looks for the schedule with the fewest preemptions, then the fewest switches, then the fewest steps, that shows what is
/// wanted, as `found` does. Returns nothing if `found` does not show it either: the body is not deterministic.
///
/// First by changing the schedule at hand, in the way of delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
/// failure-inducing input", IEEE TSE 2002): leave out stretches, join those of one starter, lengthen and shorten them, put values
/// to 0, as long as anything helps. Then, with what is left of the limit, by a search of all schedules with fewer preemptions.
[[nodiscard]] std::optional<shrunk> shrink(shrink_trial& on, const schedule& found, const shrinking& until);

/// The same with the executions of a body, where `wanted` is wanted. Schedules that leave the order that `within` keeps do not
/// count; null stands for no order.
[[nodiscard]] std::optional<shrunk> shrink(trial& on, const verdict& wanted, const schedule& found, given_order* within,
                                           const shrinking& until);

} // namespace cppvaldi
