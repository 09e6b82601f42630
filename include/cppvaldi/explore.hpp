#pragma once

#include <cppvaldi/coverage.hpp>
#include <cppvaldi/execution_options.hpp>
#include <cppvaldi/finding.hpp>
#include <cppvaldi/given.hpp>
#include <cppvaldi/require.hpp>
#include <cppvaldi/strategies.hpp>
#include <cppvaldi/strategy.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>

namespace cppvaldi {

/// How much is spent on making the schedule of a finding short, a value. What is found depends on `executions` alone as long as the
/// time is not over.
struct shrinking {
    std::uint64_t executions = 3'000;                        ///< at most; 0 leaves the schedule as it was found
    std::chrono::nanoseconds time = std::chrono::seconds(5); ///< real time

    friend bool operator==(const shrinking&, const shrinking&) = default;
};

/// When a search stops at the latest, a value. What is not set does not limit; at least one must be, for a strategy that never
/// completes. A limit of zero, or of negative time, is a `usage_error`. The first execution is always run.
struct limits {
    std::optional<std::uint64_t> executions{};      ///< how many
    std::optional<std::uint64_t> steps{};           ///< of all executions together; the last one is run to its end
    std::optional<std::chrono::nanoseconds> time{}; ///< real time; looked at between executions
    execution_options each{};                       ///< for each execution
    shrinking shrink{};                             ///< beyond the limits above
    bool coverage = false;                          ///< whether `exploration::coverage` is collected; no limit

    friend bool operator==(const limits&, const limits&) = default;
};

/// What a search came to, a value. Counted are the executions of the search itself, without those of shrinking.
struct exploration {
    bool complete = false;        ///< nothing was left to explore
    std::uint64_t executions = 0; ///< how many were run, without those of the next two
    bool by_class = false;        ///< each of them is of a class of its own, for a reduction has chosen them
    std::uint64_t discarded = 0;  ///< how many more were cut short, as they were outside of what was given
    std::uint64_t distinct = 0;   ///< how many schedules were different; above 65,536 an estimate, within 1%
    std::uint64_t steps = 0;      ///< decisions of all of them
    std::uint64_t switches = 0;   ///< decisions for another starter than the one before, of all of them
    std::uint64_t abandoned =
        0; ///< of a reduction: how many more have shown nothing new, as they turned out to be equivalent to others
    std::uint64_t deepest = 0;               ///< decisions of the longest
    std::chrono::nanoseconds time{};         ///< real time, differs from run to run
    std::optional<std::uint64_t> estimate{}; ///< of a search of everything that is not complete: its executions, about
    std::optional<cppvaldi::finding> finding{}; ///< the first, if there was one; the search ends with it
    std::string remark{}; ///< in a line: where a tolerant replay did not fit, or who could not be unwound

    std::optional<cppvaldi::coverage> covered{}; ///< if the limits have asked for it

    /// Returns what was and what was not seen in the executions that are counted here. Throws `usage_error` if it was not
    /// collected.
    [[nodiscard]] const cppvaldi::coverage& coverage() const;

    explicit operator bool() const noexcept { return !finding.has_value(); }

    /// Returns executions per second, rounded down; 0 if no time was spent.
    [[nodiscard]] std::uint64_t rate() const noexcept;

    /// Prints one line: `complete: 20 executions, 0.6 ms`, or `complete: 20 classes, 0.6 ms`.
    friend std::ostream& operator<<(std::ostream& out, const exploration& shown);
};

/// Runs `body` again and again, as the starter `main`, under `decides`, until something is found, nothing is left, or a limit is
/// reached. The body must do the same under the same decisions. Throws `usage_error` for limits that make no sense, and if neither
/// the strategy nor a limit would ever end the search.
///
/// Only the executions are counted in which what is `given` holds. Under a strategy that searches everything these are all of
/// them; one that draws is led to them. Limits count all executions, the discarded ones too. If there is none in which it
/// holds, or one of its checkpoints is never reached, that is an `infeasible_order` finding.
///
/// When standard error is a terminal, a search that takes longer than a second shows there how far it is.
[[nodiscard]] exploration explore(const std::function<void()>& body, strategy& decides, const limits& until = {},
                                  const given& only = {});

/// The same with a strategy that is made from its description: `explore(body, exhaustive{})`. Where the environment has
/// `CPPVALDI_REPLAY`, that one schedule is replayed instead, which is said on standard error.
template <typename Description>
    requires requires(const Description& described) { make_strategy(described); }
[[nodiscard]] exploration explore(const std::function<void()>& body, const Description& described,
                                  const limits& until = {}, const given& only = {}) {
    return explore(body, *make_strategy(described), until, only);
}

/// A `check` found something. The text is the report.
class check_failed : public execution_error {
public:
    explicit check_failed(cppvaldi::finding found) : execution_error(to_string(found)), found_(std::move(found)) {}

    [[nodiscard]] const cppvaldi::finding& found() const noexcept { return found_; }

private:
    cppvaldi::finding found_;
};

/// Explores, and throws `check_failed` if something is found.
template <typename Strategy>
exploration check(const std::function<void()>& body, Strategy&& by, const limits& until = {}, const given& only = {}) {
    exploration found = explore(body, std::forward<Strategy>(by), until, only);
    if (found.finding) {
        throw check_failed(*found.finding);
    }
    return found;
}

} // namespace cppvaldi
