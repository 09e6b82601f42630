/// Selectively uniform random walk: Zhao, Wolff, Mathur and Roychoudhury, "Selectively uniform concurrency testing", ASPLOS 2025,
/// algorithms 1 and 2. Who makes the next interesting step is drawn with the weight of how many such steps each still has, so that
/// all interleavings of them are equally likely; until it gets there, others go on with what is not interesting, uniformly, and
/// wait where something interesting comes next.
///
/// Changed from the source:
///  - The number of steps is the mean of all executions so far, not that of one that was counted before.
///  - Interesting are, unless something else is asked for, the operations on one object that several starters use, another one in
///    each execution, drawn uniformly; if there is none, all operations.
///  - A starter that has run out of steps that it was expected to make, and comes to another one, is given it (as in the authors'
///    own program).
///  - If whoever is to make the next interesting step cannot, and all others wait for it, another one is drawn.
///  - A value, which the paper does not know, is drawn uniformly.
///
/// The weight of a starter that has not begun is with the one that begins it (section 3.4).
/// Nobody is starved, since each interesting step has its own draw, and one that does not come, since whoever is to make it goes
/// round in circles meanwhile, is given to another after a thousand steps.
///
/// Cost per decision: linear in the starters, and the logarithm of the number of places in the code. Misses: it is a lottery over
/// what is interesting. Blocking, and loops that go on until something happens, make it less than uniform.

#include "strategies/surw.hpp"

#include "strategies/forced.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace cppvaldi {

// --- what is learnt ---

std::uint32_t surw_profile::place_of(const operation& done) {
    const place& where = done.where;
    const std::string_view file = where.file;
    const auto is_before = [&](std::uint32_t known, std::uint32_t line) {
        return std::tie(places_[known].line, places_[known].file) < std::tie(line, file);
    };
    const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), where.line, is_before);
    if (found != sorted_.end() && places_[*found].line == where.line && places_[*found].file == file) {
        return *found;
    }
    const auto number = static_cast<std::uint32_t>(places_.size());
    sorted_.insert(found, number);
    places_.push_back({file, where.line, done.kind == operation_kind::checkpoint, {}});
    return number;
}

void surw_profile::learn(const std::vector<starter_id>& parents) {
    for (const event& each : noted_) {
        std::vector<std::uint64_t>& counts = places_[each.where].counts;
        counts.resize(std::max(counts.size(), std::size_t{index(each.who)} + 1));
        ++counts[index(each.who)];
    }
    if (places_before_ != places_.size()) {
        places_before_ = places_.size();
        find_objects();
    }
    noted_.clear();
    parents_ = parents;
    ++executions_;
}

/// Adds the objects of the present execution that are not known.
void surw_profile::find_objects() {
    struct use {
        std::set<std::uint32_t> where;
        std::set<std::uint32_t> who;
    };
    std::map<object_id, use> uses;
    for (const event& each : noted_) {
        if (each.object != object_id{}) {
            uses[each.object].where.insert(each.where);
            uses[each.object].who.insert(index(each.who));
        }
    }
    for (const auto& [object, used] : uses) {
        std::vector<std::uint32_t> where(used.where.begin(), used.where.end());
        if (used.who.size() > 1 && std::find(objects_.begin(), objects_.end(), where) == objects_.end()) {
            objects_.push_back(std::move(where));
        }
    }
}

void surw_profile::weigh(const std::vector<bool>& wanted, std::vector<std::uint64_t>& weights) const {
    weights.assign(parents_.size(), 0);
    for (std::size_t where = 0; where < places_.size(); ++where) {
        const std::vector<std::uint64_t>& counts = places_[where].counts;
        for (std::size_t who = 0; who < std::min(counts.size(), weights.size()) && wanted[where]; ++who) {
            weights[who] += counts[who];
        }
    }
    for (std::uint64_t& weight : weights) {
        weight = (weight + executions_ - 1) / std::max(executions_, std::uint64_t{1});
    }
    for (std::size_t who = weights.size(); who-- > 1;) { // who is begun has a greater id than who begins it
        if (parents_[who] != nobody) {
            weights[index(parents_[who])] += weights[who];
        }
    }
}

// --- what is done with it ---

namespace {

/// After so many steps that are not interesting, somebody who waits with one is let go on.
constexpr std::uint32_t most_steps_between = 1'000;

class surw_strategy final : public strategy {
public:
    explicit surw_strategy(const surw& described) noexcept
        : numbers_(described.seed), asked_for_(described.interesting) {}

    [[nodiscard]] bool begin_execution() override {
        if (std::exchange(begun_, true)) {
            profile_.learn(parents_);
        }
        choose_what_is_interesting();
        parents_.clear();
        held_.clear();
        steps_since_ = 0;
        intended_ = nobody;
        return true;
    }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        meet_the_new(point);
        const starter_id forced = forced_choice(point);
        if (forced != nobody) {
            return forced;
        }
        const starter_id chosen = choose(point);
        const operation& done = point.pending[index(chosen)];
        profile_.note(chosen, done, profile_.place_of(done));
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override { return numbers_.below(point.count); }

private:
    /// What is interesting in the present execution.
    enum class interest : std::uint8_t { nothing, operations_at_places, checkpoints, everything };

    void choose_what_is_interesting() {
        interest_ = profile_.knows_nothing() ? interest::nothing : wished();
        wanted_.assign(profile_.places(), interest_ == interest::everything);
        if (interest_ == interest::checkpoints) {
            for (std::size_t where = 0; where < wanted_.size(); ++where) {
                wanted_[where] = profile_.is_checkpoint(where);
            }
        } else if (interest_ == interest::operations_at_places) {
            const auto many = static_cast<std::uint32_t>(profile_.objects().size());
            for (const std::uint32_t where : profile_.objects()[numbers_.below(many)]) {
                wanted_[where] = true;
            }
        }
        profile_.weigh(wanted_, weights_);
    }

