#include "strategies/declared_order.hpp"

#include "assert.hpp"

#include <algorithm>
#include <utility>

namespace cppvaldi {

void declared_order::clear() {
    order_.clear();
    due_ = 0;
    own_.clear();
    plans_.clear();
    counters_.clear();
    past_last_.clear();
    held_.clear();
    clearing_ = true;
    goal_ = goal::end;
    verdict_ = verdict::none;
}

void declared_order::declare(std::span<const mention> order, std::size_t starters) {
    CPPVALDI_ASSERT(due_, ==, order_.size(), "an order is declared when none is under way");
    order_.assign(order.begin(), order.end());
    due_ = 0;
    plans_.assign(starters, plan{});
    counters_.clear();
    held_.clear();
    clearing_ = true;
    sort_by_starter();
    for (std::uint32_t id = 0; id < starters; ++id) {
        plan& mine = plans_[id];
        mine.counters = static_cast<std::uint32_t>(counters_.size());
        for (std::uint32_t position = mine.next; position < mine.last; ++position) {
            const counter fresh{own_[position].starter, own_[position].label, 0};
            const auto begin = counters_.begin() + mine.counters;
            if (std::none_of(begin, counters_.end(),
                             [&](const counter& known) { return known.label == fresh.label; })) {
                counters_.push_back(fresh);
            }
        }
        if (mine.next != mine.last) {
            past_last_.erase(static_cast<starter_id>(id));
            if (own_[mine.next].label == implicit_label::started) {
                arrive(static_cast<starter_id>(id)); // it stands there from the beginning
            }
        }
    }
}

/// Fills `own_` and each plan's part of it: a counting sort.
void declared_order::sort_by_starter() {
    own_.resize(order_.size());
    for (const mention& each : order_) {
        ++plans_[index(each.starter)].last;
    }
    std::uint32_t position = 0;
    for (plan& each : plans_) {
        const std::uint32_t mentions = each.last;
        each.next = each.last = position;
        position += mentions;
    }
    for (const mention& each : order_) {
        own_[plans_[index(each.starter)].last++] = each;
    }
}

void declared_order::aim(goal where, std::size_t position) noexcept {
    goal_ = where;
    target_ = position;
    verdict_ = verdict::none;
}

void declared_order::aim_at_detour(const mention& unmentioned) noexcept {
    aim(goal::detour);
    detour_ = unmentioned;
    detour_reached_ = false;
}

starter_id declared_order::next(const scheduling_point& point) {
    verdict_ = verdict::none;
    if (point.running != nobody) {
        observe(point);
        if (verdict_ != verdict::none) {
            return nobody;
        }
    }
    return choose(point);
}

declared_order::verdict declared_order::settle(const scheduling_point& point) {
    (void)next(point);
    return verdict_;
}

// --- what the running starter has just announced ---

void declared_order::observe(const scheduling_point& point) {
    const operation& announced = point.pending[index(point.running)];
    if (announced.kind == operation_kind::checkpoint) {
        observe_checkpoint(point.running, announced.label);
    } else if (announced.kind == operation_kind::finished) {
        observe_end(point.running);
    } else if (point.blocked(point.running)) {
        observe_block(point.running);
    }
}

void declared_order::observe_checkpoint(starter_id running, label_id label) {
    if (goal_ == goal::detour && running == detour_.starter && label == detour_.label && --detour_.occurrence == 0) {
        detour_reached_ = true;
    }
    if (!has_plan(running)) {
        return;
    }
    const plan& mine = plans_[index(running)];
    auto known = counters_.begin() + mine.counters;
    while (known != counters_.end() && known->starter == running && known->label != label) {
        ++known;
    }
    if (known == counters_.end() || known->starter != running) {
        return; // c: not mentioned, so it is passed
    }
    const mention here{running, label, ++known->count};
    if (mine.next != mine.last && own_[mine.next] == here) {
        arrive(running);
    } else if (std::find(own_.begin() + mine.next, own_.begin() + mine.last, here) != own_.begin() + mine.last) {
        (void)stop(verdict::out_of_order, running, here);
    }
}

void declared_order::observe_end(starter_id running) {
    if (goal_ == goal::detour && running == detour_.starter && !detour_reached_) {
        if (detour_.label != implicit_label::finished) {
            (void)stop(verdict::missed, running, detour_);
            return;
        }
        detour_reached_ = true;
    }
    if (!has_plan(running)) {
        return;
    }
    const plan& mine = plans_[index(running)];
    past_last_.erase(running);
    if (mine.next == mine.last) {
        return;
    }
    if (own_[mine.next].label == implicit_label::finished) {
        arrive(running);
    } else {
        (void)stop(verdict::missed, running, own_[mine.next]);
    }
}

/// One that is blocked before that is due must not go on as a helper once it could: it would be past its `blocked` then. It has
/// not arrived either, for it may no longer be blocked when that is due.
void declared_order::observe_block(starter_id running) {
    if (!has_plan(running)) {
        return;
    }
    const plan& mine = plans_[index(running)];
    if (mine.next != mine.last && own_[mine.next].label == implicit_label::blocked) {
        held_.insert(running);
    }
}

void declared_order::arrive(starter_id running) {
    plans_[index(running)].arrived = true;
    held_.insert(running);
}

// --- who goes on ---

starter_id declared_order::choose(const scheduling_point& point) {
    const bool detour = goal_ == goal::detour;
    for (;;) {
        if (detour && detour_is_reached(point)) {
            return stop(verdict::reached);
        }
        if (clearing_) {
            const starter_id past = lowest_past_last(point, detour ? detour_.starter : nobody);
            if (past != nobody) {
                return grant(past);
            }
            clearing_ = false;
        }
        if (used_up() && !detour) {
            return grant(point.enabled.first());
        }
        if (used_up() || !due_is_reached(point)) {
            break;
        }
        consume();
        if (goal_ == goal::next_checkpoint || (goal_ == goal::target && due_ == target_ + 1)) {
            return stop(verdict::reached);
        }
    }
    const starter_id owner = owner_to_resume();
    if (point.enabled.contains(owner)) {
        return grant(owner);
    }
    if (point.pending[index(owner)].kind == operation_kind::finished) { // it ended by an exception, some time ago
        return stop(verdict::missed, owner, detour && owner == detour_.starter ? detour_ : order_[due_]);
    }
    const starter_id other = helper(point);
    if (other != nobody) {
        return grant(other);
    }
    (void)stop(verdict::infeasible, owner); // unless the owner only sleeps or rests
    return somebody_else;
}

bool declared_order::due_is_reached(const scheduling_point& point) {
    const mention& due = order_[due_];
    plan& owner = plans_[index(due.starter)];
    if (due.label == implicit_label::blocked) {
        return point.blocked(due.starter) && !std::exchange(owner.block_counted, true);
    }
    return owner.arrived;
}

bool declared_order::detour_is_reached(const scheduling_point& point) {
    const operation& pending = point.pending[index(detour_.starter)];
    if (detour_.label == implicit_label::started) {
        return pending.kind == operation_kind::started;
    }
    if (detour_.label == implicit_label::blocked) {
        return point.blocked(detour_.starter);
    }
    return detour_reached_;
}

void declared_order::consume() {
    const starter_id owner = order_[due_].starter;
    plan& mine = plans_[index(owner)];
    const bool ended = order_[due_].label == implicit_label::finished;
    ++due_;
    ++mine.next;
    mine.arrived = false;
    held_.erase(owner);
    if (mine.next == mine.last && !ended) {
        past_last_.insert(owner);
    }
    clearing_ = true;
}

/// A detour's owner goes on only while no other starter's declared checkpoint is due before its own next one.
starter_id declared_order::owner_to_resume() const {
    if (goal_ != goal::detour) {
        return order_[due_].starter;
    }
    const bool free =
        !has_plan(detour_.starter) || plans_[index(detour_.starter)].next == plans_[index(detour_.starter)].last;
    return free || used_up() ? detour_.starter : order_[due_].starter;
}

starter_id declared_order::lowest_past_last(const scheduling_point& point, starter_id except) const {
    starter_id past = past_last_.first();
    while (past != nobody && (past == except || !point.enabled.contains(past))) {
        past = past_last_.after(past);
    }
    return past;
}

starter_id declared_order::helper(const scheduling_point& point) const {
    starter_id other = point.enabled.first();
    while (other != nobody && held_.contains(other)) {
        other = point.enabled.after(other);
    }
    return other;
}

starter_id declared_order::grant(starter_id chosen) {
    if (chosen != nobody && has_plan(chosen)) {
        plans_[index(chosen)].block_counted = false;
    }
    return chosen;
}

starter_id declared_order::stop(verdict why, starter_id who, const mention& what) noexcept {
    verdict_ = why;
    culprit_ = who;
    at_fault_ = what;
    return nobody;
}

} // namespace cppvaldi
