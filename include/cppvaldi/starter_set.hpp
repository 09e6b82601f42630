#pragma once

#include <cppvaldi/detail/position_set.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace cppvaldi {

/// Says which starter, by birth: the first of an execution is 0.
enum class starter_id : std::uint32_t {};

/// No starter: a strategy's answer for "nobody for now".
inline constexpr starter_id nobody{0xffff'ffff};

[[nodiscard]] constexpr std::uint32_t index(starter_id id) noexcept { return static_cast<std::uint32_t>(id); }

/// A set of starters in the order of their ids, a value.
///
/// A bit for each starter. The first 64 are one word, which is nearly always all there is; beyond, adding, removing and finding
/// the lowest take a step more for each factor of 64.
class starter_set {
public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] bool contains(starter_id id) const noexcept {
        return index(id) < low_count ? (low_ >> index(id) & 1) != 0 : contains_high(id);
    }

    void insert(starter_id id) {
        if (index(id) < low_count) {
            const std::uint64_t bit = std::uint64_t{1} << index(id);
            size_ += (low_ & bit) == 0 ? 1 : 0;
            low_ |= bit;
        } else {
            insert_high(id);
        }
    }

    void erase(starter_id id) noexcept {
        if (index(id) < low_count) {
            const std::uint64_t bit = std::uint64_t{1} << index(id);
            size_ -= (low_ & bit) != 0 ? 1 : 0;
            low_ &= ~bit;
        } else {
            erase_high(id);
        }
    }

    void clear() noexcept {
        low_ = 0;
        size_ = 0;
        if (!high_.untouched()) {
            high_.clear();
        }
    }

    /// Returns the lowest, or `nobody`.
    [[nodiscard]] starter_id first() const noexcept {
        if (size_ == 0) {
            return nobody;
        }
        return low_ != 0 ? static_cast<starter_id>(std::countr_zero(low_)) : first_high_from(0);
    }

    /// Returns the lowest that is greater than `id`, or `nobody`.
    [[nodiscard]] starter_id after(starter_id id) const noexcept {
        const std::size_t from = std::size_t{index(id)} + 1;
        if (from >= low_count) {
            return first_high_from(from - low_count);
        }
        const std::uint64_t rest = low_ >> from << from;
        return rest != 0 ? static_cast<starter_id>(std::countr_zero(rest)) : first_high_from(0);
    }

    /// Returns the one with `rank` lower ones below it. REQUIRES: `rank < size()`.
    [[nodiscard]] starter_id at(std::size_t rank) const noexcept {
        if (size_ > few || !high_.untouched()) [[unlikely]] {
            return at_among_many(rank);
        }
        std::uint64_t bits =
            low_; // the rank is often drawn, and then nobody can predict the end of a loop that counts it
        for (std::size_t lower = 0; lower + 1 < size_; ++lower) {
            bits = lower < rank ? bits & (bits - 1) : bits;
        }
        return static_cast<starter_id>(std::countr_zero(bits));
    }

    /// Returns how many lower ones there are than `id`, whether or not it is in the set itself.
    [[nodiscard]] std::size_t rank_of(starter_id id) const noexcept {
        if (index(id) < low_count) {
            return static_cast<std::size_t>(std::popcount(low_ & ~(~std::uint64_t{0} << index(id))));
        }
        return low_members() + high_.rank_of(index(id) - low_count);
    }

    /// The first 64 starters as bits, the lowest id in the lowest bit.
    [[nodiscard]] std::uint64_t low_word() const noexcept { return low_; }

    friend bool operator==(const starter_set& left, const starter_set& right) noexcept;

private:
    static constexpr std::size_t low_count = 64;
    static constexpr std::size_t few = 8;

    // What is done beyond the first 64 is kept out of the code that uses a set: it would cost the rest of it its registers.
    [[nodiscard, gnu::noinline]] bool contains_high(starter_id id) const noexcept {
        return high_.contains(index(id) - low_count);
    }
    [[gnu::noinline]] void insert_high(starter_id id) { size_ += high_.insert(index(id) - low_count) ? 1 : 0; }
    [[gnu::noinline]] void erase_high(starter_id id) noexcept { size_ -= high_.erase(index(id) - low_count) ? 1 : 0; }
    [[nodiscard]] std::size_t low_members() const noexcept { return static_cast<std::size_t>(std::popcount(low_)); }
    [[nodiscard, gnu::noinline]] starter_id at_among_many(std::size_t rank) const noexcept {
        const std::size_t lower = low_members();
        if (rank >= lower) {
            return static_cast<starter_id>(low_count + high_.at(rank - lower));
        }
        std::uint64_t bits = low_;
        while (rank-- > 0) {
            bits &= bits - 1;
        }
        return static_cast<starter_id>(std::countr_zero(bits));
    }
    [[nodiscard, gnu::noinline]] starter_id first_high_from(std::size_t position) const noexcept {
        const std::size_t found = high_.untouched() ? detail::position_set::none : high_.first_from(position);
        return found == detail::position_set::none ? nobody : static_cast<starter_id>(low_count + found);
    }

    std::uint64_t low_ = 0;
    std::size_t size_ = 0;
    detail::position_set high_; ///< those beyond the first 64, as ids less 64
};

inline bool operator==(const starter_set& left, const starter_set& right) noexcept {
    if (left.size_ != right.size_) {
        return false;
    }
    starter_id one = left.first();
    starter_id other = right.first();
    while (one != nobody && one == other) {
        one = left.after(one);
        other = right.after(other);
    }
    return one == other;
}

} // namespace cppvaldi
