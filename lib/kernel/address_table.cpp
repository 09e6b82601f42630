#include "kernel/address_table.hpp"

#include <utility>

namespace cppvaldi {

namespace {

constexpr std::size_t first_slots = 64;

} // namespace

object_id& address_table::at(const void* address) {
    if (2 * (used_ + 1) > slots_.size()) {
        grow();
    }
    slot& found = slot_of(address);
    if (found.generation != generation_) {
        found = {address, generation_, object_id{}};
        ++used_;
    }
    return found.object;
}

void address_table::clear() {
    used_ = 0;
    if (++generation_ == 0) {
        slots_.assign(slots_.size(), slot{});
        generation_ = 1;
    }
}

address_table::slot& address_table::slot_of(const void* address) noexcept {
    const std::size_t mask = slots_.size() - 1;
    const std::uint64_t mixed = reinterpret_cast<std::uintptr_t>(address) * 0x9e37'79b9'7f4a'7c15;
    std::size_t position = (mixed >> 32) & mask;
    while (slots_[position].generation == generation_ && slots_[position].address != address) {
        position = (position + 1) & mask;
    }
    return slots_[position];
}

void address_table::grow() {
    const std::vector<slot> before = std::exchange(slots_, {});
    slots_.resize(before.empty() ? first_slots : 2 * before.size());
    for (const slot& moved : before) {
        if (moved.generation == generation_) {
            slot_of(moved.address) = moved;
        }
    }
}

} // namespace cppvaldi
