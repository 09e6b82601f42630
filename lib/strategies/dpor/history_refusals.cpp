/// What a reduction cannot be applied to: a body that does something else after the same decisions, and one that never ends.

#include "strategies/dpor/history.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <string>

namespace cppvaldi::reduction {

namespace {

constexpr std::size_t most_steps = std::size_t{1} << 20;
constexpr std::size_t most_clocks = std::size_t{1} << 27; ///< half a GiB

std::string text_of(operation_kind kind) { return "'" + std::string(to_string(kind)) + "'"; }

} // namespace

/// Throws if the step that is made now is not the same as the one `before` at its place, after the same decisions. Who can go on is
/// not compared where somebody rests, or waits for the world outside, which keeps its own time.
void history::refuse_difference(const event& before, const scheduling_point& point) {
    const operation& announced = point.pending[index(lives_[before.who].number)];
    const std::string which_means =
        ", so the body depends on something that is not a decision: time, addresses, chance, the last execution";
    const std::string after = "the same " + std::to_string(point.step) + " decisions are followed by ";
    if (before.kind != announced.kind) {
        has_refused_ = true;
        throw divergence(after + text_of(before.kind) + " of starter " + std::to_string(before.who) +
                         " in one execution and by " + text_of(announced.kind) + " in another" + which_means);
    }
    if (!is_on(before, local_object(announced.object))) {
        has_refused_ = true;
        throw divergence(after + text_of(before.kind) + " of starter " + std::to_string(before.who) +
                         " in one execution and by the same on something else in another" + which_means);
    }
    const bool some_rest = point.resting != nullptr && !point.resting->empty();
    const bool some_wait_outside = std::any_of(point.pending.begin(), point.pending.end(), [](const operation& next) {
        return next.kind == operation_kind::await_readable || next.kind == operation_kind::await_writable ||
               next.kind == operation_kind::wait;
    });
    if (!some_rest && !some_wait_outside) {
        has_refused_ = true;
        throw divergence(after + "one choice of who goes on in one execution and another one in another" + which_means);
    }
}

/// Throws if that is more than can be kept: before memory has come to its end, it is said what takes it.
void history::refuse_size(std::size_t steps, std::size_t starters) {
    if (steps > most_steps || steps * starters > most_clocks) {
        has_refused_ = true;
        throw step_limit_reached("an execution of more than " + std::to_string(steps - 1) + " steps of " +
                                 std::to_string(std::max<std::size_t>(starters / 2, 1)) +
                                 " starters or more is too much for a reduction to keep; if it comes to an end at all, "
                                 "search it by another strategy");
    }
}

/// The same for a choice of more values than can be kept, of which each is a branch.
void history::refuse_values(std::uint32_t count) {
    if (count > most_steps) {
        has_refused_ = true;
        throw step_limit_reached("a choice of " + std::to_string(count) +
                                 " values is too much for a reduction to keep; search it by another strategy");
    }
}

} // namespace cppvaldi::reduction
