#pragma once

#include "explore/judge.hpp"
#include "explore/trial.hpp"
#include "strategies/given_order.hpp"

#include <cppvaldi/explore.hpp>
#include <cppvaldi/finding.hpp>
#include <cppvaldi/schedule.hpp>

namespace cppvaldi {

/// What shrinking came to.
struct shrunk {
    schedule played; ///< without the decisions at its end that `replay` takes by itself
    schedule_cost cost;
    schedule_cost cost_as_found;
};

/// Looks for the schedule with the fewest preemptions, then the fewest switches, then the fewest steps, that shows `wanted` as
/// `found` does. Returns nothing if `found` does not show it either: the body is not deterministic.
///
/// First by changing the schedule at hand, in the way of delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
/// failure-inducing input", IEEE TSE 2002): leave out stretches, join those of one starter, lengthen and shorten them, put values
/// to 0, as long as anything helps. Then, with what is left of the limit, by a search of all schedules with fewer preemptions.
///
/// Schedules that leave the order that `within` keeps do not count; null stands for no order.
[[nodiscard]] std::optional<shrunk> shrink(trial& on, const verdict& wanted, const schedule& found, given_order* within,
                                           const shrinking& until);

} // namespace cppvaldi
