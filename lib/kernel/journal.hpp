#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

namespace cppvaldi {

/// What is only appended to, and forgotten as a whole; its memory is used again.
///
/// A `std::vector` would do, but its growth, which comes with every `push_back`, costs the code around it half of its
/// registers. This one is written at every scheduling point.
template <typename Entry>
class journal {
public:
    /// Appends an entry, to be filled in: its members are whatever was there before.
    [[nodiscard]] Entry& append() {
        if (size_ == capacity_) [[unlikely]] {
            grow();
        }
        return entries_[size_++];
    }

    /// REQUIRES: something has been appended.
    [[nodiscard]] Entry& last() noexcept { return entries_[size_ - 1]; }

    void clear() noexcept { size_ = 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const Entry> entries() const noexcept { return {entries_.get(), size_}; }

private:
    static constexpr std::size_t first_capacity = 64;

    [[gnu::noinline]] void grow() {
        const std::size_t capacity = std::max(first_capacity, 2 * capacity_);
        auto larger = std::make_unique<Entry[]>(capacity);
        std::copy_n(entries_.get(), size_, larger.get());
        entries_ = std::move(larger);
        capacity_ = capacity;
    }

    std::unique_ptr<Entry[]> entries_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace cppvaldi
