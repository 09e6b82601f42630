#pragma once

#include <cstdint>

namespace cppvaldi {

/// Prints the expression, the rule that it keeps and its operands, and ends the process: the library itself is wrong.
[[noreturn]] void assertion_failed(const char* expression, const char* rule, std::uint64_t left, std::uint64_t right,
                                   const char* file, int line) noexcept;

} // namespace cppvaldi

/// Checks, in release builds too, that `left op right`; `rule` says which rule of the design would be broken.
#define CPPVALDI_ASSERT(left, op, right, rule)                                                            \
    (((left)op(right))                                                                                    \
         ? void()                                                                                         \
         : ::cppvaldi::assertion_failed(#left " " #op " " #right, rule, static_cast<std::uint64_t>(left), \
                                        static_cast<std::uint64_t>(right), __FILE__, __LINE__))
