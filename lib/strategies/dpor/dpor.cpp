#include "strategies/dpor/dpor.hpp"

#include "strategies/dpor/bounded.hpp"
#include "strategies/forced.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace cppvaldi {

using reduction::event;
using reduction::none;

bool dpor_strategy::begin_execution() {
    begins_anew_ = std::exchange(anew_, false);
    repeated_ = false;
    probe_.begin_execution();
    detours_.clear();
    values_taken_ = 0;
    kept_ = 0;
    if (std::exchange(begun_, true) && !ended_early_) {
        if (!backtrack()) {
            return false;
        }
        kept_ = depth_ - 1;
    }
    steps_.begin(kept_);
    return true;
}

starter_id dpor_strategy::next(const scheduling_point& point) {
    if (ended_early_) [[unlikely]] {
        throw divergence(
            "after the same decisions an execution goes on, and another one has come to its end, so the body "
            "depends on something that is not a decision: time, addresses, chance, the last execution");
    }
    if (probe_.is_idle()) [[likely]] {
        settle_last(point);
    }
    if (!probe_.is_idle() || steps_.ends_in_round(kept_)) [[unlikely]] {
        if (const starter_id probed = look_alone(point); probed != nobody) {
            return probed;
        }
    }
    const std::size_t position = steps_.size();
    const starter_id chosen = follow(point, position);
    if (!point.enabled.contains(chosen) && !(point.resting != nullptr && point.resting->contains(chosen))) {
        diverged(point, steps_.name_of(chosen));
    }
    steps_.start(steps_.name_of(chosen), point);
    values_taken_ = 0;
    return chosen;
}

/// Returns who goes on if whether it waits is not known yet, else `nobody`.
starter_id dpor_strategy::look_alone(const scheduling_point& point) {
    const starter_id looks = probe_.next(steps_, point);
    if (!probe_.has_given_up()) {
        if (looks != nobody && (detours_.empty() || detours_.back().position != steps_.size())) {
            detours_.push_back({steps_.size(), 0});
        }
        if (looks != nobody) {
            ++detours_.back().decisions;
        }
        return looks;
    }
    return point.running != nobody && can_run(point.running, point) ? point.running : lowest_that_can_run(point);
}

starter_id dpor_strategy::follow(const scheduling_point& point, std::size_t position) {
    if (position < kept_) {
        return steps_.number_of(steps_[position].who);
    }
    if (position == depth_) {
        if (depth_ == nodes_.size()) {
            nodes_.emplace_back();
        }
        ++depth_;
    }
    node& here = nodes_[position];
    if (here.current == none && here.pending != none) {
        here.current = std::exchange(here.pending, trees_[here.pending].next);
    }
    if (here.current == none) {
        const starter_id free = choose_freely(point, here);
        repeated_ = repeated_ || sleeps(here, steps_.name_of(free));
        return free;
    }
    const std::uint32_t who = trees_[here.current].who;
    const starter_id chosen = steps_.number_of(who);
    if (chosen == nobody) {
        diverged(point, who);
    }
    return chosen;
}

/// Those that have not begun, and joins, are independent of everything; then whoever runs, as long as it can.
starter_id dpor_strategy::choose_freely(const scheduling_point& point, const node& here) {
    const starter_id forced = forced_choice(point);
    if (forced != nobody) {
        return forced;
    }
    const starter_id running = point.running;
    if (running != nobody && point.pending[index(running)].kind == operation_kind::yield) {
        return running; // nobody can tell
    }
    if (shuffled_) {
        return choose_at_random(point, here);
    }
    const bool can_stay = running != nobody && can_run(running, point);
    const starter_id first = can_stay ? running : lowest_that_can_run(point);
    if (const starter_id looks = looks_before(point, here, first); looks != nobody) {
        return looks;
    }
    const bool is_free = here.asleep.empty() || !sleeps(here, steps_.name_of(first));
    return is_free && !steps_.waits_in_loop(first, point) ? first : choose_with_care(point, here, first);
}

