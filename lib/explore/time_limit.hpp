#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace cppvaldi {

/// Returns the real time since some moment. This file is the one place where the real clock is read.
[[nodiscard]] std::chrono::nanoseconds real_time();

/// Real time that may be spent.
class time_limit {
public:
    explicit time_limit(std::optional<std::chrono::nanoseconds> most);

    [[nodiscard]] bool is_over() const;

    /// Returns what has been spent since the construction.
    [[nodiscard]] std::chrono::nanoseconds spent() const;

private:
    std::chrono::steady_clock::time_point begin_;
    std::optional<std::chrono::steady_clock::time_point> end_;
};

/// Says when it is worth while to read the clock again, which costs as much as a step: after each of the first and the long
/// executions, after sixteen short ones.
class clock_pacer {
public:
    /// Called between two executions.
    [[nodiscard]] bool is_due() noexcept { return --left_ == 0; }

    /// Called when the clock has been read. REQUIRES: `is_due()`.
    void was_read(std::chrono::nanoseconds spent) noexcept;

private:
    std::uint32_t stride_ = 1;
    std::uint32_t left_ = 1;
    std::chrono::nanoseconds read_at_{0};
};

} // namespace cppvaldi
