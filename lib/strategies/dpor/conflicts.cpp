/// The table that everything else follows from: which steps on one object can be exchanged. All pairs that are not listed commute.

#include "strategies/dpor/conflicts.hpp"

#include <array>
#include <cstddef>

namespace cppvaldi::reduction {

namespace {

using enum effect;
using enum relation;

struct row {
    effect first;
    effect second;
    relation related;
};

constexpr row rows[] = {
    // A value. Two reads see the same in either order; a write of the value that was there already counts as a write. A
    // compare-exchange that has failed is a read, every other access that may change the value is a write.
    {read, write, race},
    {write, read, race},
    {write, write, race},
    {write, await, enabled}, // who runs a deferred function sets the value that others wait for
    {write, await_timed, race},
    {write, look, race},
    {look, write, race},

    // A mutex. Of two that take it, one is first. Who waits for it goes on only after who has it has given it back; so these two
    // cannot be exchanged, but the two that take it can, together with what lies between.
    {take, take, race},
    {take, try_take, race},
    {try_take, take, race},
    {try_take, try_take, race},
    {give, take, enabled},
    {give, try_take, race}, // before, it would have been refused
    {take, refused, race},  // before, it would not have been refused
    {try_take, refused, race},
    {refused, give, race}, // after, it would not have been refused; so before whoever takes it next, too

    // What is to be done once. Whoever comes while it is done waits for the end, and then finds it done.
    {take, found_done, race},
    {give, found_done, enabled},

    // What several can share. Those who share it do not mind each other; with who wants it alone they are as above.
    {take, take_shared, race},
    {take, try_take_shared, race},
    {take, refused_shared, race},
    {try_take, take_shared, race},
    {try_take, try_take_shared, race},
    {try_take, refused_shared, race},
    {give, take_shared, enabled},
    {give, try_take_shared, race},
    {refused_shared, give, race},
    {take_shared, take, counted}, // others may share it, too, and not be done with it
    {try_take_shared, take, counted},
    {take_shared, try_take, race},
    {try_take_shared, try_take, race},
    {take_shared, refused, race},
    {try_take_shared, refused, race},
    {give_shared, take, enabled},
    {give_shared, try_take, race},
    {give_shared, refused, race},    // with one sharer less it might have been different
    {refused, take_shared, counted}, // who has refused it may have it alone
    {refused, try_take_shared, race},
    {refused, give_shared, race},

    // Who waits until it is free, and then begins anew to take several.
    {take, await_free, race},
    {try_take, await_free, race},
    {give, await_free, enabled},
    {take_shared, await_free, counted},
    {try_take_shared, await_free, counted},
    {give_shared, await_free, enabled},
    {await_free, take, race},
    {await_free, try_take, race},
    {await_free, take_shared, race},
    {await_free, try_take_shared, race},

    // A semaphore. Who acquires may take the last permit; who releases may bring the one that is waited for. Releases only add up.
    {acquire, acquire, race},
    {acquire, try_acquire, race},
    {acquire, acquire_refused, race},
    {acquire, release, race},
    {try_acquire, acquire, race},
    {try_acquire, try_acquire, race},
    {try_acquire, acquire_refused, race},
    {try_acquire, release, race},
    {acquire_refused, release, race},
    {release, acquire, counted}, // only if there was another permit
    {release, try_acquire, race},
    {release, acquire_refused, race},

    // A condition: who waits, and who hears a notification. Which waiter wakes is a decision, whose values are by the order of
    // the waiters. That a waiter goes on after its own notification is known from the list of waiters.
    {begin_wait, begin_wait, race},
    {begin_wait, notify, race},
    {begin_wait, notify_nobody, race},
    {begin_wait, give_up_wait, race},
    {notify, begin_wait, race},
    {notify, notify, race},
    {notify, notify_nobody, race},
    {notify, give_up_wait, race},
    {notify_nobody, begin_wait, race}, // two that nobody hears commute
    {notify_nobody, notify, race},
    {give_up_wait, begin_wait, race},
    {give_up_wait, notify, race},
    {give_up_wait, notify_nobody, race},
    {give_up_wait, give_up_wait, race},

    // What comes to an end once: a latch at zero, a barrier's phase, a value that is there. Signals add up; who waits goes on after
    // all of them. Who only looks, or can give up, sees a difference.
    {signal, await, enabled},
    {signal, look, race},
    {signal, await_timed, race},
    {look, signal, race},
    {ordered_signal, ordered_signal, race}, // who is the last one at a barrier calls its completion function
    {ordered_signal, await, enabled},
    {ordered_signal, look, race},
    {ordered_signal, await_timed, race},
    {look, ordered_signal, race},
};

constexpr std::size_t effects = static_cast<std::size_t>(await_timed) + 1;

using table = std::array<std::array<relation, effects>, effects>;

constexpr table spread_out() {
    table made{};
    for (const row& each : rows) {
        made[static_cast<std::size_t>(each.first)][static_cast<std::size_t>(each.second)] = each.related;
    }
    return made;
}

constexpr table relations = spread_out();

} // namespace

relation relation_of(effect first, effect second) noexcept {
    return relations[static_cast<std::size_t>(first)][static_cast<std::size_t>(second)];
}

bool hides_what_was_before(effect first, effect second) noexcept {
    const auto is_within = [second](effect lowest, effect highest) { return lowest <= second && second <= highest; };
    switch (first) {
    case write: return is_within(read, write);
    case take:
    case try_take: return is_within(take, await_free);
    case acquire:
    case try_acquire: return is_within(acquire, release);
    case begin_wait:
    case notify: return is_within(begin_wait, give_up_wait);
    default: return false;
    }
}

} // namespace cppvaldi::reduction
