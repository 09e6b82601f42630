#pragma once

#include <cppvaldi/execution_options.hpp>
#include <cppvaldi/finding.hpp>
#include <cppvaldi/require.hpp>
#include <cppvaldi/strategies.hpp>
#include <cppvaldi/strategy.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace cppvaldi {

/// When a search stops at the latest, a value. What is not set does not limit; at least one must be, for a strategy that never
/// completes.
struct limits {
    std::optional<std::uint64_t> executions{};      ///< how many
    std::optional<std::uint64_t> steps{};           ///< of all executions together
    std::optional<std::chrono::nanoseconds> time{}; ///< real time; looked at between executions
    execution_options each{};                       ///< for each execution

    friend bool operator==(const limits&, const limits&) = default;
};

/// What a search came to, a value.
struct exploration {
    bool complete = false;                    ///< nothing was left to explore
    std::uint64_t executions = 0;             ///< how many were run, without those of shrinking
    std::uint64_t steps = 0;                  ///< decisions of all of them
    std::uint64_t deepest = 0;                ///< decisions of the longest
    std::optional<cppvaldi::finding> finding; ///< the first, if there was one; the search ends with it

    explicit operator bool() const noexcept { return !finding.has_value(); }
};

/// Runs `body` again and again, as the starter `main`, under `decides`, until something is found, nothing is left, or a limit is
/// reached. The body must do the same under the same decisions.
[[nodiscard]] exploration explore(const std::function<void()>& body, strategy& decides, const limits& until = {});

/// The same with a strategy that is made from its description: `explore(body, exhaustive{})`. Where the environment has
/// `CPPVALDI_REPLAY`, that one schedule is replayed instead, which is said on standard error.
template <typename Description>
    requires requires(const Description& described) { make_strategy(described); }
[[nodiscard]] exploration explore(const std::function<void()>& body, const Description& described,
                                  const limits& until = {}) {
    return explore(body, *make_strategy(described), until);
}

/// A `check` found something. The text is the report.
class check_failed : public execution_error {
public:
    explicit check_failed(cppvaldi::finding found) : execution_error(found.report()), found_(std::move(found)) {}

    [[nodiscard]] const cppvaldi::finding& found() const noexcept { return found_; }

private:
    cppvaldi::finding found_;
};

/// Explores, and throws `check_failed` if something is found.
template <typename Strategy>
exploration check(const std::function<void()>& body, Strategy&& by, const limits& until = {}) {
    exploration found = explore(body, std::forward<Strategy>(by), until);
    if (found.finding) {
        throw check_failed(*found.finding);
    }
    return found;
}

} // namespace cppvaldi
