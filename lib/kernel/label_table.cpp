#include "kernel/label_table.hpp"

#include <algorithm>
#include <cstring>

namespace cppvaldi {

namespace {

constexpr std::size_t first_slots = 64;
constexpr std::size_t smallest_chunk_bytes = 4096;

std::uint64_t mix(std::uint64_t value) noexcept {
    value *= 0x9e37'79b9'7f4a'7c15;
    return value ^ (value >> 29);
}

std::uint64_t eight_bytes(const char* from) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, from, 8);
    return value;
}

} // namespace

label_table::label_table() : slots_(first_slots) { clear(); }

void label_table::clear() {
    ++generation_;
    texts_.clear();
    chunks_used_ = 0;
    chunk_bytes_used_ = 0;
    for (std::string_view implicit : {"started", "finished", "blocked"}) {
        (void)intern(implicit);
    }
}

/// Only says where to look first: nothing that can be seen from outside depends on it.
std::uint64_t label_table::hash_of(std::string_view text) noexcept {
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t hash = left;
    if (left >= 8) {
        for (; left > 8; at += 8, left -= 8) {
            hash = mix(hash ^ eight_bytes(at));
        }
        return mix(hash ^ eight_bytes(at + left - 8));
    }
    std::uint64_t tail = 0;
    for (std::size_t position = 0; position < left; ++position) {
        tail = tail << 8 | static_cast<unsigned char>(at[position]);
    }
    return mix(hash ^ mix(tail));
}

std::size_t label_table::slot_of(std::string_view text, std::uint64_t hash) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t position = hash & mask;
    while (slots_[position].generation == generation_ &&
           (slots_[position].hash != hash || texts_[static_cast<std::size_t>(slots_[position].label)] != text)) {
        position = (position + 1) & mask;
    }
    return position;
}

label_id label_table::intern(std::string_view text) {
    const std::uint64_t hash = hash_of(text);
    std::size_t position = slot_of(text, hash);
    if (slots_[position].generation == generation_) {
        return slots_[position].label;
    }
    if (2 * (texts_.size() + 1) > slots_.size()) {
        grow();
        position = slot_of(text, hash);
    }
    const auto label = static_cast<label_id>(texts_.size());
    texts_.push_back(store(text));
    slots_[position] = {generation_, label, hash};
    return label;
}

bool label_table::find(std::string_view text, label_id& found) const noexcept {
    const slot& place = slots_[slot_of(text, hash_of(text))];
    found = place.label;
    return place.generation == generation_;
}

std::string_view label_table::store(std::string_view text) {
    while (chunks_used_ == 0 || chunk_bytes_used_ + text.size() > chunks_[chunks_used_ - 1].size_bytes) {
        if (chunks_used_ == chunks_.size()) {
            const std::size_t size_bytes = std::max(smallest_chunk_bytes, text.size());
            chunks_.push_back({std::make_unique<char[]>(size_bytes), size_bytes});
        }
        ++chunks_used_;
        chunk_bytes_used_ = 0;
    }
    char* to = chunks_[chunks_used_ - 1].memory.get() + chunk_bytes_used_;
    std::copy(text.begin(), text.end(), to);
    chunk_bytes_used_ += text.size();
    return {to, text.size()};
}

void label_table::grow() {
    const std::vector<slot> before = std::move(slots_);
    slots_.assign(2 * before.size(), slot{});
    const std::size_t mask = slots_.size() - 1;
    for (const slot& moved : before) {
        if (moved.generation == generation_) {
            std::size_t position = moved.hash & mask;
            while (slots_[position].generation == generation_) {
                position = (position + 1) & mask;
            }
            slots_[position] = moved;
        }
    }
}

} // namespace cppvaldi
