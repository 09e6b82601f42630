#pragma once

#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace cppvaldi {

// Descriptions of strategies: values. Each prints as it is written, `pct{.depth = 3, .seed = 1}`, and `make_strategy` makes the
// working object from it; it throws `usage_error` for a number that makes no sense. The algorithms, with their sources, are in
// lib/strategies/.

/// Every interleaving, depth first. With a bound, only those with at most so many preemptions (changes away from the starter that
/// was chosen last although it could have gone on), those with fewer first, so that the first finding has the fewest.
struct exhaustive {
    std::optional<std::uint32_t> preemptions{};

    friend bool operator==(const exhaustive&, const exhaustive&) = default;
};

/// One execution of each class of interleavings that differ only in the order of steps that commute, and no other: two starters
/// that each count up one atomic have two classes, two of three checkpoints have one.
///
/// Steps on different objects commute, and those that only read; for locks and the like there is a table, in
/// lib/strategies/dpor/conflicts.cpp. Checkpoints commute with everything, unless there is an `invariant`, which sees all. What is
/// done to plain variables is not seen, so they must be guarded by what is, or be of the type `cppvaldi::shared<T>`, with
/// `execution_options::shared_accesses_switch`.
///
/// A loop that only looks until others have acted counts as a step that has to wait: its rounds in vain make no difference. One
/// that gives up after some rounds is none; if it counts them elsewhere than on its own stack, that is seen up to a hundred
/// rounds.
///
/// What the executions have come by, and in what orders, is `exploration::coverage`, of this and all other strategies.
///
/// With a bound, only the classes that have a member with at most so many preemptions, those that need fewer first, so that the
/// first finding has the fewest. Then all schedules within the bound are run; those that show nothing new count as `abandoned`.
struct dpor {
    std::optional<std::uint32_t> preemptions{};

    friend bool operator==(const dpor&, const dpor&) = default;
};

/// At each decision every alternative with the same probability. Never complete.
struct random {
    std::uint64_t seed = 1;

    friend bool operator==(const random&, const random&) = default;
};

/// Random, but a starter keeps its turn for a while: for what only many steps of one starter in a row bring about, a queue that
/// grows long say. Never complete.
struct sticky {
    std::uint64_t seed = 1;
    std::uint32_t run_length =
        8; ///< a turn ends after each step with a probability of 1 to this; from 1, which is `random`

    friend bool operator==(const sticky&, const sticky&) = default;
};

/// Priorities that change at a few random steps: finds a bug of that depth (so many ordered pairs of steps bring it about), in a
/// program of n starters and k steps, with a probability of at least 1/(n k^(depth-1)). Never complete.
struct pct {
    std::uint32_t depth = 3; ///< from 1
    std::uint64_t seed = 1;
    std::optional<std::uint64_t> steps{}; ///< how many an execution has; if not set, the most of the executions so far

    friend bool operator==(const pct&, const pct&) = default;
};

/// A random priority for each operation, drawn again when another operation on the same object gets ahead: samples what differs,
/// rather than how it is interleaved. Never complete.
struct pos {
    std::uint64_t seed = 1;

    friend bool operator==(const pos&, const pos&) = default;
};

/// A walk that is uniform over the interleavings of the operations that are interesting. Which there are is learnt from the
/// executions so far; the first one is only counted. Never complete.
struct surw {
    enum class events : std::uint8_t {
        one_object,  ///< in each execution those where another object is used that several starters use
        checkpoints, ///< the checkpoints
        all,         ///< every operation
    };

    std::uint64_t seed = 1;
    events interesting = events::one_object;

    friend bool operator==(const surw&, const surw&) = default;
};

/// One after the other by id, each for so many steps or until it cannot go on: one execution.
struct round_robin {
    std::uint32_t turn = 1; ///< in steps, from 1

    friend bool operator==(const round_robin&, const round_robin&) = default;
};

/// One schedule again. What happens when it does not fit is a finding that names the first step that differs.
struct replay {
    schedule played;

    friend bool operator==(const replay&, const replay&) = default;
};

/// One schedule again in code that has changed since. Its steps are found by what they are, `alice: checkpoint read`, if the
/// schedule has them (one from a file, or of a finding), each starter's one after the other: steps that are new are made when
/// their starter's turn comes, and those that are gone are left out. Where nothing that is recorded can be done any more, another
/// strategy goes on; `exploration::remark` says where.
struct tolerant_replay {
    schedule played;
    std::variant<round_robin, random, sticky, pct, pos, surw> then = random{};

    friend bool operator==(const tolerant_replay&, const tolerant_replay&) = default;
};

/// Any of these.
using description =
    std::variant<exhaustive, dpor, random, sticky, pct, pos, surw, round_robin, replay, tolerant_replay>;

/// Several strategies, which take turns, an execution each, under the same limits: `portfolio{{random{}, pct{}}}`. Complete when
/// a member is that searches everything, or when all are.
struct portfolio {
    std::vector<description> members;

    friend bool operator==(const portfolio&, const portfolio&) = default;
};

/// Each makes the working object from its description.
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const exhaustive& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const dpor& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const random& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const sticky& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const pct& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const pos& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const surw& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const round_robin& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const replay& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const tolerant_replay& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const description& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const portfolio& described);

std::ostream& operator<<(std::ostream& out, const exhaustive& described);
std::ostream& operator<<(std::ostream& out, const dpor& described);
std::ostream& operator<<(std::ostream& out, const random& described);
std::ostream& operator<<(std::ostream& out, const sticky& described);
std::ostream& operator<<(std::ostream& out, const pct& described);
std::ostream& operator<<(std::ostream& out, const pos& described);
std::ostream& operator<<(std::ostream& out, const surw& described);
std::ostream& operator<<(std::ostream& out, const round_robin& described);
std::ostream& operator<<(std::ostream& out, const replay& described);
std::ostream& operator<<(std::ostream& out, const tolerant_replay& described);
std::ostream& operator<<(std::ostream& out, const description& described);
std::ostream& operator<<(std::ostream& out, const portfolio& described);

} // namespace cppvaldi
