#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace cppvaldi {

/// What a search has seen, and what not, a value. What was never seen in one of two orders was not tested; it may be impossible,
/// too.
///
/// A starter is known by its name, so give those names that are to be told apart in all executions.
struct coverage {
    /// Two checkpoints of different starters, `alice:read` and `bob:written`. One counts as before the other if its starter has
    /// gone on from it before, the n-th time or the first. Where a reduction has chosen the executions, two that commute count as
    /// seen in both orders.
    struct pair {
        std::string one;
        std::string other;
        bool one_first = false;   ///< `one` was seen before `other`
        bool other_first = false; ///< or the other way round

        [[nodiscard]] bool in_both_orders() const noexcept { return one_first && other_first; }

        /// No execution has both.
        [[nodiscard]] bool never_together() const noexcept { return !one_first && !other_first; }

        friend bool operator==(const pair&, const pair&) = default;
    };

    /// Something that starters share: an object, as it was called where it was first seen.
    struct use {
        std::string object;
        std::vector<std::string> starters; ///< who has turned to it, in any execution

        /// Somebody had to wait for it, or was refused; or two wanted it at the same time, and not only to read.
        bool contended = false;

        friend bool operator==(const use&, const use&) = default;
    };

    std::uint64_t executions = 0; ///< that were looked at
    std::vector<pair> pairs{};    ///< of the first 256 checkpoints; in the order in which the search came to know them
    std::vector<use> objects{};   ///< the same for these

    /// Prints how many there are of each, and, up to twenty of a sort, those that leave something to be seen.
    friend std::ostream& operator<<(std::ostream& out, const coverage& shown);

    friend bool operator==(const coverage&, const coverage&) = default;
};

} // namespace cppvaldi
