#pragma once

#include <cppvaldi/colours.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace cppvaldi {

/// Paints parts of a report, or leaves them as they are.
class palette {
public:
    explicit palette(colours how) noexcept : how_(how) {}

    /// What is wrong.
    [[nodiscard]] std::string heading(std::string_view text) const { return painted("1;31", text); }

    /// What belongs to the starter of that number.
    [[nodiscard]] std::string of_starter(std::size_t number, std::string_view text) const {
        return painted(starters[number % starters.size()], text);
    }

    /// What is there to be copied.
    [[nodiscard]] std::string command(std::string_view text) const { return painted("1", text); }

private:
    static constexpr std::array<std::string_view, 6> starters{"36", "33", "35", "32", "34", "31"};

    [[nodiscard]] std::string painted(std::string_view code, std::string_view text) const {
        std::string result(text);
        if (how_ == colours::ansi && !text.empty()) {
            result = "\x1b[" + std::string(code) + 'm' + result + "\x1b[0m";
        }
        return result;
    }

    colours how_;
};

} // namespace cppvaldi
