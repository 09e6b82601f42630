#pragma once

#include <cppvaldi/operation.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace cppvaldi {

/// Numbers names in the order in which they first come up. Lookups compare contents, never addresses, and in the steady state
/// nothing is allocated: a cleared table keeps its memory.
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

    struct slot {
        key known;
        label_id label{};
        std::uint32_t generation = 0; // other than the table's: the slot is free
    };

    struct chunk {
        std::unique_ptr<char[]> memory;
        std::size_t size_bytes;
    };

    [[nodiscard]] static key key_of(std::string_view text) noexcept;
    [[nodiscard]] static std::size_t hash_of(const key& of) noexcept;
    [[nodiscard]] std::size_t slot_of(std::string_view text, const key& wanted) const noexcept;
    [[nodiscard, gnu::noinline]] label_id find_or_add(std::string_view text, const key& wanted);
    [[nodiscard]] label_id add(std::string_view text, const key& added);
    [[nodiscard]] std::string_view store(std::string_view text);
    void grow();

    std::vector<slot> slots_;
    std::uint32_t generation_ = 1;
    std::vector<std::string_view> texts_;
    std::vector<chunk> chunks_;
    std::size_t chunks_used_ = 0;
    std::size_t chunk_bytes_used_ = 0;
};

} // namespace cppvaldi
