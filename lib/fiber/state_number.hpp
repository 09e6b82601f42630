#pragma once

#include <cstdint>

namespace cppvaldi {

/// True if the word may be an address: of what the program allocates, for example, which may lie elsewhere next time.
[[nodiscard]] constexpr bool may_be_address(std::uint64_t word) noexcept {
    return word >= std::uint64_t{1} << 22 && word < std::uint64_t{1} << 47;
}

/// The half of a state that depends on no address, so that states of several executions can be compared by it.
[[nodiscard]] constexpr std::uint64_t lasting_state(std::uint64_t state) noexcept { return state & 0xffff'ffff; }

} // namespace cppvaldi
