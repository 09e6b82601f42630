#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/measure.hpp>
#include <cppvaldi/strategy.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cppvaldi {

/// Reads a clock.
using clock_reader = std::chrono::nanoseconds (*)();

/// A strategy that asks another one, and takes the time between its questions: who was chosen last has run since then. Its own
/// work does not count, since it reads the clock when it is asked and once more when it answers.
///
/// All executions must be of one schedule, so that the first step of one is the first step of all.
class stopwatch final : public strategy {
public:
    stopwatch(const execution& measured, clock_reader now) : world_(measured), now_(now) {}

    /// An execution begins under `decides`. One that does not count is only walked through.
    void begin(strategy& decides, bool counts);

    /// The execution has come to its end: who was chosen last has run until `ended_at`.
    void end(std::chrono::nanoseconds ended_at);

    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;

    /// Returns what was measured.
    [[nodiscard]] measurement result() const;

private:
    using nanoseconds = std::chrono::nanoseconds;

    /// One segment of all executions.
    struct samples_of_segment {
        std::string starter;
        std::string from;
        std::string to;
        std::vector<nanoseconds> ran;
        std::vector<nanoseconds> waited;
    };

    /// One starter of all executions, and where it is in this one.
    struct samples_of_starter {
        std::string name;
        std::vector<nanoseconds> ran;
        std::vector<nanoseconds> blocked;
        std::uint64_t switches = 0;

        std::string at = "started"; ///< its last checkpoint
        nanoseconds ran_there{0};   ///< since then
        nanoseconds others_ran{0};  ///< since then
        nanoseconds ran_now{0};     ///< in this execution
        nanoseconds blocked_now{0};
        bool is_blocked = false;
        bool has_ended = false;
    };

    void take_slice(nanoseconds until);
    void reach(starter_id who, std::string_view checkpoint);
    void look_who_is_blocked(const scheduling_point& point);
    [[nodiscard]] samples_of_starter& at(starter_id who);

    const execution& world_;
    clock_reader now_;
    strategy* decides_ = nullptr;
    bool counts_ = false;
    std::uint64_t repetitions_ = 0;
    starter_id runs_ = nobody;
    nanoseconds since_{0};
    nanoseconds whole_now_{0};
    std::size_t next_segment_ = 0;
    std::vector<samples_of_segment> segments_;
    std::vector<samples_of_starter> starters_;
    std::vector<nanoseconds> whole_;
};

} // namespace cppvaldi
