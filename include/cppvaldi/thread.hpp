#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/detail/thread_state.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/starter_set.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace cppvaldi {

/// `std::thread` under the kernel: its callable runs as a starter of the running execution. A thread that is joinable when it is
/// destroyed, and one that is started outside an execution, are reported. An exception that leaves the callable ends the
/// execution.
class thread {
public:
    class id;

    thread() noexcept = default;

    /// Starts a thread, as `std::thread` does. MAY SWITCH: no; it begins when the strategy lets it.
    template <typename Callable, typename... Arguments>
        requires(!std::same_as<std::remove_cvref_t<Callable>, thread> && detail::can_be_started<Callable, Arguments...>)
    explicit thread(Callable&& callable, Arguments&&... arguments)
        : thread(named{}, std::string_view(), std::forward<Callable>(callable), std::forward<Arguments>(arguments)...) {
    }

    /// The same with a name, which orders, timelines and reports use.
    template <typename Name, typename Callable, typename... Arguments>
        requires(std::convertible_to<Name, std::string_view> && !detail::can_be_started<Name, Callable, Arguments...> &&
                 detail::can_be_started<Callable, Arguments...>)
    thread(const Name& name, Callable&& callable, Arguments&&... arguments)
        : thread(named{}, std::string_view(name), std::forward<Callable>(callable),
                 std::forward<Arguments>(arguments)...) {}

    thread(thread&& other) noexcept : id_(std::exchange(other.id_, nobody)) {}
    thread& operator=(thread&& other) noexcept {
        if (joinable()) {
            detail::report_joinable(id_);
        }
        id_ = std::exchange(other.id_, nobody);
        return *this;
    }

    ~thread() {
        if (joinable()) {
            detail::report_joinable(id_);
        }
    }

    void swap(thread& other) noexcept { std::swap(id_, other.id_); }
    friend void swap(thread& left, thread& right) noexcept { left.swap(right); }

    [[nodiscard]] bool joinable() const noexcept { return id_ != nobody; }

    /// Waits until the thread has ended. Throws `std::system_error`: `invalid_argument` if it is not joinable,
    /// `resource_deadlock_would_occur` if it is the caller itself. MAY SWITCH.
    void join(const place& where = place::current()) {
        detail::join_thread(id_, where);
        id_ = nobody;
    }

    /// Lets it run on its own. Throws `std::system_error`, `invalid_argument`, if it is not joinable.
    void detach() {
        if (!joinable()) {
            throw std::system_error(std::make_error_code(std::errc::invalid_argument), "thread::detach: not joinable");
        }
        id_ = nobody;
    }

    [[nodiscard]] id get_id() const noexcept;

    /// Returns 2, on every machine: how many threads there are is not the machine's affair here.
    [[nodiscard]] static unsigned int hardware_concurrency() noexcept { return 2; }

private:
    friend class jthread;
    struct named {};

    template <typename Callable, typename... Arguments>
    thread(named, std::string_view name, Callable&& callable, Arguments&&... arguments)
        : id_(detail::with_job([&](detail::job_shape shape,
                                   detail::job_maker maker) { return detail::start_thread(name, shape, maker); },
                               std::forward<Callable>(callable), std::forward<Arguments>(arguments)...)) {}

    starter_id id_ = nobody;
};

namespace this_thread {

[[nodiscard]] inline thread::id get_id() noexcept;

/// Lets others go first, if there are any. MAY SWITCH. Without a place the caller's own is meant.
inline void yield(const place& where) { detail::yield(where); }

/// Waits in virtual time. MAY SWITCH.
template <typename Rep, typename Period>
void sleep_for(const std::chrono::duration<Rep, Period>& after, const place& where = place::current()) {
    detail::sleep_until(detail::deadline_after(after), where);
}

/// Waits in virtual time. MAY SWITCH.
template <typename Clock, typename Duration>
void sleep_until(const std::chrono::time_point<Clock, Duration>& when, const place& where = place::current()) {
    detail::sleep_until(detail::deadline_at(when), where);
}

} // namespace this_thread

/// Says which thread, a value: ordered by birth. The default one is none.
class thread::id {
public:
    constexpr id() noexcept = default;
    friend constexpr auto operator<=>(id, id) noexcept = default;

    template <typename Character, typename Traits>
    friend std::basic_ostream<Character, Traits>& operator<<(std::basic_ostream<Character, Traits>& out, id shown) {
        return out << shown.number_;
    }

private:
    friend class thread;
    friend id this_thread::get_id() noexcept;
    friend struct std::hash<id>;
    explicit constexpr id(std::uint64_t number) noexcept : number_(number) {}

    std::uint64_t number_ = 0; ///< the starter's id and 1; 0 is none
};

inline thread::id thread::get_id() const noexcept { return id(detail::thread_number(id_)); }

inline thread::id this_thread::get_id() noexcept { return thread::id(detail::this_thread_number()); }

} // namespace cppvaldi

template <>
struct std::hash<cppvaldi::thread::id> {
    [[nodiscard]] std::size_t operator()(cppvaldi::thread::id of) const noexcept {
        return static_cast<std::size_t>(of.number_);
    }
};

#include <cppvaldi/jthread.hpp>
