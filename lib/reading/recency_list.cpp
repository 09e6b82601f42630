#include "reading/recency_list.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace cppvaldi {

namespace {

constexpr std::size_t fewest_slots = 16;

/// Returns the position of the `skipped + 1`-th bit that is set. REQUIRES: there are so many.
std::uint64_t select(std::uint64_t bits, std::uint64_t skipped) noexcept {
    for (; skipped > 0; --skipped) {
        bits &= bits - 1;
    }
    return static_cast<std::uint64_t>(std::countr_zero(bits));
}

} // namespace

recency_list::recency_list() : sums_(fewest_slots) { append(placeholder); }

std::uint64_t recency_list::rank_of(std::uint32_t starter) const {
    const auto known = slot_of_.find(starter);
    if (known == slot_of_.end()) {
        return slot_of_.size() + starter - chosen_below(starter);
    }
    return slot_of_.size() - slots_up_to(known->second);
}

std::uint64_t recency_list::at(std::uint64_t rank) const {
    if (rank >= slot_of_.size()) {
        return unchosen_at(rank - slot_of_.size());
    }
    // Down the tree to the last slot that has fewer than `wanted` taken ones up to it; the one after it is meant.
    auto wanted = static_cast<std::uint32_t>(slot_of_.size() - rank);
    std::size_t slot = 0;
    for (std::size_t half = sums_.size(); half > 0; half /= 2) {
        if (slot + half <= sums_.size() && sums_[slot + half - 1] < wanted) {
            slot += half;
            wanted -= sums_[slot - 1];
        }
    }
    return slots_[slot];
}

void recency_list::to_front(std::uint32_t starter) {
    const auto known = slot_of_.find(starter);
    if (known == slot_of_.end()) {
        note_chosen(starter);
    } else {
        taken_[known->second] = false;
        count(known->second, ~std::uint32_t{0}); // minus one
    }
    if (slots_.size() == sums_.size()) {
        close_gaps();
    }
    append(starter);
}

// --- who was never chosen ---

std::uint64_t recency_list::chosen_below(std::uint32_t starter) const {
    std::uint64_t below = 0;
    for (const auto& [number, each] : blocks_) {
        if (number > starter / ids_in_block) {
            break;
        }
        if (number < starter / ids_in_block) {
            below += each.chosen;
            continue;
        }
        const std::uint32_t bit = starter % ids_in_block;
        for (std::uint32_t word = 0; word < bit / 64; ++word) {
            below += static_cast<std::uint64_t>(std::popcount(each.bits[word]));
        }
        below +=
            static_cast<std::uint64_t>(std::popcount(each.bits[bit / 64] & ((std::uint64_t{1} << (bit % 64)) - 1)));
    }
    return below;
}

/// Returns the starter that has `position` others before it among those that were never chosen.
std::uint64_t recency_list::unchosen_at(std::uint64_t position) const {
    std::uint64_t first = 0; // of those that are left to look at; `position` counts from it
    for (const auto& [number, each] : blocks_) {
        const std::uint64_t begin = std::uint64_t{number} * ids_in_block;
        if (position < begin - first) {
            break;
        }
        position -= begin - first;
        if (position < ids_in_block - each.chosen) {
            for (std::uint64_t word = 0;; ++word) {
                const auto here = static_cast<std::uint64_t>(std::popcount(~each.bits[word]));
                if (position < here) {
                    return begin + word * 64 + select(~each.bits[word], position);
                }
                position -= here;
            }
        }
        position -= ids_in_block - each.chosen;
        first = begin + ids_in_block;
    }
    return first + position;
}

void recency_list::note_chosen(std::uint32_t starter) {
    block& mine = blocks_[starter / ids_in_block];
    ++mine.chosen;
    mine.bits[starter % ids_in_block / 64] |= std::uint64_t{1} << (starter % 64);
}

// --- the slots ---

std::uint32_t recency_list::slots_up_to(std::size_t slot) const noexcept {
    std::uint32_t sum = 0;
    for (std::size_t one_past = slot + 1; one_past > 0; one_past &= one_past - 1) {
        sum += sums_[one_past - 1];
    }
    return sum;
}

void recency_list::count(std::size_t slot, std::uint32_t change) noexcept {
    for (std::size_t one_past = slot + 1; one_past <= sums_.size(); one_past += one_past & (~one_past + 1)) {
        sums_[one_past - 1] += change;
    }
}

void recency_list::append(std::uint32_t starter) {
    slot_of_[starter] = static_cast<std::uint32_t>(slots_.size());
    count(slots_.size(), 1);
    slots_.push_back(starter);
    taken_.push_back(true);
}

/// Moves those that are left together, and makes room for as many again.
void recency_list::close_gaps() {
    const std::vector<std::uint32_t> before = std::exchange(slots_, {});
    const std::vector<bool> taken = std::exchange(taken_, {});
    sums_.assign(std::max(fewest_slots, std::bit_ceil(2 * slot_of_.size())), 0);
    for (std::size_t slot = 0; slot < before.size(); ++slot) {
        if (taken[slot]) {
            append(before[slot]);
        }
    }
}

} // namespace cppvaldi
