/// The decisions of one schedule again; after the last one nobody is preempted, and values are 0.
/// A decision that does not fit ends the execution with a `divergence`.

#include "strategies/divergence.hpp"
#include "strategies/forced.hpp"

#include <cppvaldi/strategies.hpp>

#include <string>
#include <utility>

namespace cppvaldi {

namespace {

class replay_strategy final : public strategy {
public:
    explicit replay_strategy(schedule played) : played_(std::move(played)) {}

    [[nodiscard]] bool plays_one_schedule() const noexcept override { return true; }

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
        const decision& recorded = played_.decisions()[position_++];
        if (recorded.what != decision::kind::value || recorded.chosen >= point.count) {
            diverged(recorded.what == decision::kind::value
                         ? "chose the value " + std::to_string(recorded.chosen)
                         : "let starter " + std::to_string(recorded.chosen) + " go on",
                     "here a value below " + std::to_string(point.count) + " is to be chosen");
        }
        return recorded.chosen;
    }

private:
    [[nodiscard]] starter_id recorded_choice(const scheduling_point& point) {
        const decision& recorded = played_.decisions()[position_++];
        const auto chosen = static_cast<starter_id>(recorded.chosen);
        if (recorded.what != decision::kind::starter) {
            diverged("chose the value " + std::to_string(recorded.chosen), "here a starter is to be chosen");
        }
        if (!point.enabled.contains(chosen) && !(point.resting != nullptr && point.resting->contains(chosen))) {
            diverged("let starter " + std::to_string(recorded.chosen) + " go on", "here it cannot");
        }
        return chosen;
    }

    [[noreturn]] void diverged(const std::string& recorded, const std::string& actual) const {
        throw divergence("decision " + std::to_string(position_) + " of the recording " + recorded + ", but " + actual);
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
