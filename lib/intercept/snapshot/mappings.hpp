#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cppvaldi::intercept {

/// Addresses, a value: `[begin, end)`.
struct address_range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;

    [[nodiscard]] std::size_t size_bytes() const noexcept { return end - begin; }
};

/// What the operating system says of a part of the process's memory, a value.
struct mapping {
    address_range where;
    char access[4] = {}; ///< `rwxp`, or `-` for what is not; `s` is shared
    std::string name;    ///< of a file, or as `[stack]`

    [[nodiscard]] bool is_like(const mapping& other) const noexcept {
        return std::char_traits<char>::compare(access, other.access, sizeof access) == 0;
    }
};

/// Returns all of the process's, by address. `descriptor` is /proc/self/maps.
[[nodiscard]] std::vector<mapping> read_mappings(int descriptor);
[[nodiscard]] std::vector<mapping> read_mappings();

/// Returns what of `whole` is in none of `parts`, which may be in any order.
[[nodiscard]] std::vector<address_range> without(address_range whole, std::vector<address_range> parts);

} // namespace cppvaldi::intercept
