#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/chrono.hpp>

#include <chrono>
#include <ctime>
#include <span>
#include <vector>

#include <poll.h>

namespace cppvaldi::intercept {

/// A descriptor that timerfd_create has returned in an execution. Behind it is an eventfd, which is written to when virtual time
/// has come to an expiration: so it can be read, and waited for, like the descriptor of a timer.
struct virtual_timer {
    int descriptor = -1;
    clockid_t clock = CLOCK_MONOTONIC;
    detail::deadline next = detail::no_deadline; ///< expiration; none if it is not armed
    std::chrono::nanoseconds interval{};         ///< zero: it expires once
    std::vector<int> watched_by{};               ///< descriptors of epoll
};

/// The timers of an execution.
class virtual_timers {
public:
    virtual_timers() = default;
    virtual_timers(const virtual_timers&) = delete;
    virtual_timers& operator=(const virtual_timers&) = delete;
    ~virtual_timers();

    void add(int descriptor, clockid_t clock);

    /// Returns the timer of that descriptor, or null.
    [[nodiscard]] virtual_timer* find(int descriptor) noexcept;

    /// The descriptor is closed, or stands for something else now.
    void forget(int descriptor) noexcept;
    void clear() noexcept;

    /// Makes those readable that have expired.
    void settle(detail::deadline now) noexcept;

    /// True if one of these is a timer, or watches one.
    [[nodiscard]] bool any_in(std::span<const pollfd> descriptors) const noexcept;

    /// Returns when the first of these expires.
    [[nodiscard]] detail::deadline earliest_in(std::span<const pollfd> descriptors) const noexcept;

    /// Has all who wait for a timer look again: when it expires has been changed.
    void changed() noexcept;

    /// As long as one lives, its starter waits for timers, and learns by its descriptor of changes.
    class waiting {
    public:
        explicit waiting(virtual_timers& among);
        waiting(const waiting&) = delete;
        waiting& operator=(const waiting&) = delete;
        ~waiting();

        [[nodiscard]] int changes() const noexcept { return changes_; }

    private:
        virtual_timers& among_;
        int changes_;
    };

private:
    std::vector<virtual_timer> all_;
    std::vector<int> idle_;    ///< eventfds that nobody uses
    std::vector<int> waiting_; ///< those of who waits
};

} // namespace cppvaldi::intercept
