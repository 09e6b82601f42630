#pragma once

#include "strategies/dpor/history.hpp"
#include "strategies/exhaustive.hpp"

#include <cppvaldi/strategies.hpp>

#include <cstdint>
#include <optional>
#include <unordered_set>

namespace cppvaldi {

/// The classes of interleavings that have a member with at most so many preemptions, those that need fewer first; or, without a
/// bound, a member that keeps a given order.
///
/// A bound and a reduction do not go together just like that: the one member of a class that a reduction keeps may be one with many
/// preemptions (Marmanis, Kokologiannakis and Vafeiadis, "Reconciling preemption bounding with DPOR", TACAS 2023), or one out of
/// order. This does not reconcile them but puts one after the other: all schedules within the bound are run, by
/// `exhaustive_strategy`, and an execution whose class has been seen before is told to have shown nothing new. A class is known
/// by the sum of numbers for its steps, each made of what the step was and of the numbers of those that had to come before.
///
/// Cost per decision: that of `history`. Executions: as many as schedules within the bound, so polynomial in their steps for each
/// bound. Memory: eight bytes and a node of a table for each class.
/// Misses: no class within the bound, but for a chance of one in 2^64 for each pair of classes.
class bounded_dpor_strategy final : public strategy {
public:
    explicit bounded_dpor_strategy(std::optional<std::uint32_t> preemptions)
        : decides_(exhaustive{.preemptions = preemptions}) {
        steps_.number_steps();
    }

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] bool end_execution(const scheduling_point& point) override;
    [[nodiscard]] strategy_needs needs() const override { return {.results = true}; }
    [[nodiscard]] bool completes() const override { return true; }
    [[nodiscard]] std::uint64_t explored() const override { return decides_.explored(); }
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;

private:
    exhaustive_strategy decides_;
    reduction::history steps_;
    std::unordered_set<std::uint64_t> seen_; ///< classes
};

} // namespace cppvaldi
