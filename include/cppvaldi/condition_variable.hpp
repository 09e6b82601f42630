#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/condition_variable_any.hpp>
#include <cppvaldi/detail/condition_state.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/place.hpp>

#include <condition_variable>
#include <string_view>

namespace cppvaldi {

using std::cv_status;

/// `std::condition_variable` under the kernel. Which of several waiters `notify_one` wakes is a decision; spurious wake-ups are
/// decisions too where `execution_options::spurious_wakeups` asks for them. Waiting with different mutexes at the same time,
/// waiting without the lock and destroying it with waiters are reported.
class condition_variable {
public:
    condition_variable() = default;

    /// `name` is what reports call it; it is not copied.
    explicit condition_variable(std::string_view name) noexcept : state_(name) {}
    condition_variable(const condition_variable&) = delete;
    condition_variable& operator=(const condition_variable&) = delete;

    /// Lets one waiter go on, if there is any. MAY SWITCH.
    void notify_one(const place& where = place::current()) noexcept { detail::notify_one(state_, where); }

    /// Lets all waiters go on. MAY SWITCH.
    void notify_all(const place& where = place::current()) noexcept { detail::notify_all(state_, where); }

    /// Gives the lock up, waits to be notified, and takes it again. MAY SWITCH.
    void wait(std::unique_lock<mutex>& lock, const place& where = place::current()) {
        (void)await(lock, detail::no_deadline, where);
    }

    template <typename Predicate>
    void wait(std::unique_lock<mutex>& lock, Predicate satisfied, const place& where = place::current()) {
        while (!satisfied()) {
            wait(lock, where);
        }
    }

    template <typename Clock, typename Duration>
    cv_status wait_until(std::unique_lock<mutex>& lock, const std::chrono::time_point<Clock, Duration>& when,
                         const place& where = place::current()) {
        return await(lock, detail::deadline_at(when), where);
    }

    template <typename Clock, typename Duration, typename Predicate>
    bool wait_until(std::unique_lock<mutex>& lock, const std::chrono::time_point<Clock, Duration>& when,
                    Predicate satisfied, const place& where = place::current()) {
        return await(lock, detail::deadline_at(when), satisfied, where);
    }

    template <typename Rep, typename Period>
    cv_status wait_for(std::unique_lock<mutex>& lock, const std::chrono::duration<Rep, Period>& after,
                       const place& where = place::current()) {
        return await(lock, detail::deadline_after(after), where);
    }

    template <typename Rep, typename Period, typename Predicate>
    bool wait_for(std::unique_lock<mutex>& lock, const std::chrono::duration<Rep, Period>& after, Predicate satisfied,
                  const place& where = place::current()) {
        return await(lock, detail::deadline_after(after), satisfied, where);
    }

    /// For `notify_all_at_thread_exit`.
    [[nodiscard]] detail::condition_state& state() noexcept { return state_; }

private:
    cv_status await(std::unique_lock<mutex>& lock, detail::deadline until, const place& where) {
        return detail::wait(state_, lock.owns_lock() ? &lock.mutex()->state() : nullptr, until, where)
                   ? cv_status::no_timeout
                   : cv_status::timeout;
    }

    template <typename Predicate>
    bool await(std::unique_lock<mutex>& lock, detail::deadline until, Predicate& satisfied, const place& where) {
        while (!satisfied()) {
            if (await(lock, until, where) == cv_status::timeout) {
                return satisfied();
            }
        }
        return true;
    }

    detail::condition_state state_;
};

/// Gives `lock` up and notifies all at the end of the running starter, when what is local to it is gone. Throws `usage_error` if
/// the caller is not a starter, or does not have the lock. `condition` must live until then.
inline void notify_all_at_thread_exit(condition_variable& condition, std::unique_lock<mutex> lock,
                                      const place& where = place::current()) {
    detail::notify_all_at_exit(condition.state(), lock.owns_lock() ? &lock.mutex()->state() : nullptr, where);
    (void)lock.release();
}

} // namespace cppvaldi
