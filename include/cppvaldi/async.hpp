#pragma once

#include <cppvaldi/detail/future_state.hpp>
#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/detail/thread_state.hpp>
#include <cppvaldi/future.hpp>
#include <cppvaldi/place.hpp>

#include <concepts>
#include <functional>
#include <future>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace cppvaldi {

namespace detail {

template <typename Callable, typename... Arguments>
using result_of_call = std::invoke_result_t<std::decay_t<Callable>, std::decay_t<Arguments>...>;

/// What the starter of an `async` does.
template <typename Result>
struct async_body {
    template <typename Callable, typename... Arguments>
    void operator()(Callable&& callable, Arguments&&... arguments) {
        fill(*state, [&]() -> Result {
            return std::invoke(std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
        });
        publish(*state, place{});
    }
    state_pointer<Result> state;
};

/// A function for the first who waits.
template <typename Result, typename Callable, typename... Arguments>
struct deferred_state final : value_state<Result> {
    template <typename... Given>
    explicit deferred_state(Given&&... given) : call(std::forward<Given>(given)...) {
        this->deferred = true;
    }

    void run_deferred() override {
        fill(*this, [this]() -> Result {
            return std::apply(
                [](Callable& callable, Arguments&... arguments) -> Result {
                    return std::invoke(std::move(callable), std::move(arguments)...);
                },
                call);
        });
        publish(*this, place{});
    }

    std::tuple<Callable, Arguments...> call;
};

template <typename Callable, typename... Arguments>
auto start_async(std::string_view name, Callable&& callable, Arguments&&... arguments) {
    using result = result_of_call<Callable, Arguments...>;
    auto state = std::make_shared<value_state<result>>();
    auto guard = with_job(
        [&](job_shape shape, job_maker maker) { return std::make_shared<async_guard>(name, shape, maker, state); },
        async_body<result>{state}, std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
    return future_maker::make(state_pointer<result>(std::move(guard), state.get()));
}

template <typename Callable, typename... Arguments>
auto defer(Callable&& callable, Arguments&&... arguments) {
    using result = result_of_call<Callable, Arguments...>;
    using state = deferred_state<result, std::decay_t<Callable>, std::decay_t<Arguments>...>;
    return future_maker::make(state_pointer<result>(
        std::make_shared<state>(std::forward<Callable>(callable), std::forward<Arguments>(arguments)...)));
}

} // namespace detail

/// `std::async` under the kernel. `launch::async` starts a starter, which is called `async`, `async-2` and so on;
/// `launch::deferred` leaves the function to the first who waits. With both it is `launch::async`. Throws `usage_error` for a new
/// starter outside an execution.
template <typename Callable, typename... Arguments>
    requires detail::can_be_started<Callable, Arguments...>
[[nodiscard]] future<detail::result_of_call<Callable, Arguments...>> async(std::launch policy, Callable&& callable,
                                                                          Arguments&&... arguments) {
    if ((policy & std::launch::async) == std::launch::async) {
        return detail::start_async("async", std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
    }
    return detail::defer(std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
}

/// The same with `launch::async`, which is what both policies together mean here.
template <typename Callable, typename... Arguments>
    requires(!std::same_as<std::remove_cvref_t<Callable>, std::launch> &&
             detail::can_be_started<Callable, Arguments...>)
[[nodiscard]] future<detail::result_of_call<Callable, Arguments...>> async(Callable&& callable,
                                                                          Arguments&&... arguments) {
    return detail::start_async("async", std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
}

/// The same with a name for the starter, which orders, timelines and reports use.
template <typename Name, typename Callable, typename... Arguments>
    requires(std::convertible_to<Name, std::string_view> && !detail::can_be_started<Name, Callable, Arguments...> &&
             detail::can_be_started<Callable, Arguments...>)
[[nodiscard]] future<detail::result_of_call<Callable, Arguments...>> async(const Name& name, Callable&& callable,
                                                                          Arguments&&... arguments) {
    return detail::start_async(std::string_view(name), std::forward<Callable>(callable),
                               std::forward<Arguments>(arguments)...);
}

} // namespace cppvaldi
