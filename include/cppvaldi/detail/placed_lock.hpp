#pragma once

#include <cppvaldi/place.hpp>

#include <chrono>
#include <mutex>
#include <system_error>
#include <type_traits>
#include <utility>

namespace cppvaldi::detail {

/// Calls a mutex of this library with the place, and any other without.
struct exclusively {
    template <typename Mutex>
    static void lock(Mutex& mutex, const place& where) {
        if constexpr (requires { mutex.lock(where); }) {
            mutex.lock(where);
        } else {
            mutex.lock();
        }
    }
    template <typename Mutex>
    static bool try_lock(Mutex& mutex, const place& where) {
        if constexpr (requires { mutex.try_lock(where); }) {
            return mutex.try_lock(where);
        } else {
            return mutex.try_lock();
        }
    }
    template <typename Mutex, typename Time>
    static bool try_lock_in_time(Mutex& mutex, const Time& time, const place& where) {
        if constexpr (requires { mutex.try_lock_for(time, where); }) {
            return mutex.try_lock_for(time, where);
        } else if constexpr (requires { mutex.try_lock_until(time, where); }) {
            return mutex.try_lock_until(time, where);
        } else if constexpr (requires { mutex.try_lock_for(time); }) {
            return mutex.try_lock_for(time);
        } else {
            return mutex.try_lock_until(time);
        }
    }
    template <typename Mutex>
    static void unlock(Mutex& mutex, const place& where) {
        if constexpr (requires { mutex.unlock(where); }) {
            mutex.unlock(where);
        } else {
            mutex.unlock();
        }
    }
};

/// The standard's lock object, `std::unique_lock` or `std::shared_lock`, whose calls name the caller's place, and whose
/// constructor and destructor name the place where it was made. `Ways` is how its mutex is locked.
template <typename Standard, typename Ways>
class placed_lock : public Standard {
public:
    using mutex_type = typename Standard::mutex_type;

    placed_lock() noexcept = default;
    explicit placed_lock(mutex_type& mutex, const place& where = place::current())
        : Standard(mutex, std::defer_lock), made_(where) {
        lock(where);
    }
    placed_lock(mutex_type& mutex, std::defer_lock_t how, const place& where = place::current()) noexcept
        : Standard(mutex, how), made_(where) {}
    placed_lock(mutex_type& mutex, std::try_to_lock_t, const place& where = place::current())
        : Standard(mutex, std::defer_lock), made_(where) {
        (void)try_lock(where);
    }
    placed_lock(mutex_type& mutex, std::adopt_lock_t how, const place& where = place::current())
        : Standard(mutex, how), made_(where) {}
    template <typename Clock, typename Duration>
    placed_lock(mutex_type& mutex, const std::chrono::time_point<Clock, Duration>& when,
                const place& where = place::current())
        : Standard(mutex, std::defer_lock), made_(where) {
        (void)try_lock_until(when, where);
    }
    template <typename Rep, typename Period>
    placed_lock(mutex_type& mutex, const std::chrono::duration<Rep, Period>& after,
                const place& where = place::current())
        : Standard(mutex, std::defer_lock), made_(where) {
        (void)try_lock_for(after, where);
    }
    placed_lock(placed_lock&& other) noexcept = default;
    placed_lock& operator=(placed_lock&& other) noexcept {
        give_back(made_);
        Standard::operator=(std::move(other));
        made_ = other.made_;
        return *this;
    }
    ~placed_lock() { give_back(made_); }

    /// Each throws as the standard's does. MAY SWITCH.
    void lock(const place& where = place::current()) {
        if (can_lock()) {
            Ways::lock(*this->mutex(), where);
            has_locked();
        } else {
            Standard::lock();
        }
    }
    bool try_lock(const place& where = place::current()) {
        return can_lock() ? keep(Ways::try_lock(*this->mutex(), where)) : Standard::try_lock();
    }
    template <typename Rep, typename Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& after, const place& where = place::current()) {
        return can_lock() ? keep(Ways::try_lock_in_time(*this->mutex(), after, where)) : Standard::try_lock_for(after);
    }
    template <typename Clock, typename Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& when, const place& where = place::current()) {
        return can_lock() ? keep(Ways::try_lock_in_time(*this->mutex(), when, where)) : Standard::try_lock_until(when);
    }
    void unlock(const place& where = place::current()) {
        if (!this->owns_lock()) { // not left to the standard library, for some throw another code than the standard says
            throw std::system_error(std::make_error_code(std::errc::operation_not_permitted));
        }
        give_back(where);
    }

private:
    [[nodiscard]] bool can_lock() const noexcept { return this->mutex() != nullptr && !this->owns_lock(); }

    void has_locked() { Standard::operator=(Standard(*this->mutex(), std::adopt_lock)); }

    bool keep(bool locked) {
        if (locked) {
            has_locked();
        }
        return locked;
    }

    void give_back(const place& where) {
        if (this->owns_lock()) {
            mutex_type& mutex = *this->release();
            Standard::operator=(Standard(mutex, std::defer_lock));
            Ways::unlock(mutex, where);
        }
    }

    place made_{};
};

} // namespace cppvaldi::detail