/// Who neither sleeps nor waits in a loop, if there is one, each as likely.
starter_id dpor_strategy::choose_at_random(const scheduling_point& point, const node& here) {
    starter_id drawn = nobody;
    std::uint32_t candidates = 0;
    for (starter_id other = point.enabled.first(); other != nobody; other = point.enabled.after(other)) {
        if (!steps_.waits_in_loop(other, point) && !sleeps(here, steps_.name_of(other)) &&
            shuffled_->below(++candidates) == 0) {
            drawn = other;
        }
    }
    return drawn == nobody ? choose_with_care(point, here, point.enabled.first()) : drawn;
}

/// Who would look at what `first` writes goes first: it may go round in a loop, which is better known early.
starter_id dpor_strategy::looks_before(const scheduling_point& point, const node& here, starter_id first) const {
    const operation& next = point.pending[index(first)];
    if (next.kind != operation_kind::store && next.kind != operation_kind::exchange &&
        next.kind != operation_kind::fetch_modify && next.kind != operation_kind::unlock &&
        next.kind != operation_kind::unlock_shared && next.kind != operation_kind::release) {
        return nobody;
    }
    for (starter_id other = point.enabled.first(); other != nobody; other = point.enabled.after(other)) {
        const operation& look = point.pending[index(other)];
        if (look.object == next.object && reduction::may_look(look.kind) && !sleeps(here, steps_.name_of(other)) &&
            !steps_.waits_in_loop(other, point)) {
            return other;
        }
    }
    return nobody;
}

/// Whoever neither sleeps nor waits in a loop, if possible one who would not only let a wait time out early, for that may be for
/// ever; else who sleeps, else who waits.
starter_id dpor_strategy::choose_with_care(const scheduling_point& point, const node& here, starter_id first) const {
    starter_id sleeping = nobody;
    starter_id early = nobody;
    for (starter_id other = point.enabled.first(); other != nobody; other = point.enabled.after(other)) {
        if (steps_.waits_in_loop(other, point)) {
            continue;
        }
        if (sleeps(here, steps_.name_of(other))) {
            sleeping = sleeping == nobody ? other : sleeping;
        } else if (can_run(other, point)) {
            return other;
        } else {
            early = early == nobody ? other : early;
        }
    }
    return early != nobody ? early : sleeping != nobody ? sleeping : first;
}

bool dpor_strategy::sleeps(const node& here, std::uint32_t who) const {
    return std::any_of(here.asleep.begin(), here.asleep.end(),
                       [&](std::uint32_t each) { return trees_[each].who == who && trees_[each].values.empty(); });
}

std::uint32_t dpor_strategy::value(const value_point& point) {
    if (!probe_.is_idle()) {
        probe_.interrupt();
        return 0;
    }
    const std::size_t position = steps_.size() - 1;
    const std::size_t rank = values_taken_++;
    if (position < kept_) {
        const std::span<const std::uint32_t> counts = steps_.counts_of(steps_[position]);
        if (rank >= counts.size() || counts[rank] != point.count) {
            throw divergence("at decision " + std::to_string(point.step + 1) +
                             " a value is chosen of another number of values than before, after the same decisions");
        }
        return steps_.values_of(steps_[position])[rank];
    }
    const std::uint32_t branch = nodes_[position].current;
    const bool is_planned = branch != none && rank < trees_[branch].values.size();
    const std::uint32_t chosen = is_planned ? trees_[branch].values[rank] : 0;
    steps_.add_value(chosen, point.count);
    return chosen;
}

/// What the step that was chosen last has come to is known now.
void dpor_strategy::settle_last(const scheduling_point& point) {
    steps_.look(point);
    const std::size_t before = steps_.size();
    steps_.complete(point);
    if (before == 0 || before <= kept_ || before != depth_) {
        return;
    }
    const std::size_t position = before - 1;
    if (steps_[position].value_count > 0) {
        add_other_values(position);
    }
    if (depth_ == nodes_.size()) {
        nodes_.emplace_back();
    }
    ++depth_;
    node& below = nodes_[depth_ - 1];
    if (nodes_[position].current != none) {
        below.pending = std::exchange(trees_[nodes_[position].current].first_child, none);
    }
    pass_sleep_on(position);
    if (steps_[position].in_vain) {
        leave_round_out(position);
    }
}

