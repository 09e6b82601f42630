#pragma once

#include <chrono>
#include <optional>

namespace cppvaldi {

/// Real time that may be spent: the one place where the real clock is read.
class time_limit {
public:
    explicit time_limit(std::optional<std::chrono::nanoseconds> most);

    [[nodiscard]] bool is_over() const;

private:
    std::optional<std::chrono::steady_clock::time_point> end_;
};

} // namespace cppvaldi
