#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

namespace cppvaldi {

/// All starters there could be, by how recently they were chosen: whoever was chosen last has rank 0. Those that never were
/// follow by id. At first a placeholder, which is no starter, has rank 0.
///
/// A question costs a logarithm of the starters chosen so far, and a step for each 4,096 of them; no memory is taken for
/// starters that were not chosen, so that one with a huge id costs no more than others.
class recency_list {
public:
    static constexpr std::uint32_t placeholder = 0xffff'ffff;

    recency_list();

    /// Returns how many starters come before `starter`.
    [[nodiscard]] std::uint64_t rank_of(std::uint32_t starter) const;

    /// Returns the starter of that rank; one too large for any starter gives an id from `placeholder` on.
    [[nodiscard]] std::uint64_t at(std::uint64_t rank) const;

    void to_front(std::uint32_t starter);

private:
    static constexpr std::size_t words = 64;
    static constexpr std::uint32_t ids_in_block = words * 64;

    /// Which of 4,096 starters that follow each other were chosen.
    struct block {
        std::uint32_t chosen = 0;
        std::uint64_t bits[words] = {};
    };

    [[nodiscard]] std::uint64_t chosen_below(std::uint32_t starter) const;
    [[nodiscard]] std::uint64_t unchosen_at(std::uint64_t position) const;
    void note_chosen(std::uint32_t starter);

    [[nodiscard]] std::uint32_t slots_up_to(std::size_t slot) const noexcept;
    void count(std::size_t slot, std::uint32_t change) noexcept;
    void append(std::uint32_t starter);
    void close_gaps();

    std::vector<std::uint32_t> slots_; ///< who was chosen when; the last is rank 0
    std::vector<bool> taken_;          ///< false: who stood in this slot was chosen again later
    std::vector<std::uint32_t> sums_; ///< a Fenwick tree over `taken_`: a slot's number and all below it in a logarithm
    std::unordered_map<std::uint32_t, std::uint32_t> slot_of_;
    std::map<std::uint32_t, block> blocks_; ///< by id / 4,096
};

} // namespace cppvaldi
