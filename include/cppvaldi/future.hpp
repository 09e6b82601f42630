#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/future_state.hpp>
#include <cppvaldi/place.hpp>

#include <future>
#include <type_traits>
#include <utility>

namespace cppvaldi {

using std::future_category;
using std::future_errc;
using std::future_error;
using std::future_status;
using std::launch;

template <typename Result>
class shared_future;

namespace detail {

struct future_maker;

/// What `future` and `shared_future` share. Who waits is blocked until the value is set; reports say who should set it, where
/// that is known.
template <typename Result>
class basic_future {
public:
    [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

    /// Waits until value or exception is there; a deferred function runs here and now. Throws `future_errc::no_state`. MAY SWITCH.
    void wait(const place& where = place::current()) const { detail::await(state_, where); }

    /// The same until `after`, in virtual time. MAY SWITCH.
    template <typename Rep, typename Period>
    std::future_status wait_for(const std::chrono::duration<Rep, Period>& after,
                                const place& where = place::current()) const {
        return detail::await_until(state_, detail::deadline_after(after), where);
    }

    /// The same until `when`, in virtual time. MAY SWITCH.
    template <typename Clock, typename Duration>
    std::future_status wait_until(const std::chrono::time_point<Clock, Duration>& when,
                                  const place& where = place::current()) const {
        return detail::await_until(state_, detail::deadline_at(when), where);
    }

protected:
    basic_future() noexcept = default;
    explicit basic_future(state_pointer<Result> state) noexcept : state_(std::move(state)) {}
    basic_future(const basic_future&) = default;
    basic_future(basic_future&&) noexcept = default;
    basic_future& operator=(const basic_future&) = default;
    basic_future& operator=(basic_future&&) noexcept = default;
    ~basic_future() = default;

    state_pointer<Result> state_;
};

} // namespace detail

/// `std::future` under the kernel. That of an `async` waits in its destructor for the end of the function. When its execution is
/// unwound meanwhile, the destructor returns, since it may not throw, and the starter is unwound at its next scheduling point.
template <typename Result>
class [[nodiscard]] future : public detail::basic_future<Result> {
public:
    future() noexcept = default;
    future(const future&) = delete;
    future(future&&) noexcept = default;
    future& operator=(const future&) = delete;
    future& operator=(future&&) noexcept = default;

    /// Waits, and returns the value or throws the exception; the future is not valid any more. Throws `future_errc::no_state`.
    /// MAY SWITCH.
    Result get(const place& where = place::current()) {
        this->wait(where);
        const detail::state_pointer<Result> state = std::move(this->state_);
        detail::throw_problem(*state);
        if constexpr (std::is_reference_v<Result>) {
            return *state->kept;
        } else if constexpr (!std::is_void_v<Result>) {
            return std::move(*state->kept);
        }
    }

    [[nodiscard]] shared_future<Result> share() noexcept { return shared_future<Result>(std::move(*this)); }

private:
    friend struct detail::future_maker;
    friend class shared_future<Result>;
    explicit future(detail::state_pointer<Result> state) noexcept : detail::basic_future<Result>(std::move(state)) {}
};

/// `std::shared_future` under the kernel: several starters may wait, each with a copy.
template <typename Result>
class shared_future : public detail::basic_future<Result> {
public:
    shared_future() noexcept = default;
    shared_future(future<Result>&& single) noexcept : detail::basic_future<Result>(std::move(single.state_)) {} // NOLINT

    /// Waits, and returns the value or throws the exception. Throws `future_errc::no_state`. MAY SWITCH.
    std::conditional_t<std::is_void_v<Result>, void, std::add_lvalue_reference_t<std::add_const_t<Result>>>
    get(const place& where = place::current()) const {
        this->wait(where);
        detail::throw_problem(*this->state_);
        if constexpr (!std::is_void_v<Result>) {
            return *this->state_->kept;
        }
    }
};

namespace detail {

/// Makes futures for those who set them.
struct future_maker {
    template <typename Result>
    static future<Result> make(state_pointer<Result> state) noexcept {
        return future<Result>(std::move(state));
    }

    /// Throws `future_errc::no_state`, or `future_already_retrieved` for the second one.
    template <typename Result>
    static future<Result> take(const state_pointer<Result>& state) {
        take_future(*require_state(state));
        return make(state);
    }
};

} // namespace detail
} // namespace cppvaldi

// The rest of what the standard has in this header.
#include <cppvaldi/async.hpp>
#include <cppvaldi/packaged_task.hpp>
#include <cppvaldi/promise.hpp>
