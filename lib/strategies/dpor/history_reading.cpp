/// What the steps of an execution do to which objects, read from what was announced and what it has come to; and what a step would
/// have done in another place, which is needed before it is tried.

#include "strategies/dpor/history.hpp"

#include <algorithm>

namespace cppvaldi::reduction {

void history::add(event& made, std::uint32_t object, effect what) {
    made.links[made.done.count] = {object, none};
    made.done.add(origins_[object], what);
}

/// `announced_next` is what the starter has announced after the step; null for a step that was not made.
void history::read(event& made, const operation* announced_next) {
    if (made.timed && made.result.failed) {
        add(made, clock_object, effect::write); // time has moved to its deadline
    }
    switch (made.kind) {
    case operation_kind::lock:
    case operation_kind::try_lock:
    case operation_kind::unlock:
    case operation_kind::call_once: read_exclusive(made); break;
    case operation_kind::lock_shared:
    case operation_kind::try_lock_shared:
    case operation_kind::unlock_shared: read_shared(made); break;
    case operation_kind::load:
    case operation_kind::store:
    case operation_kind::exchange:
    case operation_kind::compare_exchange:
    case operation_kind::fetch_modify:
    case operation_kind::read:
    case operation_kind::write: read_value(made, announced_next); break;
    case operation_kind::await_change:
    case operation_kind::wake: read_wake(made); break;
    case operation_kind::sleep: add(made, clock_object, effect::write); break;
    default: read_other(made); break;
    }
    if (made.kind == operation_kind::await_change) {
        read_value(made, announced_next);
    }
}

void history::read_value(event& made, const operation* announced_next) {
    const bool reads = made.kind == operation_kind::load || made.kind == operation_kind::read ||
                       made.kind == operation_kind::await_change || made.result.failed;
    add(made, made.object, reads ? effect::read : effect::write);
    const bool waits_next =
        announced_next != nullptr &&
        (announced_next->kind == operation_kind::await_change || announced_next->kind == operation_kind::wake) &&
        local_object(announced_next->object) == made.object;
    if (waits_next) {
        add(made, made.object, effect::begin_wait); // it has seen the old value, and waits from now on
    }
}

void history::read_exclusive(event& made) {
    const std::uint32_t last = last_on_[made.object];
    std::uint32_t holder = last == none ? none : events_[last / 4].holder;
    std::uint32_t depth = last == none ? 0 : events_[last / 4].depth;
    const bool mine = holder == made.who && depth > 0;
    const bool gives = made.kind == operation_kind::unlock || made.kind == operation_kind::release;
    if (gives) {
        depth -= depth > 0 ? 1 : 0;
        add(made, made.object, depth == 0 ? effect::give : effect::none);
    } else if (made.result.failed) {
        add(made, made.object, made.kind == operation_kind::call_once ? effect::found_done : effect::refused);
    } else if (mine) {
        ++depth; // it had it before, and nobody can tell
        add(made, made.object, effect::none);
    } else {
        holder = made.who;
        depth = 1;
        const bool tries = made.kind == operation_kind::try_lock || made.timed;
        add(made, made.object, tries ? effect::try_take : effect::take);
    }
    made.holder = holder;
    made.depth = depth;
}

void history::read_shared(event& made) {
    if (made.kind == operation_kind::unlock_shared) {
        add(made, made.object, effect::give_shared);
    } else if (made.result.failed) {
        add(made, made.object, effect::refused_shared);
    } else {
        const bool tries = made.kind == operation_kind::try_lock_shared || made.timed;
        add(made, made.object, tries ? effect::try_take_shared : effect::take_shared);
    }
}

/// One that was notified goes on after that, and touches nothing; one that gives up is not among those who wait any more.
void history::read_wake(event& made) {
    if (made.result.failed) {
        add(made, made.object, effect::give_up_wait);
        return;
    }
    collect(made.object, none, none);
    waiting_.clear();
    for (const std::uint32_t each : collected_) {
        const bool waited = waits(made.who);
        change_waiting(each);
        if (waited && !waits(made.who) && events_[each / 4].who != made.who) {
            made.woken_by = each / 4;
        }
    }
}

/// Returns the end of the call of a stop request that was going on when `waits`, who waits for that, began to.
std::uint32_t history::end_of_call(const event& waits) const {
    std::uint32_t end = none;
    for (std::uint32_t at = last_on_[waits.object]; at != none; at = events_[at / 4].links[at % 4].before) {
        if (waits.before != none && at / 4 < waits.before) {
            break;
        }
        if (events_[at / 4].result.left != events_[at / 4].result.before) {
            end = at / 4;
        }
    }
    return end;
}

void history::read_other(event& made) {
    const bool refused = made.result.failed;
    switch (made.kind) {
    case operation_kind::started:
    case operation_kind::checkpoint:
    case operation_kind::finished:
    case operation_kind::join:
    case operation_kind::yield:
    case operation_kind::fence:
    case operation_kind::wait: // for anything: after all that was before
    case operation_kind::await_readable:
    case operation_kind::await_writable: return;

    case operation_kind::release_and_wait: {
        const bool spuriously = made.value_count > 0 && values_of(made)[0] == 1;
        add(made, made.object, spuriously ? effect::none : effect::begin_wait);
        if (made.result.given_up != object_id{}) {
            add(made, local_object(made.result.given_up), effect::give);
        }
        return;
    }
    case operation_kind::notify_one:
    case operation_kind::notify_all:
        collect(made.object, none, none);
        find_waiting();
        add(made, made.object, waiting_.empty() ? effect::notify_nobody : effect::notify);
        return;

    case operation_kind::acquire:
    case operation_kind::try_acquire: {
        const bool tries = made.kind == operation_kind::try_acquire || made.timed;
        add(made, made.object, refused ? effect::acquire_refused : tries ? effect::try_acquire : effect::acquire);
        return;
    }
    case operation_kind::release: {
        const std::uint32_t last = last_on_[made.object];
        if (last != none && events_[last / 4].holder == made.who && events_[last / 4].depth > 0) {
            read_exclusive(made); // the end of what is done once
        } else {
            add(made, made.object, effect::release);
        }
        return;
    }
    case operation_kind::arrive:
        add(made, made.object, made.result.ordered ? effect::ordered_signal : effect::signal);
        return;
    case operation_kind::count_down:
    case operation_kind::set_value: add(made, made.object, effect::signal); return;

    case operation_kind::await: {
        const std::uint32_t last = last_on_[made.object];
        const effect before = last == none ? effect::none : events_[last / 4].done.touches[last % 4].what;
        const bool counts = before >= effect::signal;
        add(made, made.object,
            made.access == access_kind::none ? effect::look
            : counts                         ? effect::await
                                             : effect::await_free);
        return;
    }
    case operation_kind::await_value:
        if (made.access == access_kind::update) {
            add(made, made.object, effect::write);
        } else if (made.access == access_kind::read || refused) {
            add(made, made.object, effect::look);
        } else {
            add(made, made.object, made.timed ? effect::await_timed : effect::await);
        }
        return;

    case operation_kind::remove_callback:
        if (made.access == access_kind::acquire) {
            made.woken_by = end_of_call(made);
            return;
        }
        [[fallthrough]];
    default: // stop requests, and what is to come: by what they say of themselves
        if (made.access != access_kind::none) {
            add(made, made.object, made.access == access_kind::read || refused ? effect::read : effect::write);
        }
        return;
    }
}

// --- what would have been ---

/// Collects the links on an object of the steps before `until`: all, or those that would also be there if that at `without` had not
/// been made yet.
void history::collect(std::uint32_t object, std::uint32_t until, std::uint32_t without) {
    collected_.clear();
    for (std::uint32_t at = last_on_[object]; at != none; at = events_[at / 4].links[at % 4].before) {
        if (at / 4 >= until) {
            continue;
        }
        if (without == none || (at / 4 != without && is_kept(at / 4, without))) {
            collected_.push_back(at);
        }
    }
    std::reverse(collected_.begin(), collected_.end());
}

/// Whether a lock on which that is all that was done could be taken.
bool history::is_free_for(effect wanted) const {
    std::int64_t alone = 0;
    std::int64_t sharing = 0;
    for (const std::uint32_t each : collected_) {
        switch (events_[each / 4].done.touches[each % 4].what) {
        case effect::take:
        case effect::try_take: ++alone; break;
        case effect::give: --alone; break;
        case effect::take_shared:
        case effect::try_take_shared: ++sharing; break;
        case effect::give_shared: --sharing; break;
        default: break;
        }
    }
    const bool to_share =
        wanted == effect::take_shared || wanted == effect::try_take_shared || wanted == effect::refused_shared;
    return alone == 0 && (to_share || sharing == 0);
}

/// How many permits a semaphore would have after the steps that were collected without that at `without`.
std::uint64_t history::permits(std::uint32_t without) const {
    std::uint64_t left = events_[without].result.before;
    for (const std::uint32_t each : collected_) {
        const event& other = events_[each / 4];
        if (each / 4 > without && !other.result.failed) {
            left += other.result.left - other.result.before; // wraps around for those that acquire
        }
    }
    return left;
}

/// Finds who waits after the steps that were collected, in the order in which they began to.
void history::find_waiting() {
    waiting_.clear();
    for (const std::uint32_t each : collected_) {
        change_waiting(each);
    }
}

void history::change_waiting(std::uint32_t link) {
    const event& made = events_[link / 4];
    switch (made.done.touches[link % 4].what) {
    case effect::begin_wait: waiting_.push_back(made.who); break;
    case effect::give_up_wait: std::erase(waiting_, made.who); break;
    case effect::notify:
        if (made.kind == operation_kind::notify_all) {
            waiting_.clear();
        } else if (!waiting_.empty()) {
            const std::size_t chosen = waiting_.size() > 1 && made.value_count > 0 ? values_of(made)[0] : 0;
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(chosen, waiting_.size() - 1)));
        }
        break;
    default: break;
    }
}

