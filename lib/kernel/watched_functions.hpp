#pragma once

#include <cppvaldi/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cppvaldi {

/// A function whose beginning and end are checkpoints.
struct watched_function {
    const void* address = nullptr;
    label_id before{};
    label_id after{};
    std::uint32_t next = 0; ///< the next one at this address, from 1; 0 if there is none
};

/// Those of an execution, by address: most functions of a program that call the hooks are not watched, and that is to cost a look.
/// Addresses only tell same from different: nothing that can be seen depends on them.
class watched_functions {
public:
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

    /// Nothing if this function is watched under this name.
    void add(const void* address, label_id before, label_id after);
    void clear();

    /// Returns the first at `address`, from 1, or 0; the others follow by `next`.
    [[nodiscard]] std::uint32_t first_at(const void* address) const noexcept;
    [[nodiscard]] const watched_function& operator[](std::uint32_t number) const noexcept { return all_[number - 1]; }

private:
    [[nodiscard]] std::size_t slot_of(const void* address) const noexcept;
    void grow();

    std::vector<watched_function> all_;
    std::vector<std::uint32_t> slots_; ///< the first one at an address, from 1; 0 is free
};

/// A watched function that a starter has entered and not left.
struct open_function {
    const void* address;
    std::uintptr_t frame; ///< where its stack ended when it began
};

} // namespace cppvaldi
