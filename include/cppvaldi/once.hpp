#pragma once

#include <cppvaldi/detail/once_state.hpp>
#include <cppvaldi/place.hpp>

#include <functional>
#include <string_view>
#include <utility>

namespace cppvaldi {

namespace detail {
struct once_call;
} // namespace detail

/// `std::once_flag` under the kernel. A flag that outlives executions (a static, say) is not set in a new one, just as in a new
/// process; if code outside executions has set it, it is set in all of them.
class once_flag {
public:
    constexpr once_flag() noexcept = default;

    /// `name` is what reports call it; it is not copied.
    constexpr explicit once_flag(std::string_view name) noexcept : state_(name) {}
    once_flag(const once_flag&) = delete;
    once_flag& operator=(const once_flag&) = delete;

private:
    friend detail::once_call;

    detail::once_state state_;
};

namespace detail {

/// A flag, and where it is used: `call_once` has no room for the place after its arguments.
struct once_call {
    // NOLINTNEXTLINE(google-explicit-constructor): it is made in passing, from an argument
    once_call(once_flag& flag, const place& used_at = place::current()) noexcept : state(flag.state_), where(used_at) {}

    once_state& state;
    place where;
};

} // namespace detail

/// `std::call_once`: the first caller calls, the others wait until it has. If it leaves by an exception, the next one calls.
/// `flag` is a `once_flag`. Throws `usage_error` if it is called for the same flag by what it calls. MAY SWITCH.
template <typename Callable, typename... Arguments>
void call_once(detail::once_call flag, Callable&& callable, Arguments&&... arguments) {
    if (!detail::begin_once(flag.state, flag.where)) {
        return;
    }
    struct at_end {
        const detail::once_call& flag;
        bool done = false;
        ~at_end() { detail::end_once(flag.state, done, flag.where); }
    } end{flag};
    std::invoke(std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
    end.done = true;
}

} // namespace cppvaldi
