#include "explore/time_limit.hpp"

namespace cppvaldi {

time_limit::time_limit(std::optional<std::chrono::nanoseconds> most) {
    if (most) {
        end_ = std::chrono::steady_clock::now() + *most;
    }
}

bool time_limit::is_over() const { return end_ && std::chrono::steady_clock::now() >= *end_; }

} // namespace cppvaldi
