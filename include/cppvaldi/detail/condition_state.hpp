#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/mutex_state.hpp>
#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/place.hpp>

#include <string_view>
#include <vector>

namespace cppvaldi::detail {

/// A condition that starters wait on, in the order in which they began to.
struct condition_state : object {
    explicit condition_state(std::string_view own_name = {}) noexcept : object("condition", own_name) {}
    condition_state(const condition_state&) = delete;
    condition_state& operator=(const condition_state&) = delete;

    /// Reports a condition that is destroyed while somebody waits on it.
    ~condition_state();

    std::vector<starter_id> waiting;    ///< not yet notified
    const mutex_state* mutex = nullptr; ///< the one that they gave up, if it is known
    starter_id unheard_by = nobody;     ///< who notified last when nobody waited: a lost wake-up, perhaps
    place unheard_at{};
};

// MAY SWITCH: all of them.

/// Begins to wait: from now on a notification is not lost. Then the caller gives up its lock and calls `await_notification`.
void begin_to_wait(condition_state& condition, const mutex_state* mutex, const place& where);

/// Returns true when notified, false at the deadline.
[[nodiscard]] bool await_notification(condition_state& condition, deadline until, const place& where);

/// Ends the wait of `who`, which could not give up its lock or need not. No scheduling point.
void end_wait(condition_state& condition, starter_id who);

/// Lets `who` go on, if it waits, because its stop has been requested.
void notify_waiter(condition_state& condition, starter_id who, const place& where) noexcept;

/// Returns the caller's id, or `nobody` outside executions.
[[nodiscard]] starter_id this_starter() noexcept;

/// Gives `mutex` up, waits, takes it again. Returns false if the deadline came first. Throws `usage_error` if `mutex` is null, or
/// the caller does not have it, or others wait with another one.
[[nodiscard]] bool wait(condition_state& condition, mutex_state* mutex, deadline until, const place& where);

/// Unlocks `mutex` and notifies all when the running starter has ended but for that. Throws `usage_error` if `mutex` is null, or
/// the caller does not have it.
void notify_all_at_exit(condition_state& condition, mutex_state* mutex, const place& where);

void notify_one(condition_state& condition, const place& where) noexcept;
void notify_all(condition_state& condition, const place& where) noexcept;

} // namespace cppvaldi::detail
