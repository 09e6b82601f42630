#include "explore/time_limit.hpp"

#include <algorithm>

namespace cppvaldi {

namespace {

constexpr std::uint32_t longest_stride = 16;
constexpr std::chrono::milliseconds long_time{1};

} // namespace

std::chrono::nanoseconds real_time() { return std::chrono::steady_clock::now().time_since_epoch(); }

time_limit::time_limit(std::optional<std::chrono::nanoseconds> most) : begin_(std::chrono::steady_clock::now()) {
    if (most) { // the largest limit is no limit
        end_ = begin_ + std::min(*most, std::chrono::steady_clock::time_point::max() - begin_);
    }
}

bool time_limit::is_over() const { return end_ && std::chrono::steady_clock::now() >= *end_; }

std::chrono::nanoseconds time_limit::spent() const { return std::chrono::steady_clock::now() - begin_; }

void clock_pacer::was_read(std::chrono::nanoseconds spent) noexcept {
    stride_ = spent - read_at_ < long_time ? std::min(2 * stride_, longest_stride) : 1;
    left_ = stride_;
    read_at_ = spent;
}

} // namespace cppvaldi
