#pragma once

#include <cppvaldi/strategy.hpp>

namespace cppvaldi {

/// The same as `forced_choice`, for a point that does not say.
[[nodiscard, gnu::noinline]] inline starter_id look_for_forced_choice(const scheduling_point& point) noexcept {
    for (starter_id id = point.enabled.first(); id != nobody; id = point.enabled.after(id)) {
        const operation_kind next = point.pending[index(id)].kind;
        if (next == operation_kind::started || next == operation_kind::join) {
            return id;
        }
    }
    return nobody;
}

/// Returns a starter that a search lets go on without looking at alternatives, or `nobody`.
///
/// Rule 1 wants the pending operation of every starter to be known, so one that has not begun goes on to its first announcement.
/// And one that joins another which has ended goes on: that operation commutes with all others, since nothing that anybody does
/// can disable it or be seen by it.
[[nodiscard]] inline starter_id forced_choice(const scheduling_point& point) noexcept {
    if (point.forced == nullptr) [[unlikely]] {
        return look_for_forced_choice(point);
    }
    return point.forced->empty() ? nobody : point.forced->first();
}

/// True if `id` can go on, and not only by letting a wait time out before time has come to its deadline.
[[nodiscard]] inline bool can_run(starter_id id, const scheduling_point& point) noexcept {
    return point.enabled.contains(id) && (point.early == nullptr || !point.early->contains(id));
}

/// Returns the lowest that can run, or else the lowest that can only let a wait time out. REQUIRES: somebody is enabled.
[[nodiscard]] inline starter_id lowest_that_can_run(const scheduling_point& point) noexcept {
    starter_id id = point.enabled.first();
    while (id != nobody && !can_run(id, point)) {
        id = point.enabled.after(id);
    }
    return id == nobody ? point.enabled.first() : id;
}

/// Remembers who goes on unless it is preempted: the starter that was chosen last. One that was only forced to begin, or to come
/// back from a join, interrupts nobody and is interrupted by nobody. Nor does who waits, and could only time out early, lose
/// anything.
class current_starter {
public:
    void reset() noexcept { last_ = nobody; }

    /// Takes note of a choice that was not forced.
    void chosen(starter_id id) noexcept { last_ = id; }

    /// Returns who can stay without a preemption of anybody, or `nobody` if whoever comes next preempts nobody.
    [[nodiscard]] starter_id at(const scheduling_point& point) const noexcept {
        return last_ != nobody && can_run(last_, point) ? last_ : nobody;
    }

private:
    starter_id last_ = nobody;
};

/// Returns who goes on where nothing else is wanted: whoever is forced, else the current starter, else the lowest id.
[[nodiscard]] inline starter_id without_preemption(const scheduling_point& point,
                                                   const current_starter& current) noexcept {
    const starter_id forced = forced_choice(point);
    if (forced != nobody) {
        return forced;
    }
    const starter_id stays = current.at(point);
    return stays != nobody ? stays : point.enabled.first();
}

} // namespace cppvaldi
