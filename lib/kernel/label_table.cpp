#include "kernel/label_table.hpp"

#include <algorithm>
#include <cstring>

namespace cppvaldi {

namespace {

constexpr std::size_t first_slots = 64;
constexpr std::size_t smallest_chunk_bytes = 4096;

constexpr std::size_t largest_key_alone = 16;

template <typename Word>
std::uint64_t load(const char* from) noexcept {
    Word value = 0;
    std::memcpy(&value, from, sizeof value);
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

inline label_table::key label_table::key_of(std::string_view text) noexcept {
    const char* from = text.data();
    const std::size_t size = text.size();
    const auto noted = static_cast<std::uint32_t>(size);
    if (size >= 8) {
        std::uint64_t tail = load<std::uint64_t>(from + size - 8);
        for (std::size_t position = 8; position + 8 < size; position += 8) {
            tail = (tail ^ load<std::uint64_t>(from + position)) * 0x9e37'79b9'7f4a'7c15;
            tail ^= tail >> 29;
        }
        return {load<std::uint64_t>(from), tail, noted};
    }
    if (size >= 4) {
        return {load<std::uint32_t>(from), load<std::uint32_t>(from + size - 4), noted};
    }
    if (size > 0) {
        return {load<std::uint8_t>(from),
                load<std::uint8_t>(from + size / 2) << 8 | load<std::uint8_t>(from + size - 1), noted};
    }
    return {};
}

/// Only says where to look first: nothing that can be seen from outside depends on it.
inline std::size_t label_table::hash_of(const key& of) noexcept {
    // A product's bits depend on the lower ones of its factors only, so the upper ones are laid over them first.
    const std::uint64_t head = of.head ^ of.head >> 32;
    const std::uint64_t tail = of.tail ^ of.tail >> 32 ^ of.size;
    return (head * 0x9e37'79b9'7f4a'7c15 ^ tail * 0xc2b2'ae3d'27d4'eb4f) >> 32;
}

inline std::size_t label_table::slot_of(std::string_view text, const key& wanted) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t position = hash_of(wanted) & mask;
    while (slots_[position].generation == generation_ &&
           (slots_[position].known != wanted ||
            (text.size() > largest_key_alone && this->text(slots_[position].label) != text))) {
        position = (position + 1) & mask;
    }
    return position;
}

label_id label_table::intern(std::string_view text) {
    const key wanted = key_of(text);
    if (text.size() <= largest_key_alone) { // nearly always, and in the first slot that is looked at
        const slot& first = slots_[hash_of(wanted) & (slots_.size() - 1)];
        if (first.generation == generation_ && first.known == wanted) {
            return first.label;
        }
    }
    return find_or_add(text, wanted);
}

label_id label_table::find_or_add(std::string_view text, const key& wanted) {
    const slot& place = slots_[slot_of(text, wanted)];
    return place.generation == generation_ ? place.label : add(text, wanted);
}

label_id label_table::add(std::string_view text, const key& added) {
    if (2 * (texts_.size() + 1) > slots_.size()) {
        grow();
    }
    const auto label = static_cast<label_id>(texts_.size());
    texts_.push_back(store(text));
    slots_[slot_of(text, added)] = {added, label, generation_};
    return label;
}

bool label_table::find(std::string_view text, label_id& found) const noexcept {
    const slot& place = slots_[slot_of(text, key_of(text))];
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
            std::size_t position = hash_of(moved.known) & mask;
            while (slots_[position].generation == generation_) {
                position = (position + 1) & mask;
            }
            slots_[position] = moved;
        }
    }
}

} // namespace cppvaldi
