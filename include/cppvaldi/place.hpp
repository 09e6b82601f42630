#pragma once

#include <cstdint>
#include <string>

namespace cppvaldi {

/// A place in the source, a value. Taken as a default argument it is the caller's own; unlike `std::source_location` it is
/// there in every compiler that has C++20.
struct place {
    const char* file = "";
    std::uint32_t line = 0;

    [[nodiscard]] static constexpr place current(const char* file = __builtin_FILE(),
                                                 std::uint32_t line = __builtin_LINE()) noexcept {
        return {file, line};
    }

    [[nodiscard]] constexpr bool known() const noexcept { return line != 0; }

    /// Returns `account.cpp:12`: the file without its folders, so that the text is the same wherever it was built.
    [[nodiscard]] std::string text() const;
};

} // namespace cppvaldi
