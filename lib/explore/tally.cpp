#include "explore/tally.hpp"

#include <algorithm>

namespace cppvaldi {

namespace {

constexpr std::uint64_t factor = 0x9e37'79b9'7f4a'7c15;

/// The finish of MurmurHash3 (Appleby): every bit of the result depends on all of `number`.
constexpr std::uint64_t mix(std::uint64_t number) noexcept {
    number ^= number >> 33;
    number *= 0xff51'afd7'ed55'8ccd;
    number ^= number >> 33;
    number *= 0xc4ce'b9fe'1a85'ec53;
    return number ^ number >> 33;
}

} // namespace

void distinct_counter::insert(std::uint64_t number) {
    number += number == 0 ? std::uint64_t{1} << 63 : 0;
    std::uint64_t& slot = slot_of(number);
    if (slot == number) {
        return;
    }
    slot = number;
    if (2 * ++kept_ > slots_.size()) {
        make_room();
    }
}

std::uint64_t& distinct_counter::slot_of(std::uint64_t number) noexcept {
    std::size_t position = number >> 32 & (slots_.size() - 1);
    while (slots_[position] != 0 && slots_[position] != number) {
        position = (position + 1) & (slots_.size() - 1);
    }
    return slots_[position];
}

/// Makes the table larger, or keeps fewer.
void distinct_counter::make_room() {
    const std::size_t slots = kept_ > most_kept ? slots_.size() : 2 * slots_.size();
    if (kept_ > most_kept) {
        mask_ = mask_ << 1 | 1;
        ++level_;
    }
    std::vector<std::uint64_t> before(slots);
    before.swap(slots_);
    kept_ = 0;
    for (const std::uint64_t number : before) {
        if (number != 0 && (number & mask_) == 0) {
            slot_of(number) = number;
            ++kept_;
        }
    }
}

void tally::count(std::span<const decision> decisions) {
    std::uint64_t hash = decisions.size();
    std::uint64_t switches = 0;
    std::uint32_t last = decisions.empty() ? 0 : decisions.front().chosen;
    for (const decision& each : decisions) {
        if (each.what == decision::kind::starter) [[likely]] {
            hash = hash * factor + each.chosen;
            switches += each.chosen != last ? 1 : 0;
            last = each.chosen;
        } else {
            hash = hash * factor + (std::uint64_t{1} << 32 | each.chosen);
        }
    }
    steps_ += decisions.size();
    switches_ += switches;
    deepest_ = std::max<std::uint64_t>(deepest_, decisions.size());
    schedules_.see(mix(hash));
}

} // namespace cppvaldi
