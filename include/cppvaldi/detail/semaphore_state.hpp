#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/detail/saved_registers.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <string_view>

namespace cppvaldi::detail {

/// Throws `usage_error`: `call` was given `value`, which is not from `lowest` to `highest`.
[[noreturn]] void refuse_count(const char* call, std::ptrdiff_t value, std::ptrdiff_t lowest, std::ptrdiff_t highest);

/// A number of permits.
struct semaphore_state : object {
    constexpr semaphore_state(std::ptrdiff_t desired, std::ptrdiff_t max, std::string_view own_name)
        : object("semaphore", own_name), count(desired), most(max), count_outside(desired) {
        if (desired < 0 || desired > max) {
            refuse_count("counting_semaphore(desired)", desired, 0, max);
        }
    }
    semaphore_state(const semaphore_state&) = delete;
    semaphore_state& operator=(const semaphore_state&) = delete;

    /// Reports a semaphore that is destroyed while somebody waits for it.
    ~semaphore_state();

    std::ptrdiff_t count;
    std::ptrdiff_t most;
    std::ptrdiff_t count_outside; ///< what code outside executions has left there, with which each execution begins
};

// MAY SWITCH: all of them.

void acquire(semaphore_state& semaphore, const place& where);
CPPVALDI_LOOK [[nodiscard]] bool try_acquire(semaphore_state& semaphore, const place& where) noexcept;
[[nodiscard]] bool try_acquire_until(semaphore_state& semaphore, deadline until, const place& where);

/// Throws `usage_error` if `update` is negative, or if the count would get above `most`.
void release(semaphore_state& semaphore, std::ptrdiff_t update, const place& where);

} // namespace cppvaldi::detail
