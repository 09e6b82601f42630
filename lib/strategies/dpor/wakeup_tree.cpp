#include "strategies/dpor/wakeup_tree.hpp"

#include <algorithm>

namespace cppvaldi::reduction {

std::uint32_t wakeup_trees::make(std::uint32_t who, std::span<const std::uint32_t> values, const deed& done) {
    std::uint32_t id = 0;
    if (free_.empty()) {
        id = static_cast<std::uint32_t>(branches_.size());
        branches_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    branch& made = branches_[id];
    made.who = who;
    made.first_child = none;
    made.next = none;
    made.loop = 0;
    made.stands_for_others = false;
    made.counts.clear();
    made.values.assign(values.begin(), values.end());
    made.done = done;
    return id;
}

void wakeup_trees::release(std::uint32_t id) {
    release_all(branches_[id].first_child);
    free_.push_back(id);
}

void wakeup_trees::release_all(std::uint32_t first) {
    while (first != none) {
        const std::uint32_t next = branches_[first].next;
        release(first);
        first = next;
    }
}

/// Says whether what `sought` does is one of the weak initials of `sequence`: a step of it before which none must come, or a step
/// that could come before all of it.
wakeup_trees::match wakeup_trees::look_for(const branch& sought, std::span<const planned_step> sequence,
                                           const step_order& order, std::uint32_t& found) const {
    for (std::uint32_t at = 0; at < sequence.size(); ++at) {
        const planned_step& step = sequence[at];
        if (step.taken) {
            continue;
        }
        if (step.who == sought.who) {
            const std::size_t compared = std::min(step.values.size(), sought.values.size());
            if (!std::equal(sought.values.begin(), sought.values.begin() + static_cast<std::ptrdiff_t>(compared),
                            step.values.begin())) {
                return match::no;
            }
            for (std::uint32_t before = 0; before < at; ++before) {
                if (!sequence[before].taken && order.comes_before(sequence[before], step)) {
                    return match::no;
                }
            }
            found = at;
            return match::step;
        }
        if (conflict(sought.done, step.done)) {
            return match::no;
        }
    }
    return match::independent;
}

/// Finds the step of `sequence` of which `known` is one case of several, by the next value that both take: either that of the same
/// starter, if its values are open so far, or, if `known` could come before all of it, one that is added at the end. Returns none
/// if there is no such step. `known` leads to what begins with `sequence` in its own case only, so each has to be looked for.
std::uint32_t wakeup_trees::step_split_by(const branch& known, std::vector<planned_step>& sequence,
                                          const step_order& order) const {
    if (known.values.empty()) {
        return none;
    }
    std::uint32_t at = 0;
    const match how = look_for(known, sequence, order, at);
    if (how == match::independent) {
        sequence.push_back({.who = known.who, .open = true, .done = known.done});
        return static_cast<std::uint32_t>(sequence.size() - 1);
    }
    const bool is_case = how == match::step && sequence[at].open && known.counts.size() > sequence[at].values.size();
    return is_case ? at : none;
}

void wakeup_trees::insert(std::uint32_t& first, std::span<const std::uint32_t> asleep,
                          std::vector<planned_step>& sequence, const step_order& order) {
    insert_below(none, first, asleep, sequence, order);
}

void wakeup_trees::insert_below(std::uint32_t parent, std::uint32_t& root, std::span<const std::uint32_t> asleep,
                                std::vector<planned_step>& sequence, const step_order& order) {
    for (;;) {
        std::uint32_t split = none;
        std::uint32_t by = none;
        for (std::size_t each = 0; each < asleep.size() && split == none; ++each) {
            by = asleep[each];
            split = step_split_by(branches_[by], sequence, order);
        }
        for (std::uint32_t each = first_below(parent, root); each != none && split == none;
             each = branches_[each].next) {
            by = each;
            split = step_split_by(branches_[by], sequence, order);
        }
        if (split != none) { // each of its next values on its own
            const std::size_t rank = sequence[split].values.size();
            std::vector<std::uint32_t> values(sequence[split].values.begin(), sequence[split].values.end());
            values.push_back(0);
            const std::vector<std::uint32_t> counts(branches_[by].counts.begin(),
                                                    branches_[by].counts.begin() + static_cast<std::ptrdiff_t>(rank) +
                                                        1);
            for (values[rank] = 0; values[rank] < counts[rank]; ++values[rank]) {
                std::vector<planned_step> with_value = sequence;
                with_value[split].values = values;
                with_value[split].counts = counts;
                insert_below(parent, root, asleep, with_value, order);
            }
            return;
        }
        std::uint32_t found = 0;
        for (const std::uint32_t each : asleep) {
            if (look_for(branches_[each], sequence, order, found) != match::no) {
                return;
            }
        }
        std::uint32_t into = none;
        for (std::uint32_t each = first_below(parent, root); each != none && into == none;
             each = branches_[each].next) {
            const match how = look_for(branches_[each], sequence, order, found);
            if (how != match::no) {
                into = each;
            }
            if (how == match::step) {
                sequence[found].taken = true;
            }
        }
        if (into == none) {
            append(parent, root, sequence);
            return;
        }
        if (branches_[into].first_child == none) {
            branches_[into].stands_for_others = true;
            return; // all that begins like this is explored below
        }
        parent = into;
        asleep = {};
    }
}

void wakeup_trees::append(std::uint32_t parent, std::uint32_t& root, std::span<const planned_step> sequence) {
    std::uint32_t last = none;
    for (const planned_step& step : sequence) {
        if (step.taken) {
            continue;
        }
        const std::uint32_t added = make(step.who, step.values, step.done);
        branches_[added].counts.assign(step.counts.begin(), step.counts.end());
        branches_[added].loop = step.loop;
        if (last != none) {
            branches_[last].first_child = added;
        } else {
            std::uint32_t* end = &first_below(parent, root);
            while (*end != none) {
                end = &branches_[*end].next;
            }
            *end = added;
        }
        last = added;
    }
}

} // namespace cppvaldi::reduction