bool history::waits(std::uint32_t who) const {
    return std::find(waiting_.begin(), waiting_.end(), who) != waiting_.end();
}

bool history::could_come_first(std::uint32_t first, const event& second, std::uint8_t which) {
    collect(second.links[which].object, none, first);
    const effect wanted = second.done.touches[which].what;
    if (wanted == effect::acquire) {
        return permits(first) > 0;
    }
    return is_free_for(wanted);
}

/// What the second step of a race does to one of its objects if it is made before the first.
effect history::effect_before(std::uint32_t first, const event& second, std::uint8_t which) {
    const effect now = second.done.touches[which].what;
    if (now <= effect::take) { // a read is one everywhere, and so is a write that compares nothing
        return now;
    }
    const std::uint32_t object = second.links[which].object;
    const event& other = events_[first];
    const bool both = std::any_of(other.links.begin(), other.links.begin() + other.done.count,
                                  [&](const event::link& each) { return each.object == object; });
    if (!both) {
        return now;
    }
    collect(object, position_of(second), first);
    switch (now) {
    case effect::try_take:
    case effect::refused: return is_free_for(now) ? effect::try_take : effect::refused;
    case effect::try_take_shared:
    case effect::refused_shared: return is_free_for(now) ? effect::try_take_shared : effect::refused_shared;
    case effect::found_done: return effect::take;
    case effect::try_acquire:
    case effect::acquire_refused: return permits(first) > 0 ? effect::try_acquire : effect::acquire_refused;
    case effect::notify:
    case effect::notify_nobody: find_waiting(); return waiting_.empty() ? effect::notify_nobody : effect::notify;
    case effect::await_timed: return effect::look;
    default: return now;
    }
}

