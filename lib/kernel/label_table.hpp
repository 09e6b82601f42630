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
    struct slot {
        std::uint32_t generation = 0; // other than the table's: the slot is free
        label_id label{};
        std::uint64_t hash = 0;
    };

    struct chunk {
        std::unique_ptr<char[]> memory;
        std::size_t size_bytes;
    };

    [[nodiscard]] static std::uint64_t hash_of(std::string_view text) noexcept;
    [[nodiscard]] std::size_t slot_of(std::string_view text, std::uint64_t hash) const noexcept;
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
