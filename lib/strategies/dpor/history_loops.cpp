/// Loops that only look until others have acted, `while (!flag.load()) {}` say.
///
/// A starter that has come round to the state in which it made an earlier step (`local_state`), and has only looked since, goes
/// round until something that it has looked at is written. It waits for that.
///
/// If it has looked once, such a round counts as no step at all: it conflicts with nothing, and executions that differ in it are
/// one. The look that ends the loop is a step that had to wait, as the acquisition of a lock has: it could not have come before a
/// write that replaced a value with which the loop goes round. A round of several looks counts, for others may act between them,
/// but not the same round again.
///
/// The idea is that of loops that are cut to their last round (spin-assume in GenMC: Kokologiannakis, Ren and Vafeiadis, "Dynamic
/// partial order reductions for spinloops", FMCAD 2021; awaits: the same and Marmanis, "Unblocking dynamic partial order
/// reduction", CAV 2023). Changed: code is not analysed but watched. So where a loop may wait, all writes before are reversed,
/// not only the last one, as that may turn out not to end it; and a value for which that is not known yet is tried once, in an
/// execution that counts as abandoned. Where it was taken for no loop before it was seen to be one, the search begins anew.

#include "strategies/dpor/history.hpp"

#include "fiber/state_number.hpp"

namespace cppvaldi::reduction {

namespace {

constexpr std::size_t most_known = 65'536;
constexpr std::uint64_t factor = 0x9e37'79b9'7f4a'7c15;

bool has_only_looked(const event& made) noexcept {
    if (made.state == 0 || tries(made.kind)) {
        return made.state != 0 && made.result.failed;
    }
    return made.result.has_found && made.value_count == 0 &&
           (only_asks(made.kind)                    ? !made.result.compared
            : made.kind == operation_kind::exchange ? made.result.unchanged
                                                    : made.result.failed);
}

/// What others do that may let who looks go on.
bool may_end_wait(effect what) noexcept {
    return what == effect::write || what == effect::give || what == effect::give_shared || what == effect::release ||
           what == effect::signal;
}

} // namespace

/// Names what a starter finds in a certain state, the same in all executions; 0 if it finds an address, which has no such name.
std::uint64_t history::key_of(const event& look, std::uint64_t found) const noexcept {
    if (may_be_address(found)) {
        return 0;
    }
    std::uint64_t key = lasting_state(look.state);
    for (const std::uint64_t part : {std::uint64_t{look.who}, look.place, origins_[look.object], found}) {
        key = (key ^ part) * factor;
        key ^= key >> 32;
    }
    return key | 1;
}

/// What `second` would find if the step at `first`, which is one on its object, had not been made yet; 0 if that is not known, or
/// it is not one that a loop may wait by.
std::uint64_t history::key_before(std::uint32_t first, const event& second) {
    const event& write = events_[first];
    if (second.state != 0 && tries(second.kind)) {
        return is_giving_up(effect_before(first, second, 0)) ? key_of(second, 0) : 0;
    }
    if (second.state == 0 || !write.result.has_found || write.object != second.object) {
        return 0;
    }
    return key_of(second, write.result.found);
}

/// Looks whether the step that has just been made was the end of a round. Returns true if it is to count as no step at all, and
/// takes back what was taken note of the others of its round then.
bool history::ends_round(event& made, const scheduling_point& point) {
    const auto number = index(lives_[made.who].number);
    const std::uint64_t now = number < point.states.size() ? point.states[number] : 0;
    const operation_kind next = point.pending[number].kind;
    if (now == 0 || !may_look(next) || point.watched ||
        (made.kind != operation_kind::yield && !has_only_looked(made))) {
        return false;
    }
    std::uint32_t from = position_of(made);
    std::uint32_t looks = 0;
    for (;; from = events_[from].before) {
        if (from == none || (events_[from].kind != operation_kind::yield && !has_only_looked(events_[from]))) {
            return false;
        }
        if (!give_up_.empty() && gives_up(events_[from])) {
            return false;
        }
        looks += events_[from].state != 0 ? 1 : 0;
        if (events_[from].state == now) {
            break;
        }
    }
    if (looks == 1) {
        loops_.insert(events_[from].place);
    }
    if (looks > 1 && !is_as_before(from, position_of(made))) {
        made.round_from = from;
        return false;
    }
    return leave_out(from, position_of(made), looks);
}

/// True if the starter has made the same steps just before, and has found the same.
bool history::is_as_before(std::uint32_t from, std::uint32_t until) const {
    std::uint32_t first = events_[from].before;
    for (std::uint32_t second = until; first != none; second = events_[second].before) {
        const event& one = events_[first];
        const event& other = events_[second];
        if (one.kind != other.kind || one.object != other.object || one.result.found != other.result.found) {
            return false;
        }
        if (second == from) {
            return true;
        }
        first = one.before;
    }
    return false;
}

/// Makes the steps of a round count as none, if nobody else has made one in between.
bool history::leave_out(std::uint32_t from, std::uint32_t until, std::uint32_t looks) {
    for (std::uint32_t at = from; at <= until; ++at) {
        if (events_[at].who != events_[until].who || (at < kept_ && from != until)) {
            events_[until].round_from = from;
            return false;
        }
    }
    for (std::uint32_t at = until; at > from; --at) {
        take_back(at - 1);
    }
    for (std::uint32_t at = from; at <= until; ++at) {
        events_[at].in_vain = true;
        events_[at].round_from = from;
        events_[at].done.count = 0;
    }
    if (looks == 1) {
        const std::uint64_t key = key_of(events_[from], events_[from].result.found);
        const auto place = std::lower_bound(in_vain_.begin(), in_vain_.end(), key);
        if (key != 0 && (place == in_vain_.end() || *place != key) && in_vain_.size() < most_known) {
            in_vain_.insert(place, key);
        }
    }
    return true;
}

/// Forgets what the step has done: it was the first part of a round, and none of another starter has been made since.
void history::take_back(std::uint32_t position) {
    event& look = events_[position];
    for (std::uint8_t which = look.done.count; which-- > 0;) {
        last_on_[look.links[which].object] = look.links[which].before;
    }
    lives_[look.who].last = look.before;
    std::erase_if(races_, [position](const race& each) { return each.second == position; });
    std::erase_if(changed_, [position](const changed_race& each) { return each.second == position; });
}

/// True if the object was written after `since` and before `until`, by a step that does not happen after that at `without`.
bool history::is_written(std::uint32_t object, std::uint32_t since, std::uint32_t until, std::uint32_t without) const {
    for (std::uint32_t at = last_on_[object]; at != none && at / 4 > since; at = events_[at / 4].links[at % 4].before) {
        if (at / 4 < until && may_end_wait(events_[at / 4].done.touches[at % 4].what) &&
            (without == none || (at / 4 != without && is_kept(at / 4, without)))) {
            return true;
        }
    }
    return false;
}

/// True if something that was looked at in the round that ends at `last` was written since.
bool history::is_over(std::uint32_t last, std::uint32_t until, std::uint32_t without) const {
    const std::uint32_t from = events_[last].round_from;
    if (events_[last].in_vain) { // its steps are next to each other
        for (std::uint32_t at = from; at <= last; ++at) {
            if (events_[at].state != 0 && is_written(events_[at].object, at, until, without)) {
                return true;
            }
        }
        return false;
    }
    for (std::uint32_t at = last;; at = events_[at].before) {
        if (events_[at].state != 0 && is_written(events_[at].object, at, until, without)) {
            return true;
        }
        if (at == from) {
            return false;
        }
    }
}

bool history::comes_next(const event& made, const scheduling_point& point) const {
    const auto number = index(lives_[made.who].number);
    const operation& next = point.pending[number];
    return next.kind == made.kind && local_object(next.object) == made.object &&
           (made.state == 0 || (number < point.states.size() && point.states[number] == made.state));
}

bool history::waits_in_loop(starter_id id, const scheduling_point& point) const {
    const life& self = lives_[name_of(id)];
    if (self.waited == none || index(id) >= point.states.size()) {
        return false;
    }
    return comes_next(events_[events_[self.waited].round_from], point) && !is_over(self.waited, none, none);
}

/// True if the second of a race would still wait in a loop if the first had not been made.
bool history::would_wait(const race& which) const {
    const std::uint32_t before = events_[which.second].waited;
    if (before == none || (events_[before].in_vain && which.first < before)) {
        return false; // then it would not have begun to wait
    }
    return !is_over(before, which.second, which.first);
}

std::uint64_t history::past_of(std::uint32_t position) const {
    std::uint64_t past = events_[position].who;
    const auto add = [&past](std::uint64_t part) {
        past = (past ^ part) * factor;
        past ^= past >> 32;
    };
    for (std::uint32_t at = position; at != none; at = events_[at].before) {
        const event& made = events_[at];
        add(static_cast<std::uint64_t>(made.kind) * 2 + (made.result.failed ? 1 : 0));
        add(may_be_address(made.result.found) ? 0 : made.result.found);
        add(lasting_state(made.state));
        for (const std::uint32_t value : values_of(made)) {
            add(value);
        }
    }
    return past;
}

namespace {

std::uint64_t starter_and_place(const event& look) noexcept { return look.place * factor + look.who; }

} // namespace

bool history::gives_up(const event& look) const { return give_up_.contains(starter_and_place(look)); }

void history::take_for_steps(std::span<const event> round) {
    for (const event& each : round) {
        if (each.state != 0) {
            give_up_.insert(starter_and_place(each));
        }
    }
    loops_.clear();
    taken_for_plain_.clear();
    in_vain_.clear();
}

/// Says whether a search that began with what was not known then has to begin anew.
bool history::knows_better() {
    const bool better = std::any_of(taken_for_plain_.begin(), taken_for_plain_.end(),
                                    [this](std::uint64_t each) { return loops_.contains(each); });
    if (better) {
        taken_for_plain_.clear();
    }
    return better;
}

} // namespace cppvaldi::reduction