deed history::deed_before(std::uint32_t first, const event& second) {
    deed there;
    const event& other = events_[first];
    const bool replaced =
        std::any_of(other.done.touches.begin(), other.done.touches.begin() + other.done.count, [&](const touch& each) {
            return each.what == effect::write && each.object == origins_[second.object];
        });
    if (replaced && second.result.compared) {
        const bool would_fail = other.result.has_found && other.result.found != second.result.expected;
        if (second.kind == operation_kind::compare_exchange) {
            there.add(origins_[second.object], would_fail ? effect::read : effect::write);
        } else {
            there.add(origins_[second.object], effect::read);
            if (!would_fail) {
                there.add(origins_[second.object], effect::begin_wait);
            }
        }
        return there;
    }
    bool gives_up = false;
    for (std::uint8_t which = 0; which < second.done.count; ++which) {
        if (second.links[which].object != clock_object) {
            const effect what = effect_before(first, second, which);
            there.add(second.done.touches[which].object, what);
            gives_up = gives_up || is_giving_up(what);
        }
    }
    if (second.woken_by == first && second.timed) {
        there.add(origins_[second.object], effect::give_up_wait);
        gives_up = true;
    }
    if (second.kind == operation_kind::sleep || (second.timed && gives_up)) {
        there.add(origins_[clock_object], effect::write);
    }
    return there;
}

} // namespace cppvaldi::reduction
