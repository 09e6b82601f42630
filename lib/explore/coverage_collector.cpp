#include "explore/coverage_collector.hpp"

#include <algorithm>
#include <utility>

namespace cppvaldi {

namespace {

/// Waits, and what only one starter can turn to: its own end.
bool is_on_something_shared(const operation& announced) noexcept {
    return announced.object != object_id{} && announced.kind != operation_kind::join &&
           announced.kind != operation_kind::sleep && announced.kind != operation_kind::finished;
}

bool tries(operation_kind kind) noexcept {
    return kind == operation_kind::try_lock || kind == operation_kind::try_lock_shared ||
           kind == operation_kind::try_acquire;
}

} // namespace

bool coverage_collector::begin_execution() {
    passed_.clear();
    touched_.clear();
    known_starters_.clear();
    known_objects_.clear();
    last_ = {none, nobody, false};
    return decides_->begin_execution();
}

strategy_needs coverage_collector::needs() const {
    strategy_needs all = decides_->needs();
    all.results = true;
    return all;
}

starter_id coverage_collector::next(const scheduling_point& point) {
    see_announced(point);
    const starter_id chosen = decides_->next(point);
    if (chosen != nobody && chosen != somebody_else) {
        see_passed(point, chosen);
    }
    return chosen;
}

bool coverage_collector::end_execution(const scheduling_point& point) {
    see_announced(point);
    return decides_->end_execution(point);
}

void coverage_collector::see_announced(const scheduling_point& point) {
    if (last_.object != none && point.last.failed) {
        last_.contended = true;
        touched_.push_back(last_);
    }
    last_.object = none;
    if (point.running == nobody) {
        return;
    }
    const operation& announced = point.pending[index(point.running)];
    if (!is_on_something_shared(announced)) {
        return;
    }
    bool contended = point.blocked(point.running) || (point.early != nullptr && point.early->contains(point.running));
    for (std::size_t other = 0; other < point.pending.size() && !contended; ++other) {
        const operation& theirs = point.pending[other];
        contended = theirs.object == announced.object && other != index(point.running) &&
                    is_on_something_shared(theirs) && // who only reads minds no other who does
                    (!changes_nothing(theirs.access) || !changes_nothing(announced.access));
    }
    touched_.push_back({object_number(point, announced.object), point.running, contended});
}

void coverage_collector::see_passed(const scheduling_point& point, starter_id chosen) {
    const operation& announced = point.pending[index(chosen)];
    if (announced.kind == operation_kind::checkpoint) {
        const std::uint32_t which = checkpoint_number(chosen, announced.label);
        if (which != none) {
            passed_.push_back({which, point.step});
        }
    } else if (tries(announced.kind)) {
        last_ = {object_number(point, announced.object), chosen, false};
    }
}

std::uint32_t coverage_collector::starter_number(starter_id id) {
    if (index(id) >= known_starters_.size()) {
        known_starters_.resize(index(id) + 1, none);
    }
    std::uint32_t& known = known_starters_[index(id)];
    if (known == none) {
        const auto [place, is_new] =
            starter_numbers_.try_emplace(std::string(world_.name_of(id)), static_cast<std::uint32_t>(starters_.size()));
        if (is_new) {
            starters_.push_back(place->first);
        }
        known = place->second;
    }
    return known;
}

std::uint32_t coverage_collector::checkpoint_number(starter_id id, label_id label) {
    const std::uint32_t starter = starter_number(id);
    text_.assign(starters_[starter]).append(":").append(world_.labels().text(label));
    const auto place = checkpoint_numbers_.find(text_);
    if (place != checkpoint_numbers_.end()) {
        return place->second;
    }
    if (checkpoints_.size() == most_checkpoints) {
        return none;
    }
    const auto added = static_cast<std::uint32_t>(checkpoints_.size());
    checkpoint_numbers_.emplace(text_, added);
    checkpoints_.push_back({starter, text_, std::vector<bool>(most_checkpoints)});
    return added;
}

/// An object is known by where it comes from, for its number may be another one in another execution.
std::uint32_t coverage_collector::object_number(const scheduling_point& point, object_id id) {
    const auto number = static_cast<std::size_t>(id) - 1;
    if (number >= known_objects_.size()) {
        known_objects_.resize(number + 1, none);
    }
    std::uint32_t& known = known_objects_[number];
    if (known == none) {
        const object_origin origin = number < point.origins.size() ? point.origins[number] : object_origin{};
        text_.clear();
        if (origin.made_by != nobody) {
            text_ = world_.name_of(origin.made_by);
        }
        text_.append("/").append(std::to_string(origin.number));
        const auto [place, is_new] = object_numbers_.try_emplace(text_, static_cast<std::uint32_t>(objects_.size()));
        if (is_new) {
            objects_.push_back({world_.object_text(id), {}, false});
        }
        known = place->second;
    }
    return known;
}

void coverage_collector::count(const equivalence* known) {
    ++executions_;
    for (const touched& each : touched_) {
        object_use& on = objects_[each.object];
        on.contended = on.contended || each.contended;
        const std::uint32_t who = starter_number(each.who);
        if (std::find(on.starters.begin(), on.starters.end(), who) == on.starters.end()) {
            on.starters.push_back(who);
        }
    }
    for (std::size_t later = 0; later < passed_.size(); ++later) {
        checkpoint& second = checkpoints_[passed_[later].which];
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            checkpoint& first = checkpoints_[passed_[earlier].which];
            if (first.starter == second.starter) {
                continue;
            }
            first.before[passed_[later].which] = true;
            if (known != nullptr && !second.before[passed_[earlier].which] &&
                !known->happens_before(passed_[earlier].decision, passed_[later].decision)) {
                second.before[passed_[earlier].which] = true;
            }
        }
    }
}

coverage coverage_collector::summed_up() const {
    coverage sum;
    sum.executions = executions_;
    for (std::size_t later = 0; later < checkpoints_.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const checkpoint& one = checkpoints_[earlier];
            const checkpoint& other = checkpoints_[later];
            if (one.starter != other.starter) {
                sum.pairs.push_back({one.text, other.text, one.before[later], other.before[earlier]});
            }
        }
    }
    for (const object_use& each : objects_) {
        coverage::use& shown = sum.objects.emplace_back();
        shown.object = each.text;
        shown.contended = each.contended;
        for (const std::uint32_t who : each.starters) {
            shown.starters.push_back(starters_[who]);
        }
    }
    return sum;
}

} // namespace cppvaldi
