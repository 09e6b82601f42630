#pragma once

#include <cppvaldi/detail/latch_state.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <string_view>

namespace cppvaldi {

/// `std::latch` under the kernel.
class latch {
public:
    [[nodiscard]] static constexpr std::ptrdiff_t max() noexcept { return detail::latch_state::most; }

    /// Throws `usage_error` if `expected` is negative. `name` is what reports call it; it is not copied.
    constexpr explicit latch(std::ptrdiff_t expected, std::string_view name = {}) : state_(expected, name) {}
    latch(const latch&) = delete;
    latch& operator=(const latch&) = delete;

    /// Throws `usage_error` if `update` is negative, or more than what is left. MAY SWITCH.
    void count_down(std::ptrdiff_t update = 1, const place& where = place::current()) {
        detail::count_down(state_, update, where);
    }

    /// True if it is at zero; never fails spuriously. MAY SWITCH.
    [[nodiscard, gnu::always_inline]] bool try_wait(const place& where = place::current()) const noexcept {
        return detail::try_wait(state_, where);
    }

    /// Waits until it is at zero. MAY SWITCH.
    void wait(const place& where = place::current()) const { detail::wait(state_, where); }

    /// The one and then the other. MAY SWITCH.
    void arrive_and_wait(std::ptrdiff_t update = 1, const place& where = place::current()) {
        count_down(update, where);
        wait(where);
    }

private:
    mutable detail::latch_state state_;
};

} // namespace cppvaldi
