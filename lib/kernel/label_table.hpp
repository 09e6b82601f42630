#pragma once

#include <cppvaldi/operation.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace cppvaldi {

/// Numbers names in the order in which they first come up. Lookups compare contents, never addresses.
///
/// A cleared table forgets the numbers, but keeps the texts, so that an execution like the one before only numbers them anew:
/// nothing is allocated then, and nothing copied.
class label_table {
public:
    label_table();

    /// Returns the number of `text`, a new one if it has none.
    [[nodiscard]] label_id intern(std::string_view text);

    /// Returns the number of `text` if it has one.
    [[nodiscard]] bool find(std::string_view text, label_id& found) const noexcept;

    /// Returns the name; it stays valid until `clear()`.
    [[nodiscard]] std::string_view text(label_id label) const noexcept {
        return texts_[static_cast<std::size_t>(label)];
    }

    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

    /// Forgets all but the implicit labels.
    void clear();

private:
    /// A name's size, its first eight bytes and its last eight, which may overlap. So names of up to 16 bytes are equal when
    /// their keys are; into the tail of a longer name what lies between is mixed.
    struct key {
        std::uint64_t head = 0;
        std::uint64_t tail = 0;
        std::uint32_t size = 0;

        friend bool operator==(const key&, const key&) = default;
    };

    /// A text that was met, and its number if it has been met since `clear()`.
    struct slot {
        key known;
        std::uint32_t generation = 0; ///< the table's if `label` counts; 0 if the slot is free
        label_id label{};
        std::string_view text;
    };

    struct chunk {
        std::unique_ptr<char[]> memory;
        std::size_t size_bytes;
    };

    [[nodiscard]] static key key_of(std::string_view text) noexcept;
    [[nodiscard]] static std::size_t hash_of(const key& of) noexcept;
    [[nodiscard]] std::size_t slot_of(std::string_view text, const key& wanted) const noexcept;
    [[nodiscard]] label_id number(std::string_view text, const key& wanted);
    [[nodiscard]] label_id number(slot& unnumbered);
    [[nodiscard]] std::string_view store(std::string_view text);
    void find_implicit_slots() noexcept;
    void forget_texts();
    void grow();

    std::vector<slot> slots_;
    std::size_t mask_; ///< one less than there are slots, which is a power of two
    std::size_t slots_used_ = 0;
    std::size_t implicit_slots_[3] = {}; ///< where the implicit labels lie
    std::uint32_t generation_ = 0;
    std::vector<std::string_view> texts_; ///< by number
    std::vector<chunk> chunks_;           ///< where the texts lie
    std::size_t chunks_used_ = 0;
    std::size_t chunk_bytes_used_ = 0;
};

} // namespace cppvaldi
