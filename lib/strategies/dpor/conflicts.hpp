#pragma once

#include <cstdint>

namespace cppvaldi::reduction {

/// What a step does to one object, as far as others can tell: more exact than the operation's kind, for it is known by then how
/// the step has come out.
enum class effect : std::uint8_t {
    none,
    read,
    write,

    take,        ///< a lock, by one who would have waited for it
    try_take,    ///< the same by one who would have given up
    refused,     ///< who has given up
    give,        ///< the lock back
    take_shared, ///< the same four for a lock that several can have
    try_take_shared,
    refused_shared,
    give_shared,
    found_done, ///< who need not do what is done once
    await_free, ///< goes on when nobody has the lock, and does not take it

    acquire,     ///< a permit, by one who would have waited
    try_acquire, ///< by one who would have given up
    acquire_refused,
    release,

    begin_wait, ///< on a condition
    notify,     ///< somebody has heard it
    notify_nobody,
    give_up_wait,

    signal, ///< what brings an end closer that others wait for: counts down a latch, arrives at a barrier, keeps a promise
    ordered_signal, ///< one of which it matters which is the last
    await,          ///< goes on after the end
    look,           ///< whether it has come
    await_timed,    ///< goes on after the end, and could have given up before
};

/// True for who has looked, and does not get or wait for what it has not found.
[[nodiscard]] constexpr bool is_giving_up(effect what) noexcept {
    return what == effect::refused || what == effect::refused_shared || what == effect::acquire_refused ||
           what == effect::give_up_wait || what == effect::look;
}

/// How two steps on the same object, of different starters, are related, the first having been made before the second.
enum class relation : std::uint8_t {
    commute, ///< nobody can tell which was first
    race,    ///< it makes a difference, and the second could have been first
    enabled, ///< the first is what the second had to wait for, so it could not have been first
    counted, ///< one of the last two, as the object's count says
};

[[nodiscard]] relation relation_of(effect first, effect second) noexcept;

/// True if it makes a difference which was first. In no order for `enabled`: what cannot be exchanged is not independent.
[[nodiscard]] inline bool conflict(effect one, effect other) noexcept {
    return relation_of(one, other) != relation::commute || relation_of(other, one) != relation::commute;
}

/// True if everything before `first` on their object that conflicts with `second` has happened before `first`, so that whoever
/// looks back from `second` need not look further.
[[nodiscard]] bool hides_what_was_before(effect first, effect second) noexcept;

} // namespace cppvaldi::reduction
