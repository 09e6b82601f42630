#pragma once

#include "strategies/forced.hpp"

#include <cppvaldi/strategies.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi {

/// Depth-first search over all decisions: stateless search by re-execution (Godefroid, "Model checking for programming languages
/// using VeriSoft", POPL 1997), with the preemption bound of iterative context bounding (Musuvathi and Qadeer, PLDI 2007).
///
/// An execution follows the path of the one before down to the deepest decision that has an alternative left, takes that, and
/// below it stays with the current starter as long as it can. With a bound, alternatives that preempt are put off: they are the
/// roots of the next round, which so has exactly one preemption more.
///
/// Changed from the sources: starters that have not begun, and joins, are not decisions (see `forced_choice`).
/// Cost per decision: constant. Memory: the path; with a bound also the roots that were put off, one path each.
/// Misses: without a bound nothing, but what is not announced to the kernel.
class exhaustive_strategy final : public strategy {
public:
    explicit exhaustive_strategy(const exhaustive& described) : bound_(described.preemptions) {}

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;
    [[nodiscard]] bool completes() const override { return true; }
    [[nodiscard]] std::uint64_t explored() const override;

private:
    /// One decision on the path.
    struct choice {
        std::uint32_t chosen = 0;
        std::uint32_t first = 0;        ///< what was chosen before all alternatives
        std::uint32_t alternatives = 0; ///< how many there were, the first among them
        std::uint32_t left = 0;         ///< how many have not been tried
        bool advance = false;           ///< the next execution takes the next alternative here
    };

    using path = std::vector<std::uint32_t>;

    [[nodiscard]] bool next_root();
    [[nodiscard]] starter_id decide(const scheduling_point& point);
    [[nodiscard]] starter_id follow(const scheduling_point& point);
    [[nodiscard]] starter_id extend(const scheduling_point& point);
    void put_off(const scheduling_point& point, starter_id stayed);
    [[noreturn]] void diverged(std::uint64_t step, std::size_t alternatives) const;

    std::optional<std::uint32_t> bound_;
    std::vector<choice> path_;
    std::size_t depth_ = 0;
    current_starter current_;
    bool begun_ = false;

    std::uint32_t round_ = 0; ///< how many preemptions the schedules of this round have
    std::vector<path> roots_;
    std::vector<path> put_off_;
};

} // namespace cppvaldi
