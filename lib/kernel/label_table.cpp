#include "kernel/label_table.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace cppvaldi {

namespace {

constexpr std::string_view implicit_labels[] = {"started", "finished", "blocked"}; // in the order of their numbers

constexpr std::size_t first_slots = 64;
constexpr std::size_t smallest_chunk_bytes = 4096;

/// A table with more texts than this forgets them when it is cleared: names may be different in every execution.
constexpr std::size_t most_texts_kept = 4096;

constexpr std::size_t largest_key_alone = 16;

template <typename Word>
std::uint64_t load(const char* from) noexcept {
    Word value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
}

} // namespace

label_table::label_table() : slots_(first_slots), mask_(first_slots - 1) { clear(); }

void label_table::clear() {
    if (slots_used_ > most_texts_kept || ++generation_ == 0) {
        forget_texts();
        generation_ = 1;
    }
    if (texts_.size() >= std::size(implicit_labels) && slots_used_ != 0) {
        texts_.resize(std::size(implicit_labels)); // which keep their numbers
        for (const std::size_t position : implicit_slots_) {
            slots_[position].generation = generation_;
        }
        return;
    }
    texts_.clear();
    for (const std::string_view implicit : implicit_labels) {
        (void)intern(implicit);
    }
    find_implicit_slots();
}

void label_table::find_implicit_slots() noexcept {
    for (std::size_t label = 0; label < std::size(implicit_labels); ++label) {
        implicit_slots_[label] = slot_of(implicit_labels[label], key_of(implicit_labels[label]));
    }
}

void label_table::forget_texts() {
    std::fill(slots_.begin(), slots_.end(), slot{});
    slots_used_ = 0;
    chunks_used_ = 0;
    chunk_bytes_used_ = 0;
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

/// Returns where `text` lies, or the free slot where it would.
inline std::size_t label_table::slot_of(std::string_view text, const key& wanted) const noexcept {
    std::size_t position = hash_of(wanted) & mask_;
    while (slots_[position].generation != 0 &&
           (slots_[position].known != wanted || (text.size() > largest_key_alone && slots_[position].text != text))) {
        position = (position + 1) & mask_;
    }
    return position;
}

label_id label_table::intern(std::string_view text) {
    const key wanted = key_of(text);
    slot& first = slots_[hash_of(wanted) & mask_];
    const bool same = first.known == wanted && text.size() <= largest_key_alone;
    if (same && first.generation == generation_) { // nearly always
        return first.label;
    }
    return same && first.generation != 0 ? number(first) : number(text, wanted);
}

label_id label_table::number(std::string_view text, const key& wanted) {
    std::size_t position = slot_of(text, wanted);
    if (slots_[position].generation == 0) {
        if (2 * (slots_used_ + 1) > slots_.size()) {
            grow();
            position = slot_of(text, wanted);
        }
        slots_[position].known = wanted;
        slots_[position].text = store(text);
        ++slots_used_;
    }
    slot& found = slots_[position];
    return found.generation == generation_ ? found.label : number(found);
}

label_id label_table::number(slot& unnumbered) {
    unnumbered.generation = generation_;
    unnumbered.label = static_cast<label_id>(texts_.size());
    texts_.push_back(unnumbered.text);
    return unnumbered.label;
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
    mask_ = slots_.size() - 1;
    for (const slot& moved : before) {
        if (moved.generation != 0) {
            std::size_t position = hash_of(moved.known) & mask_;
            while (slots_[position].generation != 0) {
                position = (position + 1) & mask_;
            }
            slots_[position] = moved;
        }
    }
    find_implicit_slots();
}

} // namespace cppvaldi
