#include "assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace cppvaldi {

void assertion_failed(const char* expression, const char* rule, std::uint64_t left, std::uint64_t right,
                      const char* file, int line) noexcept {
    std::fprintf(
        stderr,
        "\ncppvaldi: the library itself is wrong, please report this: %s does not hold (%llu, %llu), which keeps: %s "
        "(%s:%d)\n",
        expression, static_cast<unsigned long long>(left), static_cast<unsigned long long>(right), rule, file, line);
    std::abort();
}

} // namespace cppvaldi
