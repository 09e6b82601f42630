#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cppvaldi {

/// Returns `text` with line ends and other control characters written as `\n` and `\xHH`: a name may contain them, and one row
/// of a report stays one row.
[[nodiscard]] std::string on_one_line(std::string_view text);

/// Returns how many characters of UTF-8 `text` has: how wide it is, as far as that can be said without tables.
[[nodiscard]] std::size_t width_of(std::string_view text) noexcept;

/// Appends spaces until `line` is `width` wide.
void pad_to(std::string& line, std::size_t width);

} // namespace cppvaldi
