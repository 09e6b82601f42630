#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

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
    std::string name(text);
    for (const std::string_view unnamed : {"(anonymous namespace)::", "{anonymous}::"}) { // one name for both compilers
        for (std::size_t at = name.find(unnamed); at != std::string::npos; at = name.find(unnamed)) {
            name.erase(at, unnamed.size());
        }
    }
    name.erase(0, std::min(name.find_first_not_of("&( "), name.size()));
    name.erase(name.find_last_not_of(")") + 1);
    return name;
}

/// Returns where a function begins, or null if that depends on the object: it is virtual. A pointer to member is read as the
/// Itanium C++ ABI lays it out: the address if it is even, a place in the table of virtual functions if it is odd.
template <auto Function>
[[nodiscard]] const void* function_address() noexcept {
    if constexpr (std::is_member_function_pointer_v<decltype(Function)>) {
        const auto pointer = Function;
        std::uintptr_t address = 0;
        std::memcpy(&address, &pointer, sizeof address);
        return address % 2 == 0 ? reinterpret_cast<const void*>(address) : nullptr;
    } else {
        return reinterpret_cast<const void*>(Function);
    }
}

} // namespace cppvaldi::detail
