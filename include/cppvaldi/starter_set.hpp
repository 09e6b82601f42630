#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi {

/// Says which starter, by birth: the first of an execution is 0.
enum class starter_id : std::uint32_t {};

/// No starter: a strategy's answer for "nobody for now".
inline constexpr starter_id nobody{0xffff'ffff};

[[nodiscard]] constexpr std::uint32_t index(starter_id id) noexcept { return static_cast<std::uint32_t>(id); }

/// A set of starters in the order of their ids, a value.
///
/// A bit for each starter, and above 64 starters a bit for each non-empty word, and so on: adding, removing and finding the
/// lowest take one step for up to 64 starters, four for a million.
class starter_set {
public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] bool contains(starter_id id) const noexcept {
        const std::size_t word = index(id) / 64;
        return word < levels_[0].size() && (levels_[0][word] >> (index(id) % 64) & 1) != 0;
    }

    void insert(starter_id id);
    void erase(starter_id id) noexcept;
    void clear() noexcept;

    /// Returns the lowest, or `nobody`.
    [[nodiscard]] starter_id first() const noexcept {
        const std::uint64_t low = low_word(); // most sets are small
        return low != 0 ? static_cast<starter_id>(std::countr_zero(low)) : first_from(0);
    }

    /// Returns the lowest that is greater than `id`, or `nobody`.
    [[nodiscard]] starter_id after(starter_id id) const noexcept { return first_from(index(id) + 1); }

    /// Returns the one with `rank` lower ones below it. REQUIRES: `rank < size()`.
    [[nodiscard]] starter_id at(std::size_t rank) const noexcept;

    /// Returns how many lower ones there are than `id`, whether or not it is in the set itself.
    [[nodiscard]] std::size_t rank_of(starter_id id) const noexcept;

    /// The first 64 starters as bits, the lowest id in the lowest bit.
    [[nodiscard]] std::uint64_t low_word() const noexcept { return levels_[0].empty() ? 0 : levels_[0][0]; }

    friend bool operator==(const starter_set& left, const starter_set& right) noexcept;

private:
    static constexpr std::size_t level_count = 6; // 64^6 covers every 32-bit id

    [[nodiscard]] starter_id first_from(std::size_t position) const noexcept;

    std::vector<std::uint64_t> levels_[level_count];
    std::size_t top_ = 0;
    std::size_t size_ = 0;
};

inline void starter_set::insert(starter_id id) {
    std::size_t position = index(id);
    if (contains(id)) {
        return;
    }
    ++size_;
    for (std::size_t level = 0;; ++level) {
        const std::size_t word = position / 64;
        if (word >= levels_[level].size()) {
            levels_[level].resize(word + 1);
        }
        const bool was_empty = levels_[level][word] == 0;
        levels_[level][word] |= std::uint64_t{1} << (position % 64);
        if (level == top_ && levels_[level].size() > 1) {
            ++top_; // the level above must know of the words that were there before
            levels_[top_].assign(1, 0);
            for (std::size_t known = 0; known < levels_[level].size() && known < 64; ++known) {
                levels_[top_][0] |= std::uint64_t{levels_[level][known] != 0} << known;
            }
        }
        if (level >= top_ || !was_empty) {
            return;
        }
        position = word;
    }
}

inline void starter_set::erase(starter_id id) noexcept {
    if (!contains(id)) {
        return;
    }
    --size_;
    std::size_t position = index(id);
    for (std::size_t level = 0; level <= top_; ++level) {
        std::uint64_t& word = levels_[level][position / 64];
        word &= ~(std::uint64_t{1} << (position % 64));
        if (word != 0) {
            return;
        }
        position /= 64;
    }
}

inline void starter_set::clear() noexcept {
    for (auto& level : levels_) {
        level.clear();
    }
    top_ = 0;
    size_ = 0;
}

inline starter_id starter_set::first_from(std::size_t position) const noexcept {
    // Up until a word has a bit at or after the position, then down along lowest bits.
    std::size_t level = 0;
    for (;; ++level, position = position / 64 + 1) {
        if (level > top_) {
            return nobody;
        }
        const std::size_t word = position / 64;
        if (word >= levels_[level].size()) {
            return nobody;
        }
        const std::uint64_t rest = levels_[level][word] & (~std::uint64_t{0} << (position % 64));
        if (rest != 0) {
            position = word * 64 + static_cast<std::size_t>(std::countr_zero(rest));
            break;
        }
    }
    while (level > 0) {
        --level;
        position = position * 64 + static_cast<std::size_t>(std::countr_zero(levels_[level][position]));
    }
    return static_cast<starter_id>(position);
}

inline starter_id starter_set::at(std::size_t rank) const noexcept {
    std::size_t word = 0;
    for (;; ++word) {
        const auto here = static_cast<std::size_t>(std::popcount(levels_[0][word]));
        if (rank < here) {
            break;
        }
        rank -= here;
    }
    std::uint64_t bits = levels_[0][word];
    while (rank-- > 0) {
        bits &= bits - 1;
    }
    return static_cast<starter_id>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
}

inline std::size_t starter_set::rank_of(starter_id id) const noexcept {
    std::size_t lower = 0;
    for (std::size_t word = 0; word < levels_[0].size() && word <= index(id) / 64; ++word) {
        const std::uint64_t below =
            word == index(id) / 64 ? (std::uint64_t{1} << (index(id) % 64)) - 1 : ~std::uint64_t{0};
        lower += static_cast<std::size_t>(std::popcount(levels_[0][word] & below));
    }
    return lower;
}

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
