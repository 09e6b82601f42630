#pragma once

#include "strategies/dpor/history.hpp"
#include "strategies/dpor/loop_probe.hpp"
#include "strategies/dpor/wakeup_tree.hpp"
#include "strategies/equivalence.hpp"
#include "strategies/generator.hpp"

#include <cppvaldi/strategies.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cppvaldi {

/// One execution of each class of interleavings that differ only in the order of steps that commute: optimal dynamic partial order
/// reduction with source sets, wakeup trees and sleep sets (Abdulla, Aronis, Jonsson and Sagonas, "Optimal dynamic partial order
/// reduction", POPL 2014, algorithm 2; "Source sets", JACM 2017, which has the steps that have to wait).
///
/// An execution follows the one before down to the deepest node that has a branch left, takes that with all that hangs from it,
/// and goes on freely. When it has come to its end, each of its races is reversed: the steps that do not happen after the first of
/// the two, to the end of the execution, and then the second, are added to the tree at the node before the first, unless they lead
/// to what has been explored, or will be.
///
/// Changed from the source: which steps conflict depends on how they came out (`conflicts.cpp`), so what a step will come to in
/// another place is found out before it is tried. Values that a step takes (`choose`, who hears a notification) are part of its
/// branch, which has a sibling for each. Races are looked for once, in the execution in which their second step is new, but
/// reversed in every execution that has them: what comes after them differs.
///
/// Cost per decision: constant along what is kept; new steps see `history`. At the end, for each race the steps after its first
/// one, times the branches that are there. Memory: the steps of the longest execution times its starters, and the trees. Misses:
/// what is not announced to the kernel.
class dpor_strategy final : public strategy, public equivalence {
public:
    dpor_strategy() = default;

    /// One that draws where it is free to choose, so that tests see that this makes no difference to what is explored.
    explicit dpor_strategy(std::uint64_t seed) : shuffled_(seed) {}

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] bool end_execution(const scheduling_point& point) override;
    [[nodiscard]] strategy_needs needs() const override { return {.results = true}; }
    [[nodiscard]] bool begins_anew() const override { return begins_anew_; }
    [[nodiscard]] bool completes() const override { return true; }
    [[nodiscard]] std::unique_ptr<strategy> within_order() const override;
    [[nodiscard]] std::uint64_t explored() const override;
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;
    [[nodiscard]] bool happens_before(std::uint64_t earlier, std::uint64_t later) const override;

private:
    /// A place on the path: before the step of the same position.
    struct node {
        std::vector<std::uint32_t> asleep; ///< branches whose executions have all been seen, first those of nodes above
        std::uint32_t inherited = 0;       ///< how many of them
        std::uint32_t pending = reduction::none; ///< the first branch to be explored next
        std::uint32_t current =
            reduction::none; ///< the branch that is being explored; none where the strategy was free to choose
    };

    /// Decisions of a probe, which are no steps.
    struct detour {
        std::size_t position; ///< of the step that comes next
        std::uint64_t decisions;
    };

    [[nodiscard]] std::uint32_t position_of(std::uint64_t decision) const;
    [[nodiscard]] starter_id look_alone(const scheduling_point& point);
    [[nodiscard]] starter_id follow(const scheduling_point& point, std::size_t position);
    [[nodiscard]] starter_id choose_freely(const scheduling_point& point, const node& here);
    [[nodiscard]] starter_id choose_at_random(const scheduling_point& point, const node& here);
    [[nodiscard]] bool sleeps(const node& here, std::uint32_t who) const;
    [[nodiscard]] starter_id choose_with_care(const scheduling_point& point, const node& here, starter_id first) const;
    [[nodiscard]] starter_id looks_before(const scheduling_point& point, const node& here, starter_id first) const;
    void settle_last(const scheduling_point& point);
    void leave_round_out(std::size_t position);
    void drop_known(node& here);
    void add_other_values(std::size_t position);
    void pass_sleep_on(std::size_t position);
    void reverse_races();
    void forget_all();
    [[nodiscard]] bool backtrack();
    [[nodiscard]] bool leads_into_loop(std::uint32_t from) const;
    void leave(node& left);
    [[noreturn]] static void diverged(const scheduling_point& point, std::uint32_t who);

    reduction::history steps_;
    reduction::loop_probe probe_;
    std::vector<detour> detours_; ///< of this execution
    reduction::wakeup_trees trees_;
    std::vector<node> nodes_; ///< as many as the longest execution had steps, the first `depth_` of them in use
    std::size_t depth_ = 0;
    std::size_t kept_ = 0;         ///< the steps that are as in the execution before
    std::size_t values_taken_ = 0; ///< by the step that is being made
    std::optional<generator> shuffled_;
    bool begun_ = false;
    bool anew_ = false;        ///< the next execution is the first one again
    bool begins_anew_ = false; ///< this one is
    bool ended_early_ = false; ///< the last one, before it had come to what is kept
    bool repeated_ = false;    ///< this execution is equivalent to one before
    std::vector<reduction::planned_step> sequence_;
    std::vector<std::uint32_t> split_;
};

} // namespace cppvaldi
