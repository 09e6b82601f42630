/// A recorded schedule in code that has changed.
///
/// The recording is taken as a list of steps. The starter whose step is next goes on; if what it is about to do is not that step,
/// then either a later step of its own is that, and those between are gone from the code, or it is new, and is made in addition.
/// If the starter cannot go on, the first recorded step that can be made comes before. If there is none, or nothing is known of
/// the steps but the starters' ids and they cannot go on, the other strategy decides from there to the end.
///
/// Cost per decision: constant as long as the recording fits, else linear in what is left of it. Misses: starters that have other
/// names than when it was recorded are not found.

#include "strategies/annotated.hpp"
#include "strategies/forced.hpp"

#include <cppvaldi/strategies.hpp>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cppvaldi {

namespace {

class tolerant_replay_strategy final : public strategy {
public:
    explicit tolerant_replay_strategy(const tolerant_replay& described)
        : then_(std::visit([](const auto& other) { return make_strategy(other); }, described.then)) {
        std::ostringstream text;
        std::visit([&](const auto& other) { text << other; }, described.then);
        then_text_ = text.str();
        const std::vector<std::string>& steps = described.played.steps();
        for (std::size_t position = 0; position < described.played.decisions().size(); ++position) {
            const decision& taken = described.played.decisions()[position];
            if (taken.what == decision::kind::value) {
                values_.push_back(taken.chosen);
            } else {
                recorded_.push_back({taken.chosen, steps.empty() ? "" : steps[position]});
            }
        }
    }

    [[nodiscard]] bool plays_one_schedule() const noexcept override { return true; }
    [[nodiscard]] bool completes() const override { return true; }
    [[nodiscard]] strategy_needs needs() const override {
        strategy_needs all = then_->needs();
        all.names = true;
        return all;
    }

    [[nodiscard]] bool begin_execution() override { return !std::exchange(begun_, true) && then_->begin_execution(); }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        if (gave_up_) {
            return then_->next(point);
        }
        const starter_id forced = forced_choice(point);
        if (forced != nobody) {
            take_note_of(point, forced);
            return forced;
        }
        const starter_id chosen = recorded_choice(point);
        if (chosen == nobody) {
            gave_up_ = true;
            return then_->next(point);
        }
        current_.chosen(chosen);
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override {
        if (gave_up_) {
            return then_->value(point);
        }
        const std::uint32_t recorded = value_ < values_.size() ? values_[value_++] : 0;
        return std::min(recorded, point.count - 1);
    }

    [[nodiscard]] std::string remark() const override {
        std::string text = "the recording fits";
        if (gave_up_) {
            text += " up to step " + std::to_string(position_) + " of " + std::to_string(recorded_.size());
            if (!recorded_[position_].text.empty()) {
                text += ", where '" + recorded_[position_].text + "' was to come";
            }
            text += "; from there " + then_text_ + " decides";
        }
        const auto add = [&](std::size_t count, const char* what) {
            text += count == 0 ? "" : ", " + std::to_string(count) + what;
        };
        add(new_, " new");
        add(gone_, " gone");
        add(earlier_, " out of turn");
        return text;
    }

private:
    struct entry {
        std::uint32_t starter = 0; ///< as it was recorded
        std::string text;          ///< empty if it is not known
        bool taken = false;        ///< before its turn
    };

    /// Returns `nobody` if nothing of the recording can be done.
    [[nodiscard]] starter_id recorded_choice(const scheduling_point& point) {
        for (; position_ < recorded_.size(); ++position_) {
            entry& now = recorded_[position_];
            if (now.taken) {
                continue;
            }
            const starter_id who = starter_of(now, point);
            if (who != nobody && point.pending[index(who)].kind == operation_kind::finished) {
                ++gone_;
                continue;
            }
            if (who == nobody || !can_go_on(point, who)) {
                return out_of_turn(point);
            }
            if (fits(now, point, who)) {
                ++position_;
                return who;
            }
            if (find_later(point, who) == recorded_.size()) {
                ++new_;
                return who;
            }
            ++gone_;
        }
        return without_preemption(point, current_);
    }

    /// Takes the first entry that can be done although it is not its turn.
    [[nodiscard]] starter_id out_of_turn(const scheduling_point& point) {
        for (std::size_t later = position_ + 1; later < recorded_.size(); ++later) {
            entry& other = recorded_[later];
            const starter_id who = other.taken ? nobody : starter_of(other, point);
            if (who != nobody && can_go_on(point, who) && fits(other, point, who)) {
                other.taken = true;
                ++earlier_;
                return who;
            }
        }
        return nobody;
    }

    [[nodiscard]] std::size_t find_later(const scheduling_point& point, starter_id who) const {
        std::size_t later = position_ + 1;
        while (later < recorded_.size() &&
               (recorded_[later].taken || recorded_[later].starter != recorded_[position_].starter ||
                !fits(recorded_[later], point, who))) {
            ++later;
        }
        return later;
    }

    /// What is forced is not looked for, but if it is recorded, that has been done.
    void take_note_of(const scheduling_point& point, starter_id forced) {
        for (std::size_t later = position_; later < recorded_.size(); ++later) {
            entry& other = recorded_[later];
            if (!other.taken && starter_of(other, point) == forced) {
                other.taken = fits(other, point, forced);
                return;
            }
        }
    }

    [[nodiscard]] static bool can_go_on(const scheduling_point& point, starter_id who) {
        return point.enabled.contains(who) || (point.resting != nullptr && point.resting->contains(who));
    }

    [[nodiscard]] static bool fits(const entry& recorded, const scheduling_point& point, starter_id who) {
        return recorded.text.empty() || point.names == nullptr || recorded.text == step_text(*point.names, who);
    }

    /// Returns who has the name that was recorded; the id counts if there is no name.
    [[nodiscard]] starter_id starter_of(const entry& recorded, const scheduling_point& point) {
        if (recorded.text.empty() || point.names == nullptr) {
            return recorded.starter < point.pending.size() ? static_cast<starter_id>(recorded.starter) : nobody;
        }
        if (recorded.starter >= found_.size()) {
            found_.resize(recorded.starter + std::size_t{1}, nobody);
        }
        starter_id& found = found_[recorded.starter];
        for (std::uint32_t id = 0; found == nobody && id < point.pending.size(); ++id) {
            const std::string_view name = point.names->starter(static_cast<starter_id>(id));
            if (recorded.text.starts_with(name) && recorded.text.substr(name.size()).starts_with(": ")) {
                found = static_cast<starter_id>(id);
            }
        }
        return found;
    }

    std::vector<entry> recorded_;
    std::vector<std::uint32_t> values_;
    std::unique_ptr<strategy> then_;
    std::string then_text_;

    bool begun_ = false;
    std::vector<starter_id> found_; ///< by the id that was recorded
    std::size_t position_ = 0;
    std::size_t value_ = 0;
    current_starter current_;
    bool gave_up_ = false;
    std::size_t new_ = 0;
    std::size_t gone_ = 0;
    std::size_t earlier_ = 0;
};

} // namespace

std::unique_ptr<strategy> make_strategy(const tolerant_replay& described) {
    return std::make_unique<tolerant_replay_strategy>(described);
}

} // namespace cppvaldi
