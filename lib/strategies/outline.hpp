#pragma once

#include "strategies/forced.hpp"

#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi {

/// What is essential of a schedule, a value: who goes on for how many steps, one after the other, and which values were chosen.
/// Steps that a search would not decide on are not counted.
struct outline {
    struct stretch {
        starter_id who = nobody;
        std::uint32_t steps = 0;

        friend bool operator==(const stretch&, const stretch&) = default;
    };

    std::vector<stretch> stretches;
    std::vector<std::uint32_t> values;

    friend bool operator==(const outline&, const outline&) = default;
};

/// Plays an outline as far as it fits, so that it can be tried whether a changed one still leads to a finding. A stretch ends early
/// when its starter cannot go on; after the last one nobody is preempted any more, and values are 0.
class guided_strategy final : public strategy {
public:
    explicit guided_strategy(const outline& wanted) noexcept : wanted_(wanted) {}

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;

private:
    [[nodiscard]] starter_id guided(const scheduling_point& point);

    const outline& wanted_;
    current_starter current_;
    std::size_t stretch_ = 0;
    std::uint32_t steps_taken_ = 0; ///< of that stretch
    std::size_t value_ = 0;
};

/// Lets another strategy decide, and takes note of the outline, of what it costs, and of how many decisions are needed to have
/// `replay` do the same.
class outlining_strategy final : public strategy {
public:
    explicit outlining_strategy(strategy& decides) noexcept : decides_(decides) {}

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;

    [[nodiscard]] const outline& drawn() const noexcept { return drawn_; }
    [[nodiscard]] const schedule_cost& cost() const noexcept { return cost_; }
    [[nodiscard]] std::size_t needed_decisions() const noexcept { return needed_; }

private:
    void note(const scheduling_point& point, starter_id chosen);

    strategy& decides_;
    current_starter current_;
    outline drawn_;
    schedule_cost cost_;
    std::size_t needed_ = 0;
};

} // namespace cppvaldi
