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
    clearing_ = true;
    goal_ = goal::end;
    pause_at_ = never;
    verdict_ = verdict::none;
}

void declared_order::declare(std::span<const mention> order, std::size_t starters) {
    CPPVALDI_ASSERT(due_, ==, order_.size(), "an order is declared when none is under way");
    order_.assign(order.begin(), order.end());
    due_ = 0;
    plans_.assign(starters, plan{});
    counters_.clear();
    clearing_ = !past_last_.empty();
    sort_by_starter();
    for (std::uint32_t id = 0; id < starters; ++id) {
        plan& mine = plans_[id];
        count_each(mine);
        if (mine.next != mine.last) {
            past_last_.erase(static_cast<starter_id>(id));
            if (own_[mine.next].what.label == implicit_label::started) {
                mine.arrived = true; // it stands there from the beginning
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
        own_[plans_[index(each.starter)].last++].what = each;
    }
}

/// Gives each of a starter's mentions the counter of its checkpoint.
void declared_order::count_each(plan& mine) {
    mine.counters = static_cast<std::uint32_t>(counters_.size());
    for (std::uint32_t position = mine.next; position < mine.last; ++position) {
        own_mention& each = own_[position];
        each.counter = mine.counters;
        while (each.counter < counters_.size() && counters_[each.counter].label != each.what.label) {
            ++each.counter;
        }
        if (each.counter == counters_.size()) {
            counters_.push_back({each.what.starter, each.what.label, 0});
        }
    }
}

void declared_order::aim(goal where, std::size_t position) noexcept {
    goal_ = where;
    pause_at_ = where == goal::next_checkpoint ? due_ + 1 : where == goal::target ? position + 1 : never;
    verdict_ = verdict::none;
}

void declared_order::aim_at_detour(const mention& unmentioned) noexcept {
    aim(goal::detour);
    detour_ = unmentioned;
    detour_reached_ = false;
}

starter_id declared_order::next(const scheduling_point& point) {
    verdict_ = verdict::none;
    if (order_.empty() && goal_ != goal::detour) {
        return whoever_can(point); // h: there is nothing to observe and nothing to wait for
    }
    return next_of_order(point);
}

starter_id declared_order::next_of_order(const scheduling_point& point) {
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

inline void declared_order::observe(const scheduling_point& point) {
    const operation& announced = point.pending[index(point.running)];
    if (announced.kind == operation_kind::checkpoint) {
        observe_checkpoint(point.running, announced.label);
    } else if (announced.kind == operation_kind::finished) {
        observe_end(point.running);
    } else if (point.blocked(point.running)) {
        observe_block(point.running);
    }
}

inline void declared_order::observe_checkpoint(starter_id running, label_id label) {
    if (goal_ == goal::detour && running == detour_.starter && label == detour_.label && --detour_.occurrence == 0) {
        detour_reached_ = true;
    }
    if (!has_plan(running)) {
        return;
    }
    plan& mine = plans_[index(running)];
    if (mine.next == mine.last || own_[mine.next].what.label != label) {
        observe_unexpected(running, label);
        return;
    }
    const own_mention& expected = own_[mine.next];
    const std::uint32_t count = ++counters_[expected.counter].count;
    if (count == expected.what.occurrence) {
        mine.arrived = true;
    } else {
        note_if_declared_later(mine, {running, label, count});
    }
}

/// A checkpoint by another name than that of the starter's next mention.
void declared_order::observe_unexpected(starter_id running, label_id label) {
    const plan& mine = plans_[index(running)];
    auto known = counters_.begin() + mine.counters;
    while (known != counters_.end() && known->starter == running && known->label != label) {
        ++known;
    }
    if (known != counters_.end() && known->starter == running) { // c: if not, it is not mentioned, and passed
        note_if_declared_later(mine, {running, label, ++known->count});
    }
}

void declared_order::note_if_declared_later(const plan& mine, const mention& reached) {
    const bool later = std::any_of(own_.begin() + mine.next, own_.begin() + mine.last,
                                   [&](const own_mention& declared) { return declared.what == reached; });
    if (later) {
        (void)stop(verdict::out_of_order, reached.starter, reached);
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
    plan& mine = plans_[index(running)];
    past_last_.erase(running);
    if (mine.next == mine.last) {
        return;
    }
    if (own_[mine.next].what.label == implicit_label::finished) {
        mine.arrived = true;
    } else {
        (void)stop(verdict::missed, running, own_[mine.next].what);
    }
}

/// One that is blocked before that is due must not go on as a helper once it could: it would be past its `blocked` then. It has
/// not arrived either, for it may no longer be blocked when that is due.
void declared_order::observe_block(starter_id running) {
    if (has_plan(running)) {
        plan& mine = plans_[index(running)];
        mine.blocked_early = mine.next != mine.last && own_[mine.next].what.label == implicit_label::blocked;
    }
}

// --- who goes on ---

inline starter_id declared_order::choose(const scheduling_point& point) {
    if (goal_ == goal::detour) {
        return choose_on_detour(point);
    }
    for (;;) {
        const starter_id past = clearing_ ? clear_past_last(point, nobody) : nobody;
        if (past != nobody) {
            return grant(past);
        }
        if (used_up()) {
            return grant(whoever_can(point));
        }
        if (!consume_if_reached(point)) {
            break;
        }
        if (due_ == pause_at_) {
            return pause();
        }
    }
    const starter_id owner = order_[due_].starter;
    return point.enabled.contains(owner) ? grant(owner) : choose_instead_of(owner, point);
}

/// A detour's owner goes on only while no other starter's declared checkpoint is due before its own next one.
starter_id declared_order::choose_on_detour(const scheduling_point& point) {
    if (detour_is_reached(point)) {
        return pause();
    }
    const starter_id target = detour_.starter;
    do {
        const starter_id past = clearing_ ? clear_past_last(point, target) : nobody;
        if (past != nobody) {
            return grant(past);
        }
    } while (!used_up() && consume_if_reached(point));
    const bool free = used_up() || !has_plan(target) || plans_[index(target)].next == plans_[index(target)].last;
    const starter_id owner = free ? target : order_[due_].starter;
    return point.enabled.contains(owner) ? grant(owner) : choose_instead_of(owner, point);
}

/// Returns who runs to its end first, or `nobody`: then that is done, until the next checkpoint is reached.
starter_id declared_order::clear_past_last(const scheduling_point& point, starter_id except) {
    const starter_id past = lowest_past_last(point, except);
    clearing_ = past != nobody;
    return past;
}

/// It is blocked, or it ended by an exception, some time ago.
starter_id declared_order::choose_instead_of(starter_id owner, const scheduling_point& point) {
    if (point.pending[index(owner)].kind == operation_kind::finished) {
        const bool on_detour = goal_ == goal::detour && owner == detour_.starter;
        return stop(verdict::missed, owner, on_detour ? detour_ : order_[due_]);
    }
    const starter_id other = helper(point);
    if (other != nobody) {
        return grant(other);
    }
    (void)stop(verdict::infeasible, owner); // unless it only sleeps or rests, or waits for the world outside
    return somebody_else;
}

/// Takes the due checkpoint off the order if it is reached. REQUIRES: `!used_up()`.
inline bool declared_order::consume_if_reached(const scheduling_point& point) {
    const mention& due = order_[due_];
    plan& owner = plans_[index(due.starter)];
    if (!owner.arrived && !blocks_for_the_first_time(due, owner, point)) {
        return false;
    }
    consume(due, owner);
    return true;
}

/// If `due` is a `blocked`. One blocking is one reached checkpoint.
inline bool declared_order::blocks_for_the_first_time(const mention& due, plan& owner, const scheduling_point& point) {
    if (due.label != implicit_label::blocked) {
        return false;
    }
    return point.blocked(due.starter) && !std::exchange(owner.block_counted, true);
}

inline void declared_order::consume(const mention& due, plan& owner) {
    ++due_;
    owner.arrived = false;
    owner.blocked_early = false;
    ++owner.next;
    if (owner.next == owner.last && due.label != implicit_label::finished) {
        past_last_.insert(due.starter);
    }
    clearing_ = !past_last_.empty();
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

starter_id declared_order::lowest_past_last(const scheduling_point& point, starter_id except) const {
    starter_id past = past_last_.first();
    while (past != nobody && (past == except || !point.enabled.contains(past))) {
        past = past_last_.after(past);
    }
    return past;
}

starter_id declared_order::helper(const scheduling_point& point) const {
    starter_id other = point.enabled.first();
    while (other != nobody && holds(other)) {
        other = point.enabled.after(other);
    }
    return other;
}

/// Nobody may be enabled: then somebody waits for the world outside.
inline starter_id declared_order::whoever_can(const scheduling_point& point) noexcept {
    return point.enabled.empty() ? somebody_else : point.enabled.first();
}

inline starter_id declared_order::grant(starter_id chosen) {
    if (chosen != nobody && has_plan(chosen)) {
        plans_[index(chosen)].block_counted = false;
    }
    return chosen;
}

inline starter_id declared_order::pause() noexcept {
    verdict_ = verdict::reached;
    return nobody;
}

starter_id declared_order::stop(verdict why, starter_id who, const mention& what) noexcept {
    verdict_ = why;
    culprit_ = who;
    at_fault_ = what;
    return nobody;
}

} // namespace cppvaldi
