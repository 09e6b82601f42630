#pragma once

#include <cppvaldi/detail/lockable.hpp>
#include <cppvaldi/detail/placed_lock.hpp>
#include <cppvaldi/place.hpp>

#include <array>
#include <concepts>
#include <mutex>
#include <system_error>
#include <tuple>
#include <type_traits>

namespace cppvaldi {

using std::adopt_lock;
using std::adopt_lock_t;
using std::defer_lock;
using std::defer_lock_t;
using std::try_lock;
using std::try_to_lock;
using std::try_to_lock_t;

/// `std::lock_guard`, but reports name the place where it was made, not one inside the standard library.
template <typename Mutex>
class lock_guard {
public:
    using mutex_type = Mutex;

    explicit lock_guard(Mutex& mutex, const place& where = place::current()) : mutex_(mutex), made_(where) {
        detail::exclusively::lock(mutex, where);
    }
    lock_guard(Mutex& mutex, std::adopt_lock_t, const place& where = place::current()) noexcept
        : mutex_(mutex), made_(where) {}
    lock_guard(const lock_guard&) = delete;
    lock_guard& operator=(const lock_guard&) = delete;
    ~lock_guard() { detail::exclusively::unlock(mutex_, made_); }

private:
    Mutex& mutex_;
    place made_;
};

/// `std::unique_lock`, and one itself, but reports name the place where it was made, not one inside the standard library.
template <typename Mutex>
class unique_lock : public detail::placed_lock<std::unique_lock<Mutex>, detail::exclusively> {
public:
    using detail::placed_lock<std::unique_lock<Mutex>, detail::exclusively>::placed_lock;
};

template <typename Mutex, typename... Rest>
unique_lock(Mutex&, Rest...) -> unique_lock<Mutex>;

namespace detail {

template <typename Lockable>
concept known_mutex = requires(Lockable& what) {
    lockable_of(what.state());
};

/// A `unique_lock` of such a mutex, ours or the standard's.
template <typename Lockable>
concept lock_of_known_mutex = known_mutex<typename Lockable::mutex_type> &&
    std::derived_from<Lockable, std::unique_lock<typename Lockable::mutex_type>>;

template <typename Lockable>
lockable as_lockable(Lockable& what) {
    if constexpr (known_mutex<Lockable>) {
        return lockable_of(what.state());
    } else {
        if (what.mutex() == nullptr || what.owns_lock()) {
            throw std::system_error(std::make_error_code(what.mutex() == nullptr
                                                             ? std::errc::operation_not_permitted
                                                             : std::errc::resource_deadlock_would_occur));
        }
        return lockable_of(what.mutex()->state());
    }
}

template <typename Lockable>
void note_locked(Lockable& what) {
    if constexpr (!known_mutex<Lockable>) {
        using standard = std::unique_lock<typename Lockable::mutex_type>;
        static_cast<standard&>(what) = standard(*what.mutex(), std::adopt_lock);
    }
}

/// Locks all, at `where` if they are this library's mutexes, or locks of such.
template <typename... Lockables>
void lock_at(const place& where, Lockables&... each) {
    if constexpr (sizeof...(each) == 1) {
        (exclusively::lock(each, where), ...);
    } else if constexpr (((known_mutex<Lockables> || lock_of_known_mutex<Lockables>)&&...)) {
        std::array<lockable, sizeof...(each)> all{as_lockable(each)...};
        lock_all(all, where);
        (note_locked(each), ...);
    } else {
        std::lock(each...);
    }
}

template <typename... Mutexes>
struct mutex_type_of {};
template <typename Mutex>
struct mutex_type_of<Mutex> {
    using mutex_type = Mutex;
};

} // namespace detail

/// `std::lock`: locks all of them, in whatever order, without a deadlock. Unlike the standard's, whose callers may back off and
/// try again in turns for ever if a strategy lets them, it comes to an end under every strategy. MAY SWITCH.
template <typename First, typename Second>
void lock(First& first, Second& second, const place& where = place::current()) {
    detail::lock_at(where, first, second);
}
template <typename First, typename Second, typename Third>
    requires(!std::same_as<std::remove_const_t<Third>, place>)
void lock(First& first, Second& second, Third& third, const place& where = place::current()) {
    detail::lock_at(where, first, second, third);
}
template <typename First, typename Second, typename Third, typename Fourth, typename... Rest>
    requires(!std::same_as<std::remove_const_t<Fourth>, place>)
void lock(First& first, Second& second, Third& third, Fourth& fourth, Rest&... rest) {
    detail::lock_at(place{}, first, second, third, fourth, rest...);
}

/// `std::scoped_lock`, which locks as `lock` does.
template <typename... Mutexes>
class scoped_lock : public detail::mutex_type_of<Mutexes...> {
public:
    explicit scoped_lock(Mutexes&... mutexes, const place& where = place::current())
        : mutexes_(mutexes...), made_(where) {
        if constexpr (sizeof...(Mutexes) > 0) {
            detail::lock_at(where, mutexes...);
        }
    }
    explicit scoped_lock(std::adopt_lock_t, Mutexes&... mutexes, const place& where = place::current()) noexcept
        : mutexes_(mutexes...), made_(where) {}
    scoped_lock(const scoped_lock&) = delete;
    scoped_lock& operator=(const scoped_lock&) = delete;
    ~scoped_lock() {
        std::apply([this](auto&... mutexes) { (detail::exclusively::unlock(mutexes, made_), ...); }, mutexes_);
    }

private:
    std::tuple<Mutexes&...> mutexes_;
    place made_;
};

template <typename... Mutexes>
scoped_lock(Mutexes&...) -> scoped_lock<Mutexes...>;
template <typename... Mutexes>
scoped_lock(std::adopt_lock_t, Mutexes&...) -> scoped_lock<Mutexes...>;

} // namespace cppvaldi
