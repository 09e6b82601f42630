#pragma once

#include "strategies/dpor/history.hpp"

#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace cppvaldi::reduction {

/// Finds out whether a starter waits that has come round in a loop to where it was, registers and stack, or counts its looks
/// where that is not seen, in the heap say, and will give up: lets it look again and again, alone, while everything else stays as
/// it is.
///
/// These looks are no part of the history, for of a starter that waits nobody can tell how often it has looked. If it gives up, the
/// rounds of that loop are steps like others, and the search begins anew.
///
/// A starter is probed once for all that it has done and found so far, which is all that its private memory can depend on.
///
/// Cost: `most_looks` steps for each such past. Misses: who gives up after more looks than that.
class loop_probe {
public:
    /// After so many looks it is taken for one that waits; the kernel lets nobody look half as often before others go on.
    static constexpr std::uint32_t most_looks = 100;

    void begin_execution() noexcept {
        who_ = nobody;
        has_given_up_ = false;
    }

    /// True if no probe is under way, and none has shown something else than that somebody waits.
    [[nodiscard]] bool is_idle() const noexcept { return who_ == nobody && !has_given_up_; }

    /// Called where a round has come to its end, and as long as it is not idle. Returns who looks once more, or `nobody` when
    /// there is nothing to be found out.
    [[nodiscard]] starter_id next(const history& seen, const scheduling_point& point);

    /// True if who looked does not wait. From then on `seen` does not know what happens.
    [[nodiscard]] bool has_given_up() const noexcept { return has_given_up_; }

    /// The round that is probed takes a value, which who waits does not. REQUIRES: it is not idle.
    void interrupt() noexcept { give_up(); }

    /// Of the last probe: the steps of the round, as they were before it.
    [[nodiscard]] const std::vector<event>& round() const noexcept { return round_; }

private:
    [[nodiscard]] bool begins(const history& seen, const scheduling_point& point);
    [[nodiscard]] bool goes_on_as_before(const history& seen, const scheduling_point& point) const;
    void give_up() noexcept {
        who_ = nobody;
        has_given_up_ = true;
    }

    std::set<std::uint64_t> known_; ///< what starters that wait had done and found, of all executions
    std::vector<event> round_;
    std::size_t at_ = 0; ///< the step of the round that is being made
    std::uint32_t looks_ = 0;
    starter_id who_ = nobody;
    bool rested_ = false; ///< before the probe
    bool has_given_up_ = false;
};

} // namespace cppvaldi::reduction
