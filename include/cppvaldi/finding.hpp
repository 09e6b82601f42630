#pragma once

#include <cppvaldi/schedule.hpp>
#include <cppvaldi/trace.hpp>

#include <cstdint>
#include <exception>
#include <iosfwd>
#include <string>
#include <string_view>

namespace cppvaldi {

/// What an execution showed to be wrong, a value. It prints as a report: what, who waits for what, the timeline, and the line
/// that replays it.
struct finding {
    enum class kind : std::uint8_t {
        exception,        ///< one left a starter
        requirement,      ///< a `require` failed
        invariant,        ///< an `invariant` did not hold
        check,            ///< a check of a test framework's failed
        data_race,        ///< two accesses to a plain variable that nothing orders
        assertion,        ///< an `assert` failed, in a program whose calls are taken over
        aborted,          ///< it has called `abort`, or `std::terminate`
        exit_status,      ///< it has ended with another status than 0
        freed_memory,     ///< instrumented code uses memory that has been freed
        leak,             ///< memory of a program that nobody can reach is not freed
        deadlock,         ///< starters wait for each other
        livelock,         ///< starters go round in circles
        step_limit,       ///< one execution was longer than `execution_options::step_limit`
        infeasible_order, ///< what is given to a search holds in no execution
        misuse,           ///< a `usage_error`
        divergence,       ///< the body did not do what it did before, under the same decisions
    };

    kind what = kind::exception;
    std::string message; ///< one line
    std::string race{};  ///< of a data race: both accesses, and what their starters synchronised by before, a line each
    std::string status;  ///< each starter with what it waits for and where, a line each
    schedule played;     ///< the decisions that show it, the shortest that was found
    schedule recorded{}; ///< the same to the end, with what each decision led to: for a file, or a tolerant replay
    trace shown;         ///< what happened under them
    std::exception_ptr exception; ///< what left the starter, if one did
    schedule_cost cost;           ///< of `played`
    schedule_cost cost_as_found;  ///< before shrinking; the same if there was none

    /// Returns the whole report, which is the same when the schedule is replayed.
    [[nodiscard]] std::string report(colours how = colours::none) const;

    /// Returns how far shrinking came, `2 switches, from 41; 17 steps, from 96`, or nothing if the schedule is as it was found.
    [[nodiscard]] std::string shrunk() const;

    /// Returns a statement in C++ that searches for it among the interleavings that reach the same checkpoints in the same order,
    /// to be kept beside the test once the code is mended: `cppvaldi::check(body, cppvaldi::exhaustive{...}, {}, ...)`. It
    /// survives edits that leave these checkpoints there. Where the schedule goes through none, it replays the schedule, as far
    /// as it fits.
    [[nodiscard]] std::string regression_test() const;

    /// Prints the report, and how far shrinking came; with colours on a terminal.
    friend std::ostream& operator<<(std::ostream& out, const finding& shown);
};

/// Returns the word that reports use: "deadlock", "failed requirement", ...
[[nodiscard]] std::string_view to_string(finding::kind kind) noexcept;

/// Returns what a finding prints.
[[nodiscard]] std::string to_string(const finding& shown);

/// Prints that word.
std::ostream& operator<<(std::ostream& out, finding::kind shown);

} // namespace cppvaldi
