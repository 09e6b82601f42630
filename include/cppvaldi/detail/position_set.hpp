#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi::detail {

/// A set of small numbers: a bit for each, above them a bit for each word that is not empty, and so on. Adding, removing and
/// finding the lowest take a step for each level, of which a million numbers have four.
class position_set {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// True if nothing has been added since the last `clear`.
    [[nodiscard]] bool untouched() const noexcept { return levels_[0].empty(); }

    [[nodiscard]] bool contains(std::size_t position) const noexcept {
        const std::size_t word = position / 64;
        return word < levels_[0].size() && (levels_[0][word] >> (position % 64) & 1) != 0;
    }

    /// Returns true if it was not there.
    bool insert(std::size_t position);

    /// Returns true if it was there.
    bool erase(std::size_t position) noexcept;

    void clear() noexcept {
        for (auto& level : levels_) {
            level.clear();
        }
        top_ = 0;
    }

    /// Returns the lowest that is not less than `position`, or `none`.
    [[nodiscard]] std::size_t first_from(std::size_t position) const noexcept;

    /// Returns the one with `rank` lower ones below it. REQUIRES: there is one.
    [[nodiscard]] std::size_t at(std::size_t rank) const noexcept;

    /// Returns how many are less than `position`.
    [[nodiscard]] std::size_t rank_of(std::size_t position) const noexcept;

private:
    static constexpr std::size_t level_count = 6; // 64^6 covers every 32-bit number

    std::vector<std::uint64_t> levels_[level_count];
    std::size_t top_ = 0;
};

inline bool position_set::insert(std::size_t position) {
    if (contains(position)) {
        return false;
    }
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
            return true;
        }
        position = word;
    }
}

inline bool position_set::erase(std::size_t position) noexcept {
    if (!contains(position)) {
        return false;
    }
    for (std::size_t level = 0; level <= top_; ++level) {
        std::uint64_t& word = levels_[level][position / 64];
        word &= ~(std::uint64_t{1} << (position % 64));
        if (word != 0) {
            break;
        }
        position /= 64;
    }
    return true;
}

inline std::size_t position_set::first_from(std::size_t position) const noexcept {
    // Up until a word has a bit at or after the position, then down along lowest bits.
    std::size_t level = 0;
    for (;; ++level, position = position / 64 + 1) {
        if (level > top_) {
            return none;
        }
        const std::size_t word = position / 64;
        if (word >= levels_[level].size()) {
            return none;
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
    return position;
}

inline std::size_t position_set::at(std::size_t rank) const noexcept {
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
    return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
}

inline std::size_t position_set::rank_of(std::size_t position) const noexcept {
    std::size_t lower = 0;
    for (std::size_t word = 0; word < levels_[0].size() && word <= position / 64; ++word) {
        const std::uint64_t below =
            word == position / 64 ? (std::uint64_t{1} << (position % 64)) - 1 : ~std::uint64_t{0};
        lower += static_cast<std::size_t>(std::popcount(levels_[0][word] & below));
    }
    return lower;
}

} // namespace cppvaldi::detail
