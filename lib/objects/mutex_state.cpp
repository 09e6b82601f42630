#include <cppvaldi/detail/mutex_state.hpp>

#include "objects/here.hpp"
#include <cppvaldi/detail/saved_registers.hpp>

#include <utility>

namespace cppvaldi::detail {

namespace {

mutex_state& as_mutex(object& what) noexcept { return static_cast<mutex_state&>(what); }

bool is_available_to(const object& what, starter_id who) noexcept {
    const auto& mutex = static_cast<const mutex_state&>(what);
    return mutex.depth == 0 || (mutex.when_locked_again == mutex_state::again::counted && mutex.holder == who);
}

bool is_unlocked(const object& what, starter_id) noexcept { return static_cast<const mutex_state&>(what).depth == 0; }

/// Numbers a mutex that this execution has not met. One that a starter of an earlier execution has left locked is free again; it
/// is reported, unless that execution was cut short.
void meet_first(mutex_state& mutex, execution& in) {
    const bool left_locked = mutex.depth > 0 && mutex.holder != nobody;
    const std::uint64_t by = mutex.execution_serial;
    if (in.unwinding() || !in.adopt(mutex) || !left_locked) {
        return;
    }
    mutex.depth = 0;
    if (in.comes_after(by)) {
        throw usage_error(text_of(mutex) + " was left locked by an earlier execution" + at_text(mutex.held_since) +
                          "; unlock it there, or make it anew in each execution");
    }
}

void meet(mutex_state& mutex, execution& in) {
    if (mutex.execution_serial != in.serial()) {
        meet_first(mutex, in);
    }
}

void take(mutex_state& mutex, execution& in, const place& where) {
    if (!in.unwinding() && mutex.depth++ == 0) {
        mutex.holder = in.running();
        mutex.held_since = where;
        in.order(clock_step::acquire, mutex.id);
        tell_waiting(mutex);
    }
}

/// Outside executions there is nobody to wait for.
bool try_take_outside(mutex_state& mutex, const place& where) noexcept {
    const bool mine =
        mutex.depth == 0 || (mutex.holder == nobody && mutex.when_locked_again == mutex_state::again::counted);
    if (mine) {
        ++mutex.depth;
        mutex.holder = nobody;
        mutex.held_since = where;
        tell_waiting(mutex);
    }
    return mine;
}

void take_outside(mutex_state& mutex, const place& where) {
    if (!try_take_outside(mutex, where)) {
        throw usage_error(text_of(mutex) + " is locked" + at_text(where) +
                          " outside an execution, where nobody can be waited for, and it is not free" +
                          at_text(mutex.held_since));
    }
}

/// Reports who would wait for itself, or have an answer that the standard does not define.
void refuse_again(const mutex_state& mutex, const place& where) {
    if (mutex.depth > 0 && mutex.when_locked_again == mutex_state::again::refused && has(mutex) && !unwinding()) {
        throw usage_error(text_of(mutex) + " is locked" + at_text(where) + " by who has it already" +
                          at_text(mutex.held_since) + "; use a recursive mutex, or do not lock twice");
    }
}

void await_unlocked(mutex_state& mutex, const place& where) {
    if (here() == nullptr) {
        take_outside(mutex, where); // which fails: it is not free
        return;
    }
    here()->perform(mutex, announced(operation_kind::await, access_kind::read, where), &is_unlocked);
}

} // namespace

mutex_state::~mutex_state() {
    if (goes_with_an_exception(*this)) {
        return;
    }
    if (depth > 0 && here() != nullptr && execution_serial == here()->serial()) {
        report_misuse(text_of(*this) + " is destroyed while it is locked" + holder_text(*this) + "; unlock it first");
    } else {
        report_if_waited_for(*this);
    }
}

void lock(mutex_state& mutex, const place& where) {
    execution* const in = here();
    if (in == nullptr) {
        take_outside(mutex, where);
        return;
    }
    if (in->looking()) {
        return;
    }
    meet(mutex, *in);
    refuse_again(mutex, where);
    in->perform(mutex, announced(operation_kind::lock, access_kind::acquire, where), &is_available_to);
    take(mutex, *in, where);
}

bool try_lock(mutex_state& mutex, const place& where) {
    execution* const in = here();
    if (in == nullptr) {
        return try_take_outside(mutex, where);
    }
    if (in->looking()) {
        return true;
    }
    meet(mutex, *in);
    refuse_again(mutex, where);
    note_look(CPPVALDI_SAVED_REGISTERS());
    in->perform(mutex, announced(operation_kind::try_lock, access_kind::acquire, where), nullptr);
    if (!is_available_to(mutex, in->running()) && !in->unwinding()) {
        in->failed();
        return false;
    }
    take(mutex, *in, where);
    return true;
}

bool try_lock_until(mutex_state& mutex, deadline until, const place& where) {
    execution* const in = here();
    if (in == nullptr) {
        return try_take_outside(mutex, where);
    }
    if (in->looking()) {
        return true;
    }
    meet(mutex, *in);
    refuse_again(mutex, where);
    if (!in->perform_until(mutex, announced(operation_kind::lock, access_kind::acquire, where), &is_available_to,
                           until) &&
        !in->unwinding()) {
        return false;
    }
    take(mutex, *in, where);
    return true;
}

bool has(const mutex_state& mutex) noexcept {
    const execution* const in = here();
    if (in == nullptr) {
        return mutex.depth > 0 && mutex.holder == nobody;
    }
    return mutex.depth > 0 && mutex.holder == in->running() && mutex.execution_serial == in->serial();
}

namespace {

void refuse_to_unlock(const mutex_state& mutex, const place& where) {
    if (!unwinding()) {
        report_misuse(text_of(mutex) + " is unlocked" + at_text(where) + " by who does not have it: " +
                      (mutex.depth == 0 ? "it is free" : "it is locked" + at_text(mutex.held_since)) +
                      "; unlock it where it was locked, and once");
    }
}

} // namespace

void unlock(mutex_state& mutex, const place& where) {
    execution* const in = here();
    if (in != nullptr && in->looking()) {
        return;
    }
    if (!has(mutex)) {
        refuse_to_unlock(mutex, where);
        return;
    }
    if (in != nullptr) {
        in->perform_always(mutex, announced(operation_kind::unlock, access_kind::release, where));
    }
    if (--mutex.depth == 0) {
        if (in != nullptr) {
            in->order(clock_step::release, mutex.id);
        }
        mutex.holder = nobody;
        tell_waiting(mutex);
    }
}

lockable lockable_of(mutex_state& mutex) noexcept {
    static constexpr lockable::rules rules{
        .meet = [](object& what) { detail::meet(as_mutex(what), *here()); },
        .lock = [](object& what, const place& where) { lock(as_mutex(what), where); },
        .try_lock = [](object& what, const place& where) { return try_lock(as_mutex(what), where); },
        .unlock = [](object& what, const place& where) { unlock(as_mutex(what), where); },
        .await_unlocked = [](object& what, const place& where) { await_unlocked(as_mutex(what), where); }};
    return {&mutex, &rules};
}

} // namespace cppvaldi::detail