    [[nodiscard]] interest wished() const noexcept {
        switch (asked_for_) {
        case surw::events::checkpoints: return interest::checkpoints;
        case surw::events::one_object:
            return profile_.objects().empty() ? interest::everything : interest::operations_at_places;
        case surw::events::all: break;
        }
        return interest::everything;
    }

    [[nodiscard]] bool is_interesting(const operation& next) {
        switch (interest_) {
        case interest::nothing: return false;
        case interest::checkpoints: return next.kind == operation_kind::checkpoint;
        case interest::everything: return true;
        case interest::operations_at_places: break;
        }
        const std::uint32_t where = profile_.place_of(next);
        return where < wanted_.size() && wanted_[where];
    }

    /// Gives those that have been begun since their weights, which were with whoever has begun them.
    void meet_the_new(const scheduling_point& point) {
        while (parents_.size() < point.pending.size()) {
            const std::size_t born = parents_.size();
            parents_.push_back(point.running);
            weights_.resize(std::max(weights_.size(), born + 1));
            if (point.running != nobody) {
                std::uint64_t& left = weights_[index(point.running)];
                if (intended_ == point.running && left > 0 && numbers_.next() % left < weights_[born]) {
                    intended_ = static_cast<starter_id>(born);
                }
                left -= std::min(left, weights_[born]);
            }
        }
    }

    [[nodiscard]] starter_id choose(const scheduling_point& point) {
        for (;;) {
            const starter_id candidate = draw_one_not_held(point);
            if (candidate == nobody) {
                held_.clear();
                intended_ = draw_by_weight(point, true);
                return go_on(intended_);
            }
            if (!is_interesting(point.pending[index(candidate)])) {
                const starter_id kept = ++steps_since_ < most_steps_between ? nobody : draw_one_held(point);
                if (kept == nobody) {
                    return candidate;
                }
                held_.clear();
                weights_[index(kept)] = std::max(weights_[index(kept)], std::uint64_t{1});
                return go_on(kept);
            }
            std::uint64_t& left = weights_[index(candidate)];
            left = std::max(left, std::uint64_t{1});
            if (intended_ == nobody || point.pending[index(intended_)].kind == operation_kind::finished) {
                intended_ = draw_by_weight(point, false);
            }
            if (candidate == intended_) {
                held_.clear();
                return go_on(candidate);
            }
            held_.insert(candidate);
        }
    }

    /// Lets `interesting` make its step.
    [[nodiscard]] starter_id go_on(starter_id interesting) noexcept {
        --weights_[index(interesting)];
        intended_ = nobody;
        steps_since_ = 0;
        return interesting;
    }

    /// Returns one of those that are held and could go on, or `nobody`.
    [[nodiscard]] starter_id draw_one_held(const scheduling_point& point) {
        std::vector<starter_id> held;
        for (starter_id id = held_.first(); id != nobody; id = held_.after(id)) {
            if (point.enabled.contains(id)) {
                held.push_back(id);
            }
        }
        return held.empty() ? nobody : held[numbers_.below(static_cast<std::uint32_t>(held.size()))];
    }

    [[nodiscard]] starter_id draw_one_not_held(const scheduling_point& point) {
        std::uint32_t free = 0;
        for (starter_id id = point.enabled.first(); id != nobody; id = point.enabled.after(id)) {
            free += held_.contains(id) ? 0U : 1U;
        }
        if (free == 0) {
            return nobody;
        }
        std::uint32_t rank = free == 1 ? 0 : numbers_.below(free);
        starter_id id = point.enabled.first();
        while (held_.contains(id) || rank-- > 0) {
            id = point.enabled.after(id);
        }
        return id;
    }

    /// Returns one of those that have not ended, or of the enabled. REQUIRES: one of them has a weight.
    [[nodiscard]] starter_id draw_by_weight(const scheduling_point& point, bool enabled_only) {
        const auto weight_of = [&](std::size_t id) {
            const bool counts = enabled_only ? point.enabled.contains(static_cast<starter_id>(id))
                                             : point.pending[id].kind != operation_kind::finished;
            return counts ? weights_[id] : 0;
        };
        std::uint64_t sum = 0;
        for (std::size_t id = 0; id < point.pending.size(); ++id) {
            sum += weight_of(id);
        }
        std::uint64_t drawn = numbers_.next() % sum;
        std::size_t id = 0;
        while (drawn >= weight_of(id)) {
            drawn -= weight_of(id);
            ++id;
        }
        return static_cast<starter_id>(id);
    }

    generator numbers_;
    surw::events asked_for_;
    surw_profile profile_;
    bool begun_ = false;

    interest interest_ = interest::nothing;
    std::vector<bool> wanted_; ///< the interesting places

    std::vector<starter_id> parents_; ///< by id
    std::vector<std::uint64_t>
        weights_;      ///< how many interesting steps each starter still has, with those that it begins, by id
    starter_set held_; ///< who waits where something interesting comes next
    std::uint32_t steps_since_ = 0; ///< how many have been made since the last interesting one
    starter_id intended_ = nobody;  ///< who is to make the next interesting step
};

} // namespace

std::unique_ptr<strategy> make_strategy(const surw& described) { return std::make_unique<surw_strategy>(described); }

} // namespace cppvaldi
