#include "strategies/outline.hpp"

namespace cppvaldi {

bool guided_strategy::begin_execution() {
    current_.reset();
    stretch_ = 0;
    steps_taken_ = 0;
    value_ = 0;
    return true;
}

starter_id guided_strategy::next(const scheduling_point& point) {
    const starter_id forced = forced_choice(point);
    if (forced != nobody) {
        return forced;
    }
    const starter_id chosen = guided(point);
    current_.chosen(chosen);
    return chosen;
}

starter_id guided_strategy::guided(const scheduling_point& point) {
    for (; stretch_ < wanted_.stretches.size(); ++stretch_, steps_taken_ = 0) {
        const outline::stretch& now = wanted_.stretches[stretch_];
        if (steps_taken_ < now.steps && point.enabled.contains(now.who)) {
            ++steps_taken_;
            return now.who;
        }
    }
    return without_preemption(point, current_);
}

std::uint32_t guided_strategy::value(const value_point& point) {
    const std::uint32_t wanted = value_ < wanted_.values.size() ? wanted_.values[value_] : 0;
    ++value_;
    return wanted < point.count ? wanted : 0;
}

bool outlining_strategy::begin_execution() {
    current_.reset();
    drawn_.stretches.clear();
    drawn_.values.clear();
    cost_ = {};
    needed_ = 0;
    return decides_.begin_execution();
}

starter_id outlining_strategy::next(const scheduling_point& point) {
    const starter_id chosen = decides_.next(point);
    if (chosen != nobody && chosen != somebody_else) {
        note(point, chosen);
    }
    return chosen;
}

void outlining_strategy::note(const scheduling_point& point, starter_id chosen) {
    ++cost_.steps;
    if (chosen != without_preemption(point, current_)) {
        needed_ = cost_.steps;
    }
    if (chosen == forced_choice(point)) {
        return;
    }
    const starter_id current = current_.at(point);
    cost_.preemptions += current != nobody && chosen != current ? 1 : 0;
    current_.chosen(chosen);
    if (!drawn_.stretches.empty() && drawn_.stretches.back().who == chosen) {
        ++drawn_.stretches.back().steps;
        return;
    }
    cost_.switches += drawn_.stretches.empty() ? 0 : 1;
    drawn_.stretches.push_back({.who = chosen, .steps = 1});
}

std::uint32_t outlining_strategy::value(const value_point& point) {
    const std::uint32_t chosen = decides_.value(point);
    ++cost_.steps;
    if (chosen != 0) {
        needed_ = cost_.steps;
    }
    drawn_.values.push_back(chosen);
    return chosen;
}

} // namespace cppvaldi
