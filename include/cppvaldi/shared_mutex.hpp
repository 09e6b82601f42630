#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/placed_lock.hpp>
#include <cppvaldi/detail/shared_mutex_state.hpp>
#include <cppvaldi/locks.hpp>
#include <cppvaldi/place.hpp>

#include <shared_mutex>
#include <string_view>

namespace cppvaldi {

namespace detail {

/// What the two kinds of shared mutex have in common: one writer, or any number of readers, and nobody is preferred. Locking what
/// one has already in either way (a reader cannot become the writer), unlocking what one has not in this way and destroying what
/// is locked are reported; the standard calls them undefined.
class basic_shared_mutex {
public:
    basic_shared_mutex(const basic_shared_mutex&) = delete;
    basic_shared_mutex& operator=(const basic_shared_mutex&) = delete;

    // For the writer. Those that lock throw `usage_error` if the caller has it already. MAY SWITCH: all of them.

    void lock(const place& where = place::current()) { detail::lock(state_, where); }
    [[gnu::always_inline]] bool try_lock(const place& where = place::current()) {
        return detail::try_lock(state_, where);
    }
    void unlock(const place& where = place::current()) { detail::unlock(state_, where); }

    // The same for readers.

    void lock_shared(const place& where = place::current()) { detail::lock_shared(state_, where); }
    [[gnu::always_inline]] bool try_lock_shared(const place& where = place::current()) {
        return detail::try_lock_shared(state_, where);
    }
    void unlock_shared(const place& where = place::current()) { detail::unlock_shared(state_, where); }

    /// For what locks it together with others.
    [[nodiscard]] shared_mutex_state& state() noexcept { return state_; }

protected:
    basic_shared_mutex(std::string_view kind, std::string_view name) noexcept
        : state_(shared_mutex_state::again::refused, kind, name) {}
    ~basic_shared_mutex() = default;

    shared_mutex_state state_;
};

/// How a shared lock locks.
struct sharing {
    template <typename Mutex>
    static void lock(Mutex& mutex, const place& where) {
        if constexpr (requires { mutex.lock_shared(where); }) {
            mutex.lock_shared(where);
        } else {
            mutex.lock_shared();
        }
    }
    template <typename Mutex>
    static bool try_lock(Mutex& mutex, const place& where) {
        if constexpr (requires { mutex.try_lock_shared(where); }) {
            return mutex.try_lock_shared(where);
        } else {
            return mutex.try_lock_shared();
        }
    }
    template <typename Mutex, typename Time>
    static bool try_lock_in_time(Mutex& mutex, const Time& time, const place& where) {
        if constexpr (requires { mutex.try_lock_shared_for(time, where); }) {
            return mutex.try_lock_shared_for(time, where);
        } else if constexpr (requires { mutex.try_lock_shared_until(time, where); }) {
            return mutex.try_lock_shared_until(time, where);
        } else if constexpr (requires { mutex.try_lock_shared_for(time); }) {
            return mutex.try_lock_shared_for(time);
        } else {
            return mutex.try_lock_shared_until(time);
        }
    }
    template <typename Mutex>
    static void unlock(Mutex& mutex, const place& where) {
        if constexpr (requires { mutex.unlock_shared(where); }) {
            mutex.unlock_shared(where);
        } else {
            mutex.unlock_shared();
        }
    }
};

} // namespace detail

/// `std::shared_mutex` under the kernel.
class shared_mutex : public detail::basic_shared_mutex {
public:
    shared_mutex() noexcept : shared_mutex(std::string_view()) {}

    /// `name` is what reports call it; it is not copied.
    explicit shared_mutex(std::string_view name) noexcept : basic_shared_mutex("shared mutex", name) {}
};

/// `std::shared_timed_mutex` under the kernel, in virtual time.
class shared_timed_mutex : public detail::basic_shared_mutex {
public:
    shared_timed_mutex() noexcept : shared_timed_mutex(std::string_view()) {}
    explicit shared_timed_mutex(std::string_view name) noexcept : basic_shared_mutex("shared timed mutex", name) {}

    /// Each gives up after a while, or at a certain time. MAY SWITCH.
    template <typename Rep, typename Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& after, const place& where = place::current()) {
        return detail::try_lock_until(state_, detail::deadline_after(after), where);
    }
    template <typename Clock, typename Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& when, const place& where = place::current()) {
        return detail::try_lock_until(state_, detail::deadline_at(when), where);
    }
    template <typename Rep, typename Period>
    bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& after, const place& where = place::current()) {
        return detail::try_lock_shared_until(state_, detail::deadline_after(after), where);
    }
    template <typename Clock, typename Duration>
    bool try_lock_shared_until(const std::chrono::time_point<Clock, Duration>& when,
                               const place& where = place::current()) {
        return detail::try_lock_shared_until(state_, detail::deadline_at(when), where);
    }
};

/// `std::shared_lock`, and one itself, but reports name the place where it was made, not one inside the standard library.
template <typename Mutex>
class shared_lock : public detail::placed_lock<std::shared_lock<Mutex>, detail::sharing> {
public:
    using detail::placed_lock<std::shared_lock<Mutex>, detail::sharing>::placed_lock;
};

template <typename Mutex, typename... Rest>
shared_lock(Mutex&, Rest...) -> shared_lock<Mutex>;

} // namespace cppvaldi
