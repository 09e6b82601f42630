#pragma once

#include "objects/symbol_file.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cppvaldi::intercept {

/// A function as a symbol table names it, a value.
struct function_symbol {
    const void* address = nullptr;
    std::size_t size_bytes = 0;
    const char* mangled = "";
    bool of_library = false; ///< of the standard library or the C library, not of the code under test
};

/// Returns the function that `address` lies in, or null. The symbol tables are read from the files of the program and of its shared
/// objects, private functions included, when they are first needed, and again when others have been loaded.
[[nodiscard]] const function_symbol* function_at(const void* address);

/// Returns the functions of the program and of its shared objects that are not the standard library's, in the order of their
/// addresses.
[[nodiscard]] std::span<const function_symbol> all_functions();

/// Returns `account::withdraw`: a demangled name without its arguments.
[[nodiscard]] std::string without_arguments(std::string_view demangled);

} // namespace cppvaldi::intercept
