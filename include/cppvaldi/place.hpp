#pragma once

#include <cstdint>
#include <string>

namespace cppvaldi {

/// A place in the source, a value. Taken as a default argument it is the caller's own; unlike `std::source_location` it is
/// there in every compiler that has C++20.
struct place {
    const char* file = "";
    std::uint32_t line = 0;
    std::uint32_t unused = 0; ///< so that no byte of it is left to chance: loops are known by what is on their stack

    [[nodiscard]] static constexpr place current(const char* file = __builtin_FILE(),
                                                 std::uint32_t line = __builtin_LINE()) noexcept {
        return {file, line};
    }

    /// A place that has no line, described in words: `"BEGIN IMMEDIATE"`. REQUIRES: `words` outlives every execution that
    /// meets it.
    [[nodiscard]] static constexpr place described(const char* words) noexcept { return {words, 0}; }

    [[nodiscard]] constexpr bool known() const noexcept { return *file != '\0'; }

    /// Returns `account.cpp:12`: the file without its folders, so that the text is the same wherever it was built. A place that
    /// is described gives its words.
    [[nodiscard]] std::string text() const;
};

} // namespace cppvaldi
