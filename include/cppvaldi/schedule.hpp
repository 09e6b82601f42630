#pragma once

#include <cppvaldi/starter_set.hpp>

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace cppvaldi {

/// One choice at a scheduling point, a value: which starter goes on, or which value a `choose(n)` gives.
struct decision {
    enum class kind : std::uint8_t { starter, value };

    kind what = kind::starter;
    std::uint32_t chosen = 0; ///< the starter's id, or the value

    friend bool operator==(const decision&, const decision&) = default;
};

/// The decisions of one execution in the order in which they were taken, a value: copy, compare, print, parse.
class schedule {
public:
    schedule() = default;

    /// `steps` says of each decision what it led to, `alice: checkpoint read`; it is empty, or as long as `decisions`.
    explicit schedule(std::vector<decision> decisions, std::vector<std::string> steps = {})
        : decisions_(std::move(decisions)), steps_(std::move(steps)) {}

    [[nodiscard]] const std::vector<decision>& decisions() const noexcept { return decisions_; }

    /// Returns what each decision led to, or nothing if that is not known, as of a schedule that was a token. It plays no part in
    /// comparisons. A replay compares it with what happens now.
    [[nodiscard]] const std::vector<std::string>& steps() const noexcept { return steps_; }

    /// Returns the schedule as one word of lower-case letters, digits and `_`, versioned and checksummed.
    /// The grammar stands in `lib/reading/token.cpp`.
    [[nodiscard]] std::string token() const;

    /// Returns the schedule as a file for people to read, keep and edit: a line for each decision. The grammar stands in
    /// `lib/reading/schedule_text.cpp`.
    [[nodiscard]] std::string text() const;

    /// Reads a token, or a file. Throws `parse_error` that says what is wrong with it: damaged, truncated, or of a newer version.
    [[nodiscard]] static schedule parse(std::string_view text);

    friend bool operator==(const schedule& left, const schedule& right) noexcept {
        return left.decisions_ == right.decisions_;
    }

    /// Prints the token.
    friend std::ostream& operator<<(std::ostream& out, const schedule& played);

private:
    static schedule parse_token(std::string_view token);
    static schedule parse_file(std::string_view text);

    std::vector<decision> decisions_;
    std::vector<std::string> steps_;
};

/// How intricate a schedule is, a value: compares preemptions first, then switches, then steps.
struct schedule_cost {
    std::uint64_t preemptions = 0; ///< changes away from a starter that could have gone on
    std::uint64_t switches = 0;    ///< all changes from one starter to another that were decided on
    std::uint64_t steps = 0;       ///< decisions

    friend auto operator<=>(const schedule_cost&, const schedule_cost&) = default;
};

} // namespace cppvaldi
