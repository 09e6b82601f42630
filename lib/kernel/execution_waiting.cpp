/// What a starter does at its scheduling points: announce, wait its turn, and go on.

#include "assert.hpp"
#include "kernel/execution.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <string>

namespace cppvaldi {

namespace {

/// After so many reads of plain memory without a scheduling point there is one.
constexpr std::uint32_t most_plain_reads = 200;

} // namespace

void execution::reach(std::string_view name, const checkpoint_value* value, const place& where) {
    if (looking_) {
        return;
    }
    if (unwinding_) {
        keep_unwinding();
        return;
    }
    operation announced;
    announced.kind = operation_kind::checkpoint;
    announced.label = labels_.intern(name);
    announced.where = where;
    announced.value = value;
    if (announced.label <= implicit_label::blocked) {
        refuse_name(name, where);
    }
    announce(false) = announced;
    note(step::what::reached, announced);
    reschedule();
    performs(announced.kind, announced.access);
    if (unwinding_) {
        keep_unwinding();
    }
}

void execution::refuse_name(std::string_view name, const place& where) {
    throw usage_error("checkpoint(\"" + std::string(name) + "\") at " + where.text() + ": '" + std::string(name) +
                      "' is a checkpoint that every starter has of itself; choose another name");
}

bool execution::try_reach(std::string_view name, const place& where) {
    if (unwinding_) {
        refuse();
        return false;
    }
    try {
        reach(name, nullptr, where);
    } catch (const unwinding_signal&) {
        return false;
    }
    return !unwinding_;
}

/// Where nothing is announced: while the execution is unwound, or somebody only looks at the world.
execution::completion execution::perform_aside(object& on, completion_test can_complete) {
    if (unwinding_) {
        pass_unwound();
        return completion::unwound;
    }
    adopt(on);
    return can_complete == nullptr || can_complete(on, running_) ? completion::done : completion::timed_out;
}

execution::completion execution::perform_quietly(object& on, const operation& announced, completion_test can_complete,
                                                 virtual_time deadline) {
    if (unwinding_ || looking_) [[unlikely]] {
        return perform_aside(on, can_complete);
    }
    if (on.execution_serial != serial_) {
        adopt(on);
    }
    const bool is_late = deadline <= now_;
    operation& mine = announce(can_complete == nullptr || is_late); // who only looks may rest
    write_down(mine, announced, on.id);
    mine.timed = deadline != never;
    if (can_complete == nullptr) {
        reschedule();
        return unwinding_ ? completion::unwound : completed(pending_[index(running_)]);
    }
    const bool waits = !can_complete(on, running_) && !is_late;
    if (waits) {
        begin_to_wait(on, mine, deadline);
    } else if (announced.kind == operation_kind::join) {
        forced_.insert(running_);
    }
    const starter_id next = decide();
    if (next == running_ && !waits && !is_late) { // nobody else has acted meanwhile
        return completed(mine);
    }
    return await_turn(next, on, can_complete, deadline, is_late);
}

void execution::begin_to_wait(object& on, const operation& announced, virtual_time deadline) {
    starter_record& self = starters_[running_];
    self.deadline = deadline;
    self.timed_out = false;
    note(step::what::blocked, announced);
    self.waits_on = &on;
    block(self, announced.kind);
}

/// Goes on as soon as it is chosen, which is now if `next` is who asks.
execution::completion execution::await_turn(starter_id next, object& on, completion_test can_complete,
                                            virtual_time deadline, bool is_late) {
    starter_record& self = starters_[running_];
    bool is_gone = false;
    if (next != running_) { // nobody else acts before that, so nobody looks for us at `on`
        self.deadline = deadline;
        self.timed_out = is_late;
        link(on, self, can_complete);
        suspend(next);
        is_gone = self.waits_on == nullptr;
        unlink(self);
    }
    self.waits_on = nullptr;
    self.waits_for_ever = false;
    if (deadline != never) {
        timers_.remove(self.id);
        could_time_out_.erase(self.id);
    }
    if (unwinding_) {
        return completion::unwound;
    }
    const operation& mine = pending_[index(self.id)];
    if (is_gone || can_complete(on, self.id)) {
        return completed(mine);
    }
    CPPVALDI_ASSERT(deadline.count(), !=, never.count(), "rule 2: only what can complete is chosen");
    if (deadline > now_) { // a strategy may let the deadline pass although others can run
        now_ = deadline;
        wake_who_is_due();
    }
    last_changed_nothing_ = mine.kind != operation_kind::sleep;
    asked_.last.failed = true;
    return completion::timed_out;
}

std::int64_t* execution::access_plainly(object_id on, access_request asked, const place& where) {
    if (unwinding_ || looking_) {
        return access(on, asked, where);
    }
    if (options_.shared_accesses_switch || plain_reads_ >= most_plain_reads) {
        std::int64_t* const noted = access(on, asked, where);
        return mode_.races && !unwinding_ ? watch_access(on, asked, where, noted) : noted;
    }
    if (asked.access == access_kind::read) {
        ++plain_reads_;
    } else {
        plain_reads_ = 0;
        last_changed_nothing_ = false;
    }
    std::int64_t* const noted = note_access(on, asked, where);
    return mode_.races ? watch_access(on, asked, where, noted) : noted;
}

std::int64_t* execution::pass_access(std::uint32_t limit) {
    if (!unwinding_) {
        return nullptr;
    }
    if (starters_[running_].points_unwound >= limit) {
        keep_unwinding();
    } else {
        pass_unwound();
    }
    return nullptr;
}

/// Takes out of the enabled who has something to wait for, unless a strategy may decide that the wait times out.
void execution::block(starter_record& self, operation_kind kind) {
    if (self.deadline != never && !timers_.contains(self.id)) {
        timers_.add(self.id, self.deadline);
    }
    if (self.deadline != never && mode_.timeouts_are_decisions && kind != operation_kind::sleep) {
        could_time_out_.insert(self.id); // being chosen before the event is what a timeout is
        return;
    }
    enabled_.erase(self.id);
    self.waits_for_ever = self.deadline == never;
    if (closes_cycle(self)) {
        cycle_member_ = self.id;
    }
}

void execution::changed(object& on) {
    for (starter_id waiting = on.first_waiting; waiting != nobody; waiting = starters_[waiting].next_waiting) {
        starter_record& record = starters_[waiting];
        if (record.timed_out || record.can_complete(on, waiting)) {
            record.waits_for_ever = false;
            enable(waiting);
        } else if (!record.waits_for_ever) {
            block(record, pending_[index(waiting)].kind);
        } else if (closes_cycle(record)) { // who has it has changed
            cycle_member_ = waiting;
        }
    }
}

void execution::sleep_until(virtual_time deadline, const place& where) {
    operation announced;
    announced.kind = operation_kind::sleep;
    announced.access = access_kind::update;
    announced.where = where;
    (void)perform_until(
        clock_, announced, [](const object&, starter_id) { return false; }, deadline);
}

bool execution::perform_when_ready(object& on, const operation& announced, int descriptor, short events,
                                   virtual_time deadline) {
    const pollfd asked{descriptor, events, 0};
    return perform_when_ready(on, announced, {&asked, 1}, deadline);
}

bool execution::perform_when_ready(object& on, const operation& announced, std::span<const pollfd> descriptors,
                                   virtual_time deadline) {
    // Who has just announced, or has been chosen, looks for itself: a strategy may choose it before the deadline, to let the
    // wait time out, and what is ready by then has not.
    static constexpr completion_test is_ready = [](const object& what, starter_id who) {
        execution& in = *what.met_by;
        starter_record& record = in.starters_[who];
        record.ready = record.ready || (who == in.running_ && in.descriptors_.is_ready(who));
        return record.ready;
    };
    if (!unwinding_) {
        starters_[running_].ready = false;
        for (const pollfd& each : descriptors) {
            descriptors_.add(running_, each.fd, each.events);
        }
    }
    const completion how = perform_quietly(on, announced, is_ready, deadline);
    if (how == completion::unwound) {
        keep_unwinding();
        return false;
    }
    descriptors_.remove(running_);
    return how == completion::done;
}

void execution::yield(const place& where) {
    if (unwinding_) {
        keep_unwinding();
        return;
    }
    operation announced;
    announced.kind = operation_kind::yield;
    announced.where = where;
    announce(false) = announced;
    rest();
    reschedule();
    if (unwinding_) {
        keep_unwinding();
        return;
    }
    performs(announced.kind, announced.access);
    note(step::what::did, announced);
}

void execution::fault(std::exception_ptr problem) noexcept {
    if (unwinding_ || running_ == nobody) {
        return;
    }
    exception_ = std::move(problem);
    faulted_ = running_;
    suspend(stop(outcome::raised));
    faulted_ = nobody;
}

bool execution::closes_cycle(const starter_record& last) {
    if (!last.waits_for_ever || last.waits_on == nullptr ||
        (last.waits_on->holder == nobody && last.waits_on->sharers == nullptr)) {
        return false;
    }
    fanned_out_.clear();
    return leads_to(last, last.id);
}

/// True if what `from` waits for can only come after `target` has gone on: who shares an object is waited for like who has it
/// alone.
bool execution::leads_to(const starter_record& from, starter_id target) {
    const starter_record* at = &from;
    for (std::size_t length = 0; length <= starters_.size(); ++length) {
        if (!at->waits_for_ever || at->waits_on == nullptr) {
            return false;
        }
        const object& wanted = *at->waits_on;
        const std::span<const starter_id> sharers =
            wanted.sharers == nullptr ? std::span<const starter_id>() : wanted.sharers(wanted);
        if (sharers.size() > 1) {
            if (fanned_out_.contains(at->id)) {
                return false;
            }
            fanned_out_.insert(at->id);
            return std::any_of(sharers.begin(), sharers.end(), [&](starter_id sharer) {
                return sharer == target || leads_to(starters_[sharer], target);
            });
        }
        if (wanted.holder == nobody || wanted.holder == target) {
            return wanted.holder == target;
        }
        at = &starters_[wanted.holder];
    }
    return false;
}

void execution::link(object& on, starter_record& waiting, completion_test can_complete) noexcept {
    waiting.waits_on = &on;
    waiting.can_complete = can_complete;
    waiting.next_waiting = nobody;
    waiting.previous_waiting = on.last_waiting;
    (on.last_waiting == nobody ? on.first_waiting : starters_[on.last_waiting].next_waiting) = waiting.id;
    on.last_waiting = waiting.id;
}

void execution::unlink(starter_record& waiting) noexcept {
    if (waiting.waits_on == nullptr) {
        return; // the object is gone, or will be: the execution is being unwound
    }
    object& on = *waiting.waits_on;
    (waiting.previous_waiting == nobody ? on.first_waiting : starters_[waiting.previous_waiting].next_waiting) =
        waiting.next_waiting;
    (waiting.next_waiting == nobody ? on.last_waiting : starters_[waiting.next_waiting].previous_waiting) =
        waiting.previous_waiting;
    waiting.waits_on = nullptr;
}

void execution::forget_waiting(object& gone) noexcept {
    for (starter_id waiting = gone.first_waiting; waiting != nobody; waiting = starters_[waiting].next_waiting) {
        starters_[waiting].waits_on = nullptr;
    }
    gone.first_waiting = nobody;
    gone.last_waiting = nobody;
}

void detail::forget_waiting(object& gone) noexcept { gone.met_by->forget_waiting(gone); }

} // namespace cppvaldi
