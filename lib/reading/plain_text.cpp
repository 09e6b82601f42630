#include "reading/plain_text.hpp"

namespace cppvaldi {

std::string on_one_line(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string line;
    for (char character : text) {
        const auto code = static_cast<unsigned char>(character);
        if (character == '\n') {
            line += "\\n";
        } else if (character == '\t') {
            line += "\\t";
        } else if (code < 0x20 || code == 0x7f) {
            line += {'\\', 'x', digits[code / 16], digits[code % 16]};
        } else {
            line += character;
        }
    }
    return line;
}

std::size_t width_of(std::string_view text) noexcept {
    std::size_t width = 0;
    for (char character : text) {
        width +=
            (static_cast<unsigned char>(character) & 0xc0) != 0x80 ? 1 : 0; // what continues a character has no width
    }
    return width;
}

void pad_to(std::string& line, std::size_t width) {
    const std::size_t has = width_of(line);
    if (has < width) {
        line.append(width - has, ' ');
    }
}

} // namespace cppvaldi