/// The step, and that before if it is part of the same round, turned out to be none. What was to be explored instead is explored
/// from here.
void dpor_strategy::leave_round_out(std::size_t position) {
    for (std::size_t each = steps_[position].round_from; each <= position; ++each) {
        node& here = nodes_[each];
        if (here.current != none) {
            trees_.release(std::exchange(here.current, none));
        }
        std::uint32_t* end = &nodes_[position + 1].pending;
        while (*end != none) {
            end = &trees_[*end].next;
        }
        *end = std::exchange(here.pending, none);
        pass_sleep_on(each);
    }
}

/// Adds a branch for each value that the step could have taken instead, of those that were not planned.
void dpor_strategy::add_other_values(std::size_t position) {
    node& here = nodes_[position];
    const event& made = steps_[position];
    const std::span<const std::uint32_t> values = steps_.values_of(made);
    const std::span<const std::uint32_t> counts = steps_.counts_of(made);
    const std::size_t planned = here.current == none ? 0 : trees_[here.current].values.size();
    for (std::size_t rank = planned; rank < values.size(); ++rank) {
        for (std::uint32_t value = counts[rank]; value-- > 1;) {
            split_.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank));
            split_.push_back(value);
            const std::uint32_t other = trees_.make(made.who, split_, made.done);
            trees_[other].counts.assign(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(rank) + 1);
            trees_[other].next = here.pending;
            here.pending = other;
        }
    }
}

/// Whoever sleeps goes on to if the step commutes with what it would do.
void dpor_strategy::pass_sleep_on(std::size_t position) {
    const event& made = steps_[position];
    const node& here = nodes_[position];
    node& below = nodes_[position + 1];
    below.asleep.clear();
    for (const std::uint32_t each : here.asleep) {
        const reduction::branch& sleeping = trees_[each];
        if (sleeping.who != made.who && !conflict(sleeping.done, made.done)) {
            below.asleep.push_back(each);
        }
    }
    below.inherited = static_cast<std::uint32_t>(below.asleep.size());
}

bool dpor_strategy::end_execution(const scheduling_point& point) {
    if (!probe_.is_idle()) { // a probe that the end of the execution interrupts is no loop that waits, either
        steps_.take_for_steps(probe_.round());
        forget_all();
        return false;
    }
    if (steps_.has_refused()) {
        return false;
    }
    if (steps_.size() < kept_) {
        ended_early_ = true;
        return false;
    }
    settle_last(point);
    try {
        steps_.look_at_blocked(point);
    } catch (
        const step_limit_reached&) { // of an execution that is a finding for another reason: it has not come to its end
        return false;
    }
    if (steps_.knows_better()) {
        forget_all();
    } else if (!repeated_) { // the races of the others have been seen before
        reverse_races();
    }
    return !repeated_;
}

/// What has been explored so far was planned with less than is known now.
void dpor_strategy::forget_all() {
    while (depth_ > 0) {
        node& last = nodes_[--depth_];
        trees_.release_all(std::exchange(last.pending, none));
        leave(last);
    }
    begun_ = false;
    anew_ = true;
}

void dpor_strategy::reverse_races() {
    for (const reduction::race& each : steps_.races()) {
        if (steps_.would_wait(each)) {
            continue;
        }
        node& before = nodes_[each.first];
        steps_.reverse(each, sequence_);
        trees_.insert(before.pending, before.asleep, sequence_, steps_);
    }
}

