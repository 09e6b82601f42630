#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace cppvaldi {

/// How far a search is.
struct progress {
    std::uint64_t executions = 0;
    std::chrono::nanoseconds time{};
    std::optional<std::uint64_t> estimate{};             ///< of the executions of the whole
    std::optional<std::uint64_t> most_executions{};      ///< the limit
    std::optional<std::chrono::nanoseconds> most_time{}; ///< the limit
};

/// Returns one line: `12,345 executions, 1,234,567 a second, about 3% of 400,000, 0.3 s left`.
[[nodiscard]] std::string line_of(const progress& so_far);

/// Returns how many executions a search of everything has, about, of which so many are behind and the share `explored`, in units of
/// 2^-63; nothing if that is not known.
[[nodiscard]] std::optional<std::uint64_t> estimate_of(std::uint64_t executions, std::uint64_t explored);

/// Returns a span of time as people say it: `0.6 ms`, `12 s`, `3 min 20 s`, `5 h 2 min`.
[[nodiscard]] std::string text_of(std::chrono::nanoseconds span);

/// Returns a number with commas.
[[nodiscard]] std::string text_of(std::uint64_t number);

/// One line at the lower end of a terminal that says how far a search is. Nothing in the first second, nothing where there is no
/// terminal, and nothing that stays.
class progress_line {
public:
    /// `out` is written to if `on_terminal`.
    progress_line(std::ostream& out, bool on_terminal) : out_(out), on_terminal_(on_terminal) {}
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;
    ~progress_line() { erase(); }

    /// Returns whether it is time to show something.
    [[nodiscard]] bool is_due(std::chrono::nanoseconds spent) const noexcept { return on_terminal_ && spent >= next_; }

    void show(const progress& so_far);
    void erase();

private:
    std::ostream& out_;
    bool on_terminal_;
    bool shown_ = false;
    std::chrono::nanoseconds next_ = std::chrono::seconds(1);
};

/// True if standard error is a terminal.
[[nodiscard]] bool errors_go_to_terminal() noexcept;

} // namespace cppvaldi
