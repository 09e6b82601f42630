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

template <typename Pointer>
struct class_of_member;
template <typename Class, typename Member>
struct class_of_member<Member Class::*> {
    using type = Class;
};

/// The class that a pointer to member is of.
template <typename Pointer>
using class_of = typename class_of_member<std::remove_cv_t<Pointer>>::type;

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

/// Returns what a virtual function is for an object: what stands in its table, the final overrider or a thunk that leads there.
/// Of a function that is not virtual it is the function.
template <auto Function, typename Object>
[[nodiscard]] const void* function_address(const Object& of) noexcept {
    const auto pointer = Function;
    std::uintptr_t parts[2] = {}; // the place in the table, plus 1, and what is added to the object's address before
    static_assert(sizeof parts == sizeof pointer, "a pointer to member, as the Itanium C++ ABI lays it out");
    std::memcpy(parts, &pointer, sizeof parts);
    if (parts[0] % 2 == 0) {
        return reinterpret_cast<const void*>(parts[0]);
    }
    const auto& as_declared = static_cast<const class_of<decltype(Function)>&>(of);
    const std::byte* const table =
        *reinterpret_cast<const std::byte* const*>(reinterpret_cast<const std::byte*>(&as_declared) + parts[1]);
    return *reinterpret_cast<const void* const*>(table + (parts[0] - 1));
}

} // namespace cppvaldi::detail
