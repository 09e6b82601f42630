#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/mutex_state.hpp>
#include <cppvaldi/locks.hpp>
#include <cppvaldi/once.hpp>
#include <cppvaldi/place.hpp>

#include <string_view>

namespace cppvaldi {

namespace detail {

/// What the four kinds of mutex share. Locking what one has already, unlocking what one has not and destroying what is locked
/// are reported; the standard calls them undefined.
template <mutex_state::again Again>
class basic_mutex {
public:
    basic_mutex(const basic_mutex&) = delete;
    basic_mutex& operator=(const basic_mutex&) = delete;

    /// Blocks until it is free. Throws `usage_error` if the caller has it and it is not recursive. MAY SWITCH.
    void lock(const place& where = place::current()) { detail::lock(state_, where); }

    /// Takes it if it is free; never fails spuriously. Throws as `lock` does. MAY SWITCH.
    [[gnu::always_inline]] bool try_lock(const place& where = place::current()) {
        return detail::try_lock(state_, where);
    }

    /// Gives it back. MAY SWITCH.
    void unlock(const place& where = place::current()) { detail::unlock(state_, where); }

    /// For what locks it together with others, and for `condition_variable`.
    [[nodiscard]] mutex_state& state() noexcept { return state_; }

protected:
    constexpr basic_mutex(std::string_view kind, std::string_view name) noexcept : state_(Again, kind, name) {}
    ~basic_mutex() = default;

    mutex_state state_;
};

/// The same with a deadline, in virtual time.
template <mutex_state::again Again>
class basic_timed_mutex : public basic_mutex<Again> {
public:
    /// Gives up after `after`. MAY SWITCH.
    template <typename Rep, typename Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& after, const place& where = place::current()) {
        return detail::try_lock_until(this->state_, deadline_after(after), where);
    }

    /// Gives up at `when`. MAY SWITCH.
    template <typename Clock, typename Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& when, const place& where = place::current()) {
        return detail::try_lock_until(this->state_, deadline_at(when), where);
    }

protected:
    using basic_mutex<Again>::basic_mutex;
    ~basic_timed_mutex() = default;
};

} // namespace detail

/// `std::mutex` under the kernel.
class mutex : public detail::basic_mutex<detail::mutex_state::again::refused> {
public:
    constexpr mutex() noexcept : mutex(std::string_view()) {}

    /// `name` is what reports call it; it is not copied.
    constexpr explicit mutex(std::string_view name) noexcept : basic_mutex("mutex", name) {}
};

/// `std::recursive_mutex` under the kernel.
class recursive_mutex : public detail::basic_mutex<detail::mutex_state::again::counted> {
public:
    recursive_mutex() noexcept : recursive_mutex(std::string_view()) {}
    explicit recursive_mutex(std::string_view name) noexcept : basic_mutex("recursive mutex", name) {}
};

/// `std::timed_mutex` under the kernel, in virtual time.
class timed_mutex : public detail::basic_timed_mutex<detail::mutex_state::again::refused> {
public:
    timed_mutex() noexcept : timed_mutex(std::string_view()) {}
    explicit timed_mutex(std::string_view name) noexcept : basic_timed_mutex("timed mutex", name) {}
};

/// `std::recursive_timed_mutex` under the kernel, in virtual time.
class recursive_timed_mutex : public detail::basic_timed_mutex<detail::mutex_state::again::counted> {
public:
    recursive_timed_mutex() noexcept : recursive_timed_mutex(std::string_view()) {}
    explicit recursive_timed_mutex(std::string_view name) noexcept : basic_timed_mutex("recursive timed mutex", name) {}
};

} // namespace cppvaldi
