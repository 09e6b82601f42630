#pragma once

#include <cppvaldi/detail/future_state.hpp>
#include <cppvaldi/future.hpp>
#include <cppvaldi/place.hpp>

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace cppvaldi {

namespace detail {

/// What promises of values, of references and of nothing share. Each member throws `std::future_error`: `no_state` if it was moved
/// from, `promise_already_satisfied` for the second value or exception.
template <typename Result>
class basic_promise {
public:
    /// Returns the future. Throws `future_errc::future_already_retrieved` for the second one.
    future<Result> get_future() { return future_maker::take(state_); }

    /// MAY SWITCH: so does all that sets.
    void set_exception(std::exception_ptr problem, const place& where = place::current()) {
        set_problem(state_, false, where, std::move(problem));
    }

    /// The same once the running starter has ended, when its locals are gone. Throws `usage_error` outside an execution.
    void set_exception_at_thread_exit(std::exception_ptr problem, const place& where = place::current()) {
        set_problem(state_, true, where, std::move(problem));
    }

protected:
    explicit basic_promise(state_pointer<Result> state) noexcept : state_(std::move(state)) {}
    basic_promise(const basic_promise&) = delete;
    basic_promise(basic_promise&&) noexcept = default;
    basic_promise& operator=(const basic_promise&) = delete;
    basic_promise& operator=(basic_promise&& other) noexcept {
        abandon(std::exchange(state_, std::move(other.state_)));
        return *this;
    }

    /// Breaks the promise if nothing was set.
    ~basic_promise() { abandon(state_); }

    template <typename... Given>
    void set(bool at_exit, const place& where, Given&&... given) {
        detail::set(state_, at_exit, where, [&] { state_->keep(std::forward<Given>(given)...); });
    }

    state_pointer<Result> state_;
};

/// The constructors and `swap` of each kind of promise.
template <typename Result>
class constructible_promise : public basic_promise<Result> {
public:
    constructible_promise() : basic_promise<Result>(std::make_shared<value_state<Result>>()) {}

    /// `name` is what reports call its future.
    explicit constructible_promise(std::string name)
        : basic_promise<Result>(std::make_shared<value_state<Result>>(std::move(name))) {}

    template <typename Allocator>
    constructible_promise(std::allocator_arg_t, const Allocator& allocator)
        : basic_promise<Result>(std::allocate_shared<value_state<Result>>(allocator)) {}
};

} // namespace detail

/// `std::promise` under the kernel.
template <typename Result>
class promise : public detail::constructible_promise<Result> {
public:
    using detail::constructible_promise<Result>::constructible_promise;

    void set_value(const Result& value, const place& where = place::current()) { this->set(false, where, value); }
    void set_value(Result&& value, const place& where = place::current()) {
        this->set(false, where, std::move(value));
    }
    void set_value_at_thread_exit(const Result& value, const place& where = place::current()) {
        this->set(true, where, value);
    }
    void set_value_at_thread_exit(Result&& value, const place& where = place::current()) {
        this->set(true, where, std::move(value));
    }

    void swap(promise& other) noexcept { this->state_.swap(other.state_); }
    friend void swap(promise& left, promise& right) noexcept { left.swap(right); }
};

template <typename Result>
class promise<Result&> : public detail::constructible_promise<Result&> {
public:
    using detail::constructible_promise<Result&>::constructible_promise;

    void set_value(Result& value, const place& where = place::current()) { this->set(false, where, value); }
    void set_value_at_thread_exit(Result& value, const place& where = place::current()) {
        this->set(true, where, value);
    }

    void swap(promise& other) noexcept { this->state_.swap(other.state_); }
    friend void swap(promise& left, promise& right) noexcept { left.swap(right); }
};

template <>
class promise<void> : public detail::constructible_promise<void> {
public:
    using detail::constructible_promise<void>::constructible_promise;

    void set_value(const place& where = place::current()) { set(false, where); }
    void set_value_at_thread_exit(const place& where = place::current()) { set(true, where); }

    void swap(promise& other) noexcept { state_.swap(other.state_); }
    friend void swap(promise& left, promise& right) noexcept { left.swap(right); }
};

} // namespace cppvaldi

template <typename Result, typename Allocator>
struct std::uses_allocator<cppvaldi::promise<Result>, Allocator> : std::true_type {};
