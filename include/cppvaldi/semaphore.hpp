#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/semaphore_state.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <limits>
#include <string_view>

namespace cppvaldi {

/// `std::counting_semaphore` under the kernel, in virtual time. `max()` is just `LeastMaxValue`, so that going above it is seen.
template <std::ptrdiff_t LeastMaxValue = std::numeric_limits<std::ptrdiff_t>::max()>
class counting_semaphore {
    static_assert(LeastMaxValue >= 0);

public:
    [[nodiscard]] static constexpr std::ptrdiff_t max() noexcept { return LeastMaxValue; }

    /// Begins with `desired` permits. Throws `usage_error` if that is negative or above `max()`. `name` is what reports call it;
    /// it is not copied.
    constexpr explicit counting_semaphore(std::ptrdiff_t desired, std::string_view name = {})
        : state_(desired, max(), name) {}
    counting_semaphore(const counting_semaphore&) = delete;
    counting_semaphore& operator=(const counting_semaphore&) = delete;

    /// Adds permits. Throws `usage_error` if `update` is negative, or if there would be more than `max()`. MAY SWITCH.
    void release(std::ptrdiff_t update = 1, const place& where = place::current()) {
        detail::release(state_, update, where);
    }

    /// Waits for a permit and takes it. MAY SWITCH.
    void acquire(const place& where = place::current()) { detail::acquire(state_, where); }

    /// Takes a permit if there is one; never fails spuriously. MAY SWITCH.
    [[gnu::always_inline]] bool try_acquire(const place& where = place::current()) noexcept {
        return detail::try_acquire(state_, where);
    }

    /// Gives up after `after`. MAY SWITCH.
    template <typename Rep, typename Period>
    bool try_acquire_for(const std::chrono::duration<Rep, Period>& after, const place& where = place::current()) {
        return detail::try_acquire_until(state_, detail::deadline_after(after), where);
    }

    /// Gives up at `when`. MAY SWITCH.
    template <typename Clock, typename Duration>
    bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& when,
                           const place& where = place::current()) {
        return detail::try_acquire_until(state_, detail::deadline_at(when), where);
    }

private:
    detail::semaphore_state state_;
};

using binary_semaphore = counting_semaphore<1>;

} // namespace cppvaldi
