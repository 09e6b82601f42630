#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace cppvaldi {

/// Text that is made inside a signal handler: no allocation, no lock. It goes to a file descriptor when its room is used up, and at
/// its end.
class signal_text {
public:
    explicit signal_text(int descriptor = 2) noexcept : descriptor_(descriptor) {}
    signal_text(const signal_text&) = delete;
    signal_text& operator=(const signal_text&) = delete;
    ~signal_text() { flush(); }

    signal_text& operator<<(std::string_view text) noexcept {
        while (!text.empty()) {
            const std::size_t left = sizeof text_ - size_;
            const std::size_t taken = text.size() < left ? text.size() : left;
            std::memcpy(text_ + size_, text.data(), taken);
            size_ += taken;
            text.remove_prefix(taken);
            if (size_ == sizeof text_) {
                flush();
            }
        }
        return *this;
    }

    signal_text& operator<<(std::size_t number) noexcept {
        char digits[20];
        std::size_t first = sizeof digits;
        do {
            digits[--first] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
        return *this << std::string_view(digits + first, sizeof digits - first);
    }

private:
    void flush() noexcept {
        [[maybe_unused]] const auto written = ::write(descriptor_, text_, size_);
        size_ = 0;
    }

    int descriptor_;
    char text_[1024];
    std::size_t size_ = 0;
};

} // namespace cppvaldi
