#pragma once

#include <cppvaldi/detail/stop_state.hpp>
#include <cppvaldi/place.hpp>

#include <concepts>
#include <memory>
#include <stop_token>
#include <utility>

namespace cppvaldi {

using std::nostopstate;
using std::nostopstate_t;

template <typename Callback>
class stop_callback;

/// `std::stop_token` under the kernel: asking is a scheduling point, so that a loop that asks lets others run.
class stop_token {
public:
    stop_token() noexcept = default;

    void swap(stop_token& other) noexcept { state_.swap(other.state_); }
    friend void swap(stop_token& left, stop_token& right) noexcept { left.swap(right); }

    /// Not `noexcept`, unlike the standard's: a loop that asks must be left when its execution is unwound. MAY SWITCH.
    [[nodiscard, gnu::always_inline]] bool stop_requested(const place& where = place::current()) const {
        return detail::ask_for_stop(state_.get(), where);
    }

    [[nodiscard]] bool stop_possible() const noexcept {
        return state_ != nullptr && (state_->requested || state_->sources > 0);
    }

    [[nodiscard]] friend bool operator==(const stop_token&, const stop_token&) noexcept = default;

    /// For `condition_variable_any`; null if there is none.
    [[nodiscard]] const detail::stop_state* state() const noexcept { return state_.get(); }

private:
    friend class stop_source;
    template <typename Callback>
    friend class stop_callback;

    explicit stop_token(std::shared_ptr<detail::stop_state> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<detail::stop_state> state_;
};

/// `std::stop_source` under the kernel. Its callbacks run in the starter that requests the stop; an exception that leaves one is
/// handed to who drives the execution, where the standard calls `std::terminate`.
class stop_source {
public:
    stop_source() : state_(std::make_shared<detail::stop_state>()) { state_->sources = 1; }
    explicit stop_source(nostopstate_t) noexcept {}
    stop_source(const stop_source& other) noexcept : state_(other.state_) { count(); }
    stop_source(stop_source&& other) noexcept = default;
    stop_source& operator=(stop_source other) noexcept {
        swap(other);
        return *this;
    }
    ~stop_source() {
        if (state_ != nullptr) {
            --state_->sources;
        }
    }

    void swap(stop_source& other) noexcept { state_.swap(other.state_); }
    friend void swap(stop_source& left, stop_source& right) noexcept { left.swap(right); }

    [[nodiscard]] stop_token get_token() const noexcept { return stop_token(state_); }
    [[nodiscard]] bool stop_possible() const noexcept { return state_ != nullptr; }

    /// As `stop_token::stop_requested`. MAY SWITCH.
    [[nodiscard, gnu::always_inline]] bool stop_requested(const place& where = place::current()) const {
        return detail::ask_for_stop(state_.get(), where);
    }

    /// Returns true if this is the call that requested the stop; its callbacks have been called then. Not `noexcept`: a callback
    /// that waits must be left when its execution is unwound. MAY SWITCH.
    bool request_stop(const place& where = place::current()) const {
        return state_ != nullptr && detail::request_stop(state_, where);
    }

    [[nodiscard]] friend bool operator==(const stop_source&, const stop_source&) noexcept = default;

private:
    friend class jthread;

    void count() const noexcept {
        if (state_ != nullptr) {
            ++state_->sources;
        }
    }

    std::shared_ptr<detail::stop_state> state_;
};

/// `std::stop_callback` under the kernel: has its callback called when a stop is requested, at once if that has happened.
template <typename Callback>
class [[nodiscard]] stop_callback {
    static_assert(std::invocable<Callback> && std::destructible<Callback>);

public:
    using callback_type = Callback;

    /// Not `noexcept`, unlike the standard's, because the callback may be called here. An exception that leaves it leaves the
    /// constructor. MAY SWITCH.
    template <typename Given>
        requires std::constructible_from<Callback, Given>
    explicit stop_callback(const stop_token& token, Given&& callback, const place& where = place::current())
        : state_(token.state_), listener_(std::forward<Given>(callback)), where_(where) {
        listen();
    }

    template <typename Given>
        requires std::constructible_from<Callback, Given>
    explicit stop_callback(stop_token&& token, Given&& callback, const place& where = place::current())
        : state_(std::move(token.state_)), listener_(std::forward<Given>(callback)), where_(where) {
        listen();
    }

    stop_callback(const stop_callback&) = delete;
    stop_callback& operator=(const stop_callback&) = delete;

    /// Waits until another starter that is calling it has come back. MAY SWITCH.
    ~stop_callback() {
        if (state_ != nullptr) {
            detail::remove_listener(*state_, listener_, where_);
        }
    }

private:
    struct listener final : detail::stop_listener {
        template <typename Given>
        explicit listener(Given&& given)
            : stop_listener(
                  [](stop_listener& self) { std::forward<Callback>(static_cast<listener&>(self).callback)(); }),
              callback(std::forward<Given>(given)) {}
        Callback callback;
    };

    void listen() {
        if (state_ != nullptr) {
            if (state_->requested || state_->sources > 0) {
                detail::add_listener(*state_, listener_, where_);
            } else {
                state_.reset();
            }
        }
    }

    std::shared_ptr<detail::stop_state> state_;
    listener listener_;
    place where_;
};

template <typename Callback>
stop_callback(stop_token, Callback) -> stop_callback<Callback>;
template <typename Callback>
stop_callback(stop_token, Callback, place) -> stop_callback<Callback>;

} // namespace cppvaldi
