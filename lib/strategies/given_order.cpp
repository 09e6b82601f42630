#include "strategies/given_order.hpp"

#include <algorithm>
#include <utility>

namespace cppvaldi {

given_order::given_order(strategy& decides, std::vector<mention> mentions, name_source& names)
    : decides_(&decides), mentions_(std::move(mentions)), names_(names), states_(mentions_.size()) {}

bool given_order::begin_execution() {
    std::fill(states_.begin(), states_.end(), state{});
    steps_.clear();
    ++executions_;
    is_new_ = true;
    too_early_ = none;
    holds_all_ = false;
    return decides_->begin_execution();
}

void given_order::resolve() {
    for (std::size_t position = 0; position < mentions_.size(); ++position) {
        states_[position].starter = names_.label_of(mentions_[position].starter);
        states_[position].checkpoint = names_.label_of(mentions_[position].checkpoint);
    }
    is_new_ = false;
}

starter_id given_order::next(const scheduling_point& point) {
    observe(point);
    holds_all_ = false;
    if (too_early_ != none) {
        return nobody;
    }
    const bool foresees = !decides_->completes() && executions_ % 16 != 0;
    if (!offer(point, foresees) && !(foresees && offer(point, false))) {
        holds_all_ = true;
        return somebody_else;
    }
    if (offered_.size() == point.enabled.size()) {
        return decides_->next(point);
    }
    return decides_->next({offered_, point.pending, point.running, point.step, point.resting, point.early, point.last,
                           point.origins, point.watched, nullptr, point.names, point.states, point.last_step});
}

void given_order::settle(const scheduling_point& point) {
    observe(point);
    reach_what_is_due();
}

/// Fills `offered_` with who may go on. Returns false if nobody may.
bool given_order::offer(const scheduling_point& point, bool with_foresight) {
    offered_.clear();
    for (starter_id id = point.enabled.first(); id != nobody; id = point.enabled.after(id)) {
        if (!waits(id) && !(with_foresight && would_come_too_early(id))) {
            offered_.insert(id);
        }
    }
    return !offered_.empty();
}

bool given_order::waits(starter_id who) const noexcept {
    return std::any_of(states_.begin(), states_.end(),
                       [who](const state& each) { return each.waits && each.owner == who; });
}

/// As far as is known from the executions before.
bool given_order::would_come_too_early(starter_id who) const noexcept {
    if (index(who) >= scripts_.size() || steps_[index(who)] >= scripts_[index(who)].size()) {
        return false;
    }
    const std::size_t kind = scripts_[index(who)][steps_[index(who)]];
    if (kind == none || states_[kind].owner != who) {
        return false;
    }
    for (std::size_t position = kind; position < mentions_.size(); ++position) {
        const state& each = states_[position];
        if (each.owner == who && each.checkpoint == states_[kind].checkpoint &&
            mentions_[position].occurrence == each.count + 1) {
            return !is_due(position);
        }
    }
    return false;
}

// --- what has been announced ---

void given_order::observe(const scheduling_point& point) {
    if (is_new_) {
        resolve();
    }
    meet_the_new(point);
    if (point.running != nobody) {
        const operation& announced = point.pending[index(point.running)];
        const bool by_force = steps_[index(point.running)] == 0;
        if (announced.kind == operation_kind::checkpoint) {
            come_to(point.running, announced.label, by_force);
        } else if (announced.kind == operation_kind::finished) {
            come_to(point.running, implicit_label::finished, by_force);
        } else if (point.blocked(point.running)) {
            come_to(point.running, implicit_label::blocked, by_force);
        } else if (announced.kind != operation_kind::started) {
            come_to(point.running, implicit_label::started, by_force); // nothing that an order can mention
        }
    }
    reach_what_is_due();
}

/// A starter stands at `started` from the beginning.
void given_order::meet_the_new(const scheduling_point& point) {
    while (steps_.size() < point.pending.size()) {
        const auto born = static_cast<starter_id>(steps_.size());
        const label_id name = names_.name_of(born);
        steps_.push_back(0);
        for (state& each : states_) {
            if (each.starter == name) {
                each.owner = born;
                each.waits = each.checkpoint == implicit_label::started;
            }
        }
    }
}

void given_order::come_to(starter_id who, label_id checkpoint, bool by_force) {
    std::size_t kind = none;
    for (std::size_t position = 0; position < mentions_.size() && checkpoint != implicit_label::started; ++position) {
        state& each = states_[position];
        if (each.owner != who || each.checkpoint != checkpoint) {
            continue;
        }
        kind = std::min(kind, position);
        if (++each.count != mentions_[position].occurrence) {
            continue;
        }
        if (is_due(position)) {
            each.reached = true;
        } else if (by_force) {
            each.waits = true;
        } else {
            too_early_ = std::min(too_early_, position);
        }
    }
    scripts_.resize(std::max(scripts_.size(), std::size_t{index(who)} + 1));
    script& mine = scripts_[index(who)];
    mine.resize(std::max(mine.size(), std::size_t{steps_[index(who)]} + 1), none);
    mine[steps_[index(who)]++] = kind;
}

void given_order::reach_what_is_due() noexcept {
    for (bool has_changed = true; has_changed;) {
        has_changed = false;
        for (std::size_t position = 0; position < states_.size(); ++position) {
            if (states_[position].waits && is_due(position)) {
                states_[position].waits = false;
                states_[position].reached = true;
                has_changed = true;
            }
        }
    }
}

// --- what can be asked afterwards ---

std::size_t given_order::too_early() const noexcept {
    if (too_early_ != none) {
        return too_early_;
    }
    const auto waiting = std::find_if(states_.begin(), states_.end(), [](const state& each) { return each.waits; });
    return holds_all_ && waiting != states_.end() ? static_cast<std::size_t>(waiting - states_.begin()) : none;
}

std::size_t given_order::missing() const noexcept {
    for (std::size_t position = 0; position < mentions_.size(); ++position) {
        if (mentions_[position].must_be_reached && !states_[position].reached) {
            return position;
        }
    }
    return none;
}

std::size_t given_order::missing_before(std::size_t then) const noexcept {
    const std::vector<std::size_t>& after = mentions_[then].after;
    const auto missing =
        std::find_if(after.begin(), after.end(), [this](std::size_t before) { return !states_[before].reached; });
    return missing == after.end() ? none : *missing;
}

std::size_t given_order::reached() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(states_.begin(), states_.end(), [](const state& each) { return each.reached; }));
}

} // namespace cppvaldi
