#pragma once

#include <cppvaldi/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi {

/// Which object lies at an address, for values that have no room of their own to say it. It only tells same from different:
/// nothing that can be seen depends on an address. Its memory is kept from one execution to the next.
class address_table {
public:
    /// Returns the object at `address`: 0 if none has been noted, and the caller notes one there.
    [[nodiscard]] object_id& at(const void* address);

    void clear();

private:
    struct slot {
        const void* address = nullptr;
        std::uint32_t generation = 0; // other than the table's: the slot is free
        object_id object{};
    };

    [[nodiscard]] slot& slot_of(const void* address) noexcept;
    void grow();

    std::vector<slot> slots_;
    std::size_t used_ = 0;
    std::uint32_t generation_ = 1;
};

} // namespace cppvaldi
