#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/place.hpp>

#include <cstdint>

#include <time.h>

namespace cppvaldi::intercept {

/// The arguments of a futex call, in the manual's words.
struct futex_call {
    std::uint32_t* word;
    int operation;
    std::uint32_t value;
    const timespec* timeout; ///< or value2, as a number
    std::uint32_t* word2;
    std::uint32_t value3;

    [[nodiscard]] int command() const noexcept;
    [[nodiscard]] std::uint32_t value2() const noexcept {
        return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(timeout));
    }
};

/// True if `futex` can do it.
[[nodiscard]] bool is_known(const futex_call& call) noexcept;

/// Does what futex(2) does, and returns what it returns.
long futex(execution& in, const futex_call& call, const place& where);

} // namespace cppvaldi::intercept
