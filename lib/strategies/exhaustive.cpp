#include "strategies/exhaustive.hpp"

#include <cppvaldi/errors.hpp>

#include <string>
#include <utility>

namespace cppvaldi {

bool exhaustive_strategy::begin_execution() {
    depth_ = 0;
    current_.reset();
    if (!std::exchange(begun_, true)) {
        return true;
    }
    while (!path_.empty() && path_.back().left == 0) {
        path_.pop_back();
    }
    if (path_.empty()) {
        return next_root();
    }
    --path_.back().left;
    path_.back().advance = true;
    return true;
}

/// Takes a path that was put off; its decisions have no alternatives in this round.
bool exhaustive_strategy::next_root() {
    if (roots_.empty()) {
        if (put_off_.empty()) {
            return false;
        }
        ++round_;
        roots_.swap(put_off_);
    }
    for (std::uint32_t chosen : roots_.back()) {
        path_.push_back({.chosen = chosen, .first = chosen});
    }
    roots_.pop_back();
    return true;
}

starter_id exhaustive_strategy::next(const scheduling_point& point) {
    const starter_id forced = forced_choice(point);
    if (forced != nobody) {
        return forced;
    }
    const starter_id chosen = decide(point);
    current_.chosen(chosen);
    return chosen;
}

starter_id exhaustive_strategy::decide(const scheduling_point& point) {
    if (point.enabled.size() == 1) {
        return point.enabled.first();
    }
    return depth_ < path_.size() ? follow(point) : extend(point);
}

starter_id exhaustive_strategy::follow(const scheduling_point& point) {
    choice& here = path_[depth_++];
    if (here.alternatives != 0 && here.alternatives != point.enabled.size()) {
        diverged(point.step, point.enabled.size());
    }
    if (std::exchange(here.advance, false)) {
        // All others by id, after the first.
        const auto first = static_cast<starter_id>(here.first);
        starter_id other = here.chosen == here.first ? point.enabled.first()
                                                     : point.enabled.after(static_cast<starter_id>(here.chosen));
        if (other == first) {
            other = point.enabled.after(other);
        }
        here.chosen = index(other);
    }
    const auto chosen = static_cast<starter_id>(here.chosen);
    if (chosen == nobody || !point.enabled.contains(chosen)) {
        diverged(point.step, point.enabled.size());
    }
    return chosen;
}

starter_id exhaustive_strategy::extend(const scheduling_point& point) {
    const starter_id current = current_.at(point);
    const bool could_stay = current != nobody;
    const starter_id first = could_stay ? current : lowest_that_can_run(point);
    const auto alternatives = static_cast<std::uint32_t>(point.enabled.size());
    const bool preempts = could_stay && bound_.has_value();
    if (preempts && round_ < *bound_) {
        put_off(point, first);
    }
    path_.push_back({.chosen = index(first),
                     .first = index(first),
                     .alternatives = alternatives,
                     .left = preempts ? 0 : alternatives - 1});
    ++depth_;
    return first;
}

void exhaustive_strategy::put_off(const scheduling_point& point, starter_id stayed) {
    for (starter_id other = point.enabled.first(); other != nobody; other = point.enabled.after(other)) {
        if (other != stayed) {
            path& root = put_off_.emplace_back();
            root.reserve(path_.size() + 1);
            for (const choice& before : path_) {
                root.push_back(before.chosen);
            }
            root.push_back(index(other));
        }
    }
}

std::uint32_t exhaustive_strategy::value(const value_point& point) {
    if (depth_ == path_.size()) {
        path_.push_back({.chosen = 0, .first = 0, .alternatives = point.count, .left = point.count - 1});
        ++depth_;
        return 0;
    }
    choice& here = path_[depth_++];
    if (here.alternatives != 0 && here.alternatives != point.count) {
        diverged(point.step, point.count);
    }
    if (std::exchange(here.advance, false)) {
        ++here.chosen;
    }
    return here.chosen;
}

/// Of each decision on the path, the alternatives that were tried before; and the path itself. With a bound, what is put off is
/// not known before it is its turn.
std::uint64_t exhaustive_strategy::explored() const {
    if (bound_) {
        return 0;
    }
    std::uint64_t behind = 0;
    std::uint64_t share = std::uint64_t{1} << 63; // of all that goes on from the decisions so far
    for (const choice& each : path_) {
        share /= each.alternatives;
        behind += share * (each.alternatives - each.left - 1);
    }
    return behind + share;
}

void exhaustive_strategy::diverged(std::uint64_t step, std::size_t alternatives) const {
    throw divergence("at decision " + std::to_string(step + 1) + " there were " +
                     std::to_string(path_[depth_ - 1].alternatives) +
                     " alternatives before, and now, after the same decisions, " + std::to_string(alternatives));
}

std::unique_ptr<strategy> make_strategy(const exhaustive& described) {
    return std::make_unique<exhaustive_strategy>(described);
}

} // namespace cppvaldi