/// Goes back to the deepest node that has a branch left, which is taken next.
bool dpor_strategy::backtrack() {
    while (depth_ > 0) {
        node& last = nodes_[depth_ - 1];
        drop_known(last);
        if (last.pending != none) {
            break;
        }
        leave(last);
        --depth_;
    }
    if (depth_ == 0) {
        return false;
    }
    node& here = nodes_[depth_ - 1];
    const event& made = steps_[depth_ - 1];
    if (here.current == none) {
        here.current = trees_.make(made.who, steps_.values_of(made), made.done);
    } else {
        reduction::branch& explored = trees_[here.current];
        const std::span<const std::uint32_t> values = steps_.values_of(made);
        explored.values.assign(values.begin(), values.end());
        explored.done = made.done;
    }
    const std::span<const std::uint32_t> counts = steps_.counts_of(made);
    trees_[here.current].counts.assign(counts.begin(), counts.end());
    here.asleep.push_back(here.current);
    here.current = std::exchange(here.pending, trees_[here.pending].next);
    return true;
}

/// Drops what was planned before it was known that it leads to nothing but one more round of a loop.
void dpor_strategy::drop_known(node& here) {
    while (here.pending != none && leads_into_loop(here.pending)) {
        const std::uint32_t dropped = std::exchange(here.pending, trees_[here.pending].next);
        trees_.release(dropped);
    }
}

bool dpor_strategy::leads_into_loop(std::uint32_t from) const {
    while (trees_[from].first_child != none) {
        from = trees_[from].first_child;
        if (trees_[from].next != none) {
            return false;
        }
    }
    return !trees_[from].stands_for_others && steps_.is_in_vain(trees_[from].loop);
}

void dpor_strategy::leave(node& left) {
    for (std::size_t each = left.inherited; each < left.asleep.size(); ++each) {
        trees_.release(left.asleep[each]);
    }
    left.asleep.clear();
    left.inherited = 0;
    if (left.current != none) {
        trees_.release(left.current);
        left.current = none;
    }
}

void dpor_strategy::diverged(const scheduling_point& point, std::uint32_t who) {
    throw divergence("at decision " + std::to_string(point.step + 1) + " starter " + std::to_string(who) +
                     " could go on before, and now, after the same decisions, it cannot");
}

/// The step of a decision who goes on. Each step is one decision, and one more for each value that it takes.
std::uint32_t dpor_strategy::position_of(std::uint64_t decision) const {
    std::size_t lowest = 0;
    std::size_t highest = steps_.size();
    while (highest - lowest > 1) {
        const std::size_t middle = lowest + (highest - lowest) / 2;
        std::uint64_t before = middle + steps_[middle].first_value;
        for (const detour& each : detours_) {
            before += each.position <= middle ? each.decisions : 0;
        }
        (before <= decision ? lowest : highest) = middle;
    }
    return static_cast<std::uint32_t>(lowest);
}

bool dpor_strategy::happens_before(std::uint64_t earlier, std::uint64_t later) const {
    return probe_.has_given_up() || steps_.happens_before(position_of(earlier), position_of(later));
}

std::unique_ptr<strategy> dpor_strategy::within_order() const {
    return std::make_unique<bounded_dpor_strategy>(std::nullopt);
}

/// Of each node on the path, the branches that are behind, as if all that are known were as large; and the path itself.
std::uint64_t dpor_strategy::explored() const {
    std::uint64_t behind = 0;
    std::uint64_t share = std::uint64_t{1} << 63; // of all that goes on from the node
    for (std::size_t position = 0; position < depth_; ++position) {
        const node& here = nodes_[position];
        const std::uint64_t explored = here.asleep.size() - here.inherited;
        std::uint64_t known = explored + 1;
        for (std::uint32_t each = here.pending; each != none; each = trees_[each].next) {
            ++known;
        }
        share /= known;
        behind += share * explored;
    }
    return behind + share;
}

std::unique_ptr<strategy> make_strategy(const dpor& described) {
    if (described.preemptions) {
        return std::make_unique<bounded_dpor_strategy>(*described.preemptions);
    }
    return std::make_unique<dpor_strategy>();
}

} // namespace cppvaldi
