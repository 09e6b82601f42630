#pragma once

#include "kernel/execution.hpp"

#include <cstdint>

/// What an execution does at every scheduling point, where a call would cost as much as what is called.

namespace cppvaldi {

/// Keeps count of steps that change nothing, and lets the running starter rest after too many of them. Returns where the pending
/// operation is to be written.
inline operation& execution::announce(bool may_rest) noexcept {
    if (!resting_.empty()) {
        stop_resting(!last_changed_nothing_);
    }
    if (!last_changed_nothing_) {
        idle_steps_ = 0;
        last_changing_step_ = decisions_.size();
    } else if (++idle_steps_ >= most_idle_steps && may_rest) {
        idle_steps_ = 0;
        rest();
    }
    return pending_[index(running_)];
}

/// Notes what is done now: what has only been announced changes nothing yet.
inline void execution::performs(operation_kind kind, access_kind access) noexcept {
    last_changed_nothing_ = changes_nothing(access) && kind != operation_kind::checkpoint;
}

inline starter_id execution::decide() {
    const std::uint64_t taken = decisions_.size();
    const bool clear = cycle_member_ == nobody && watched_.empty() && enabled_.size() > could_time_out_.size() &&
                       taken < last_step_allowed_ && taken - last_changing_step_ < most_quiet_steps;
    return clear ? ask_strategy() : decide_with_care();
}

inline void execution::reschedule() {
    const starter_id next = decide();
    if (next != running_) {
        suspend(next);
    }
}

inline void execution::suspend(starter_id next) {
    fiber& self = starters_[running_].flow;
    idle_steps_ = 0;
    running_ = next;
    self.switch_to(next == nobody ? *driver_ : starters_[next].flow);
}

/// Writes what is announced where it stays, part by part: a copy of what was just written in parts waits for all of them.
inline void execution::write_down(operation& there, const operation& announced, object_id on) noexcept {
    there.kind = announced.kind;
    there.access = announced.access;
    there.object = on;
    there.label = announced.label;
    there.where.file = announced.where.file;
    there.where.line = announced.where.line;
    there.value = announced.value;
}

/// What was announced is done now.
inline execution::completion execution::completed(const operation& announced) {
    performs(announced.kind, announced.access);
    note(step::what::did, announced);
    return completion::done;
}

inline void execution::perform(object& on, const operation& announced, completion_test can_complete) {
    if (perform_quietly(on, announced, can_complete) == completion::unwound) {
        keep_unwinding();
    }
}

inline bool execution::perform_until(object& on, const operation& announced, completion_test can_complete,
                                     virtual_time deadline) {
    const completion how = perform_quietly(on, announced, can_complete, deadline);
    if (how == completion::unwound) {
        keep_unwinding();
    }
    return how == completion::done;
}

inline bool execution::try_access(object_id on, access_request asked, const place& where) {
    if (unwinding_ || looking_) [[unlikely]] {
        return false;
    }
    plain_reads_ = 0;
    operation& mine = announce(true);
    mine.kind = asked.kind;
    mine.access = asked.access;
    mine.timed = false;
    mine.object = on;
    mine.label = implicit_label::started;
    mine.where.file = where.file;
    mine.where.line = where.line;
    mine.value = nullptr;
    reschedule();
    performs(asked.kind, asked.access);
    return !unwinding_;
}

inline std::int64_t* execution::note_access(object_id on, access_request asked, const place& where) {
    if (!mode_.tracing) {
        return noted_elsewhere_;
    }
    step& made = steps_.append();
    made.event = step::what::did;
    made.kind = asked.kind;
    made.format = asked.shown;
    made.failed = false;
    made.starter = running_;
    made.label = implicit_label::started;
    made.object = on;
    made.line = where.line;
    made.file = where.file;
    made.number = 0;
    return &made.number;
}

inline void execution::order(clock_step how, object_id through) {
    if (races_.watching()) [[unlikely]] {
        order_watched(how, through);
    }
}

inline void execution::note_found(std::uint64_t bits) noexcept {
    asked_.last.has_found = true;
    asked_.last.found = bits;
}

inline void execution::note_left(std::ptrdiff_t before, std::ptrdiff_t left) noexcept {
    asked_.last.before = static_cast<std::uint64_t>(before);
    asked_.last.left = static_cast<std::uint64_t>(left);
}

inline void execution::note_expected(std::uint64_t bits, bool known) noexcept {
    if (!mode_.results) {
        return;
    }
    opaque_ = !known;
    asked_.last.compared = true;
    asked_.last.expected = bits;
}

inline void execution::note(step::what event, const operation& noted) {
    if (!mode_.tracing) {
        return;
    }
    step& made = steps_.append();
    made.event = event;
    made.kind = noted.kind;
    made.format = noted.value == nullptr ? value_format::none : noted.value->format;
    made.failed = false;
    made.starter = running_;
    made.label = noted.label;
    made.object = noted.object;
    made.line = noted.where.line;
    made.file = noted.where.file;
    made.number = noted.value == nullptr ? 0 : noted.value->number;
}

} // namespace cppvaldi
