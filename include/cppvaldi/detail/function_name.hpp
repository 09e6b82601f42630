#pragma once

#include <string>
#include <string_view>

namespace cppvaldi::detail {

/// Returns the name of a function that is a template argument, as the compiler writes it: `account::withdraw`.
template <auto Function>
[[nodiscard]] std::string function_name() {
    // g++:   "... function_name() [with auto Function = &account::withdraw; ...]"
    // clang: "... function_name() [Function = &account::withdraw]"
    std::string_view text = __PRETTY_FUNCTION__;
    constexpr std::string_view key = "Function = ";
    text.remove_prefix(text.find(key) + key.size());
    text = text.substr(0, text.find_first_of(";]"));
    while (!text.empty() && (text.front() == '&' || text.front() == '(')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && text.back() == ')') {
        text.remove_suffix(1);
    }
    return std::string(text);
}

} // namespace cppvaldi::detail
