/// The decisions of one schedule again; after the last one nobody is preempted, and values are 0.
/// A decision that does not fit ends the execution with a `divergence`.

#include "strategies/annotated.hpp"
#include "strategies/forced.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cppvaldi {

namespace {

class replay_strategy final : public strategy {
public:
    explicit replay_strategy(schedule played) : played_(std::move(played)) {}

    [[nodiscard]] bool plays_one_schedule() const noexcept override { return true; }
    [[nodiscard]] strategy_needs needs() const override { return {.names = true}; }

    [[nodiscard]] bool begin_execution() override {
        position_ = 0;
        current_.reset();
        return !std::exchange(begun_, true);
    }

    [[nodiscard]] bool completes() const override { return true; }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        const starter_id chosen =
            position_ == played_.decisions().size() ? without_preemption(point, current_) : recorded_choice(point);
        if (chosen != forced_choice(point)) {
            current_.chosen(chosen);
        }
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override {
        if (position_ == played_.decisions().size()) {
            return 0;
        }
        const decision& recorded = played_.decisions()[position_];
        if (recorded.what != decision::kind::value || recorded.chosen >= point.count) {
            diverged("now a value below " + std::to_string(point.count) + " is chosen");
        }
        ++position_;
        return recorded.chosen;
    }

private:
    [[nodiscard]] starter_id recorded_choice(const scheduling_point& point) {
        const decision& recorded = played_.decisions()[position_];
        const auto chosen = static_cast<starter_id>(recorded.chosen);
        if (recorded.what != decision::kind::starter) {
            diverged("now a starter is chosen, of " + who_can(point));
        }
        if (recorded.chosen >= point.pending.size()) {
            diverged("now there are only " + std::to_string(point.pending.size()) + " starters");
        }
        if (!point.enabled.contains(chosen) && !(point.resting != nullptr && point.resting->contains(chosen))) {
            const bool ended = point.pending[recorded.chosen].kind == operation_kind::finished;
            diverged("now it is " + named(point, chosen) + (ended ? ", which has ended" : ", which cannot be done") +
                     "; others can, " + who_can(point));
        }
        const std::vector<std::string>& steps = played_.steps();
        if (!steps.empty() && !steps[position_].empty() && point.names != nullptr &&
            steps[position_] != step_text(*point.names, chosen)) {
            diverged("now it is " + named(point, chosen));
        }
        ++position_;
        return chosen;
    }

    [[nodiscard]] static std::string named(const scheduling_point& point, starter_id id) {
        return point.names == nullptr ? "starter " + std::to_string(index(id))
                                      : '\'' + step_text(*point.names, id) + '\'';
    }

    [[nodiscard]] static std::string who_can(const scheduling_point& point) {
        constexpr std::size_t most = 5;
        std::string text;
        std::size_t count = 0;
        for (starter_id id = point.enabled.first(); id != nobody && count < most;
             id = point.enabled.after(id), ++count) {
            text += (text.empty() ? "" : ", ") + named(point, id);
        }
        return text.empty() ? "nobody" : text + (count < point.enabled.size() ? ", ..." : "");
    }

    /// Throws; the first difference is at `position_`.
    [[noreturn]] void diverged(const std::string& actual) const {
        const decision& recorded = played_.decisions()[position_];
        std::string was = recorded.what == decision::kind::value ? "the value " : "starter ";
        was += std::to_string(recorded.chosen);
        if (!played_.steps().empty() && !played_.steps()[position_].empty()) {
            was += ", '" + played_.steps()[position_] + '\'';
        }
        throw divergence("decision " + std::to_string(position_ + 1) + " differs: recorded is " + was + "; " + actual);
    }

    schedule played_;
    std::size_t position_ = 0;
    current_starter current_;
    bool begun_ = false;
};

} // namespace

std::unique_ptr<strategy> make_strategy(const replay& described) {
    return std::make_unique<replay_strategy>(described.played);
}

} // namespace cppvaldi
