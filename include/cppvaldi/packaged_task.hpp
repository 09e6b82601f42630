#pragma once

#include <cppvaldi/detail/future_state.hpp>
#include <cppvaldi/future.hpp>
#include <cppvaldi/place.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace cppvaldi {

/// `std::packaged_task` under the kernel. While it runs, reports name its starter to those who wait for its future.
template <typename Signature>
class packaged_task;

template <typename Result, typename... Arguments>
class packaged_task<Result(Arguments...)> {
public:
    packaged_task() noexcept = default;

    template <typename Callable>
        requires(!std::same_as<std::remove_cvref_t<Callable>, packaged_task> &&
                 std::is_invocable_r_v<Result, std::decay_t<Callable>&, Arguments...>)
    explicit packaged_task(Callable&& callable)
        : call_(std::make_unique<call_of<std::decay_t<Callable>>>(std::forward<Callable>(callable))),
          state_(std::make_shared<detail::value_state<Result>>()) {}

    packaged_task(const packaged_task&) = delete;
    packaged_task(packaged_task&&) noexcept = default;
    packaged_task& operator=(const packaged_task&) = delete;
    packaged_task& operator=(packaged_task&& other) noexcept {
        call_ = std::move(other.call_);
        detail::abandon(std::exchange(state_, std::move(other.state_)));
        return *this;
    }

    /// Breaks the promise if it has not run.
    ~packaged_task() { detail::abandon(state_); }

    void swap(packaged_task& other) noexcept {
        call_.swap(other.call_);
        state_.swap(other.state_);
    }
    friend void swap(packaged_task& left, packaged_task& right) noexcept { left.swap(right); }

    [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

    /// Returns the future. Throws `std::future_error`: `no_state`, or `future_already_retrieved` for the second one.
    future<Result> get_future() { return detail::future_maker::take(state_); }

    /// Runs the task; its future gets what it returns or throws. Throws `std::future_error`: `no_state`, or
    /// `promise_already_satisfied` if it has run. MAY SWITCH.
    void operator()(Arguments... arguments, const place& where = place::current()) {
        run(std::forward<Arguments>(arguments)...);
        detail::publish(*state_, where);
    }

    /// The same, but the future is ready once the running starter has ended. Throws `usage_error` outside an execution.
    void make_ready_at_thread_exit(Arguments... arguments, const place& where = place::current()) {
        run(std::forward<Arguments>(arguments)...);
        detail::publish_at_exit(state_, where);
    }

    /// Makes it as new, with another future. Throws `future_errc::no_state`. MAY SWITCH.
    void reset() {
        detail::require_state(state_);
        detail::abandon(std::exchange(state_, std::make_shared<detail::value_state<Result>>()));
    }

private:
    struct call_base {
        call_base() = default;
        call_base(const call_base&) = delete;
        call_base& operator=(const call_base&) = delete;
        virtual ~call_base() = default;
        virtual Result call(Arguments... arguments) = 0;
    };

    template <typename Callable>
    struct call_of final : call_base {
        template <typename Given>
        explicit call_of(Given&& given) : callable(std::forward<Given>(given)) {}
        Result call(Arguments... arguments) override {
            if constexpr (std::is_void_v<Result>) {
                std::invoke(callable, std::forward<Arguments>(arguments)...);
            } else {
                return std::invoke(callable, std::forward<Arguments>(arguments)...);
            }
        }
        Callable callable;
    };

    void run(Arguments... arguments) {
        detail::fill(*detail::require_state(state_), [&]() -> Result {
            return call_->call(std::forward<Arguments>(arguments)...);
        });
    }

    std::unique_ptr<call_base> call_;
    detail::state_pointer<Result> state_;
};

namespace detail {

/// The signature of a function object's only call operator.
template <typename Member>
struct signature_of;

#define CPPVALDI_SIGNATURE_OF(qualifiers)                                                                              \
    template <typename Result, typename Class, typename... Arguments>                                                  \
    struct signature_of<Result (Class::*)(Arguments...) qualifiers> {                                                  \
        using type = Result(Arguments...);                                                                             \
    };
CPPVALDI_SIGNATURE_OF()
CPPVALDI_SIGNATURE_OF(&)
CPPVALDI_SIGNATURE_OF(const)
CPPVALDI_SIGNATURE_OF(const&)
CPPVALDI_SIGNATURE_OF(noexcept)
CPPVALDI_SIGNATURE_OF(& noexcept)
CPPVALDI_SIGNATURE_OF(const noexcept)
CPPVALDI_SIGNATURE_OF(const& noexcept)
#undef CPPVALDI_SIGNATURE_OF

} // namespace detail

template <typename Result, typename... Arguments>
packaged_task(Result (*)(Arguments...)) -> packaged_task<Result(Arguments...)>;

template <typename Callable, typename Signature = typename detail::signature_of<decltype(&Callable::operator())>::type>
packaged_task(Callable) -> packaged_task<Signature>;

} // namespace cppvaldi
