#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategies.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cppvaldi {

/// A replay that hands control back to the driver when the execution has come to a certain step of its timeline.
class schedule_player final : public strategy {
public:
    /// REQUIRES: `on` outlives it, and notes its steps.
    schedule_player(const schedule& recorded, const execution& on, std::size_t last_step)
        : again_(make_strategy(replay{recorded})), on_(on), last_step_(last_step) {
        (void)again_->begin_execution();
    }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        return on_.steps().size() < last_step_ ? again_->next(point) : nobody;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override { return again_->value(point); }

private:
    std::unique_ptr<strategy> again_;
    const execution& on_;
    std::size_t last_step_;
};

} // namespace cppvaldi
