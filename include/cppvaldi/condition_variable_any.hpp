#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/condition_state.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/stop_token.hpp>

#include <condition_variable>
#include <string_view>

namespace cppvaldi {

/// `std::condition_variable_any` under the kernel: waits with any lock. Decisions and reports are those of `condition_variable`;
/// which lock a waiter gives up is not known here, so different ones at the same time are not reported.
class condition_variable_any {
public:
    condition_variable_any() = default;

    /// `name` is what reports call it; it is not copied.
    explicit condition_variable_any(std::string_view name) noexcept : state_(name) {}
    condition_variable_any(const condition_variable_any&) = delete;
    condition_variable_any& operator=(const condition_variable_any&) = delete;

    /// Lets one waiter go on, if there is any. MAY SWITCH.
    void notify_one(const place& where = place::current()) noexcept { detail::notify_one(state_, where); }

    /// Lets all waiters go on. MAY SWITCH.
    void notify_all(const place& where = place::current()) noexcept { detail::notify_all(state_, where); }

    /// Gives the lock up, waits to be notified, and takes it again. MAY SWITCH: so does every kind of wait.
    template <typename Lock>
    void wait(Lock& lock, const place& where = place::current()) {
        (void)await(lock, detail::no_deadline, nullptr, where);
    }

    template <typename Lock, typename Predicate>
    void wait(Lock& lock, Predicate satisfied, const place& where = place::current()) {
        (void)await_unless(false, lock, detail::no_deadline, satisfied, where);
    }

    template <typename Lock, typename Clock, typename Duration>
    std::cv_status wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& when,
                              const place& where = place::current()) {
        return await(lock, detail::deadline_at(when), nullptr, where);
    }

    template <typename Lock, typename Clock, typename Duration, typename Predicate>
    bool wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& when, Predicate satisfied,
                    const place& where = place::current()) {
        return await_unless(false, lock, detail::deadline_at(when), satisfied, where);
    }

    template <typename Lock, typename Rep, typename Period>
    std::cv_status wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& after,
                            const place& where = place::current()) {
        return await(lock, detail::deadline_after(after), nullptr, where);
    }

    template <typename Lock, typename Rep, typename Period, typename Predicate>
    bool wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& after, Predicate satisfied,
                  const place& where = place::current()) {
        return await_unless(false, lock, detail::deadline_after(after), satisfied, where);
    }

    // The same, but they also end when a stop is requested. They return what `satisfied` says then.

    template <typename Lock, typename Predicate>
    bool wait(Lock& lock, const stop_token& token, Predicate satisfied, const place& where = place::current()) {
        return await_unless(token, lock, detail::no_deadline, satisfied, where);
    }

    template <typename Lock, typename Clock, typename Duration, typename Predicate>
    bool wait_until(Lock& lock, const stop_token& token, const std::chrono::time_point<Clock, Duration>& when,
                    Predicate satisfied, const place& where = place::current()) {
        return await_unless(token, lock, detail::deadline_at(when), satisfied, where);
    }

    template <typename Lock, typename Rep, typename Period, typename Predicate>
    bool wait_for(Lock& lock, const stop_token& token, const std::chrono::duration<Rep, Period>& after, Predicate satisfied,
                  const place& where = place::current()) {
        return await_unless(token, lock, detail::deadline_after(after), satisfied, where);
    }

private:
    /// `stopped` may be null. Between the look at it and the beginning of the wait nobody else runs, so no request is missed.
    template <typename Lock>
    std::cv_status await(Lock& lock, detail::deadline until, const bool* stopped, const place& where) {
        detail::begin_to_wait(state_, nullptr, where);
        if (stopped != nullptr && *stopped) {
            detail::end_wait(state_, detail::this_starter());
            return std::cv_status::no_timeout;
        }
        try {
            lock.unlock();
        } catch (...) {
            detail::end_wait(state_, detail::this_starter());
            throw;
        }
        const bool notified = detail::await_notification(state_, until, where);
        if constexpr (requires { lock.lock(where); }) {
            lock.lock(where);
        } else {
            lock.lock();
        }
        return notified ? std::cv_status::no_timeout : std::cv_status::timeout;
    }

    template <typename Lock, typename Predicate>
    bool await_unless(const bool& stopped, Lock& lock, detail::deadline until, Predicate& satisfied,
                      const place& where) {
        while (!stopped) {
            if (satisfied()) {
                return true;
            }
            if (await(lock, until, &stopped, where) == std::cv_status::timeout) {
                break;
            }
        }
        return satisfied();
    }

    template <typename Lock, typename Predicate>
    bool await_unless(const stop_token& token, Lock& lock, detail::deadline until, Predicate& satisfied,
                      const place& where) {
        bool stopped = false;
        const stop_callback wakes(
            token,
            [this, &stopped, where, self = detail::this_starter()] {
                detail::notify_waiter(state_, self, where);
                stopped = true;
            },
            where);
        return await_unless(stopped, lock, until, satisfied, where);
    }

    detail::condition_state state_;
};

} // namespace cppvaldi
