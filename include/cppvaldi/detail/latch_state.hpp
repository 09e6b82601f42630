#pragma once

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/detail/saved_registers.hpp>
#include <cppvaldi/detail/semaphore_state.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <limits>
#include <string_view>

namespace cppvaldi::detail {

/// A count that goes down to zero, once.
struct latch_state : object {
    static constexpr std::ptrdiff_t most = std::numeric_limits<std::ptrdiff_t>::max();

    constexpr latch_state(std::ptrdiff_t expected, std::string_view own_name)
        : object("latch", own_name), count(expected), count_outside(expected) {
        if (expected < 0) {
            refuse_count("latch(expected)", expected, 0, most);
        }
    }
    latch_state(const latch_state&) = delete;
    latch_state& operator=(const latch_state&) = delete;

    /// Reports a latch that is destroyed while somebody waits for it.
    ~latch_state();

    std::ptrdiff_t count;
    std::ptrdiff_t count_outside; ///< what code outside executions has left there, with which each execution begins
};

// MAY SWITCH: all of them.

/// Throws `usage_error` if `update` is negative, or more than what is left.
void count_down(latch_state& latch, std::ptrdiff_t update, const place& where);
CPPVALDI_LOOK [[nodiscard]] bool try_wait(latch_state& latch, const place& where) noexcept;
void wait(latch_state& latch, const place& where);

} // namespace cppvaldi::detail
