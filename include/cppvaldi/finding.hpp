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
        deadlock,         ///< starters wait for each other
        livelock,         ///< starters go round in circles
        step_limit,       ///< one execution was longer than `execution_options::step_limit`
        infeasible_order, ///< what is given to a search holds in no execution
        misuse,           ///< a `usage_error`
        divergence,       ///< the body did not do what it did before, under the same decisions
    };

    kind what = kind::exception;
    std::string message;          ///< one line
    std::string status;           ///< each starter with what it waits for and where, a line each
    schedule played;              ///< the decisions that show it
    trace shown;                  ///< what happened under them
    std::exception_ptr exception; ///< what left the starter, if one did

    /// Returns the whole report.
    [[nodiscard]] std::string report() const;

    /// Prints the report.
    friend std::ostream& operator<<(std::ostream& out, const finding& shown);
};

/// Returns the word that reports use: "deadlock", "failed requirement", ...
[[nodiscard]] std::string_view to_string(finding::kind kind) noexcept;

/// Prints that word.
std::ostream& operator<<(std::ostream& out, finding::kind shown);

} // namespace cppvaldi
