#pragma once

#include <cppvaldi/detail/barrier_state.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cppvaldi {

namespace detail {

/// What a barrier's completion function does by default.
struct no_completion {
    void operator()() const noexcept {}
};

} // namespace detail

/// `std::barrier` under the kernel. The completion function is run by the starter that arrives last, before it goes on itself; it
/// may stand at scheduling points, but not arrive at the barrier.
template <typename CompletionFunction = detail::no_completion>
class barrier {
    static_assert(std::is_nothrow_invocable_v<CompletionFunction&>,
                  "the standard wants a completion function that is noexcept");

public:
    /// Says which phase was arrived at.
    class arrival_token {
    public:
        arrival_token(arrival_token&&) noexcept = default;
        arrival_token& operator=(arrival_token&&) noexcept = default;

    private:
        friend barrier;
        explicit arrival_token(std::uint64_t phase) noexcept : phase_(phase) {}

        std::uint64_t phase_;
    };

    [[nodiscard]] static constexpr std::ptrdiff_t max() noexcept { return detail::barrier_state::most; }

    /// Throws `usage_error` if `expected` is negative. `name` is what reports call it; it is not copied.
    constexpr explicit barrier(std::ptrdiff_t expected, CompletionFunction completion = CompletionFunction(),
                               std::string_view name = {})
        : state_(expected, name), completion_(std::move(completion)) {}
    barrier(const barrier&) = delete;
    barrier& operator=(const barrier&) = delete;

    /// Arrives `update` times. Throws `usage_error` if that is not positive, or more than are missing. MAY SWITCH.
    [[nodiscard]] arrival_token arrive(std::ptrdiff_t update = 1, const place& where = place::current()) {
        return arrival_token(detail::arrive(state_, update, detail::next_phase::takes_part, completion_step(), where));
    }

    /// Waits until the phase has ended that the token was got in. Throws `usage_error` if that was more than one phase ago.
    /// MAY SWITCH.
    void wait(arrival_token&& arrival, const place& where = place::current()) const {
        detail::wait(state_, arrival.phase_, where);
    }

    /// The one and then the other. MAY SWITCH.
    void arrive_and_wait(const place& where = place::current()) { wait(arrive(1, where), where); }

    /// Arrives, and lets the phases that follow expect one less. MAY SWITCH.
    void arrive_and_drop(const place& where = place::current()) {
        (void)detail::arrive(state_, 1, detail::next_phase::drops_out, completion_step(), where);
    }

private:
    [[nodiscard]] detail::completion_step completion_step() noexcept {
        return {[](void* self) noexcept { static_cast<barrier*>(self)->completion_(); }, this,
                !std::is_same_v<CompletionFunction, detail::no_completion>};
    }

    mutable detail::barrier_state state_;
    [[no_unique_address]] CompletionFunction completion_;
};

} // namespace cppvaldi
