#pragma once

#include <cppvaldi/strategy.hpp>

#include <string>
#include <utility>
#include <vector>

namespace cppvaldi {

/// Returns what a starter will do next, as a schedule's file has it: `alice: checkpoint read`.
[[nodiscard]] inline std::string step_text(const step_names& names, starter_id id) {
    return std::string(names.starter(id)) + ": " + names.operation(id);
}

/// Lets another strategy decide, and takes note of what each decision leads to.
class annotating_strategy final : public strategy {
public:
    explicit annotating_strategy(strategy& decides) noexcept : decides_(decides) {}

    [[nodiscard]] bool begin_execution() override {
        steps_.clear();
        return decides_.begin_execution();
    }
    [[nodiscard]] bool end_execution(const scheduling_point& point) override { return decides_.end_execution(point); }
    [[nodiscard]] strategy_needs needs() const override {
        strategy_needs all = decides_.needs();
        all.names = true;
        return all;
    }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        const starter_id chosen = decides_.next(point);
        if (chosen != nobody && chosen != somebody_else) {
            steps_.push_back(step_text(*point.names, chosen));
        }
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override {
        steps_.emplace_back();
        return decides_.value(point);
    }

    /// Returns a line for each decision, and forgets them.
    [[nodiscard]] std::vector<std::string> take_steps() noexcept { return std::move(steps_); }

private:
    strategy& decides_;
    std::vector<std::string> steps_;
};

} // namespace cppvaldi
