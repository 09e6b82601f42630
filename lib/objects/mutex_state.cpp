#include <cppvaldi/detail/mutex_state.hpp>

#include "objects/here.hpp"

namespace cppvaldi::detail {

namespace {

const mutex_state& as_mutex(const object& what) noexcept { return static_cast<const mutex_state&>(what); }

bool is_available_to(const object& what, starter_id who) noexcept {
    const mutex_state& mutex = as_mutex(what);
    return mutex.depth == 0 || (mutex.when_locked_again == mutex_state::again::counted && mutex.holder == who);
}

/// Numbers a mutex that this execution has not met. One that a starter of an earlier execution has left locked is reported, once.
void meet(mutex_state& mutex) {
    const bool left_locked = mutex.depth > 0 && mutex.holder != nobody;
    const place since = mutex.held_since;
    if (here()->adopt(mutex) && left_locked) {
        mutex.depth = 0;
        throw usage_error(text_of(mutex) + " was left locked by an earlier execution" + at_text(since) +
                          "; unlock it there, or make it anew in each execution");
    }
}

void take(mutex_state& mutex, const place& where) {
    if (mutex.depth++ == 0) {
        mutex.holder = here()->running();
        mutex.held_since = where;
        here()->changed(mutex);
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
    }
    return mine;
}

[[noreturn]] void refuse_again(const mutex_state& mutex, const place& where) {
    throw usage_error(text_of(mutex) + " is locked" + at_text(where) + " by who has it already" +
                      at_text(mutex.held_since) + "; use a recursive mutex, or do not lock twice");
}

} // namespace

mutex_state::~mutex_state() {
    if (depth > 0 && here() != nullptr && execution_serial == here()->serial()) {
        report_misuse(text_of(*this) + " is destroyed while it is locked" + at_text(held_since) + "; unlock it first");
    }
}

void lock(mutex_state& mutex, const place& where) {
    if (here() == nullptr) {
        if (!try_take_outside(mutex, where)) {
            throw usage_error(text_of(mutex) + " is locked" + at_text(where) +
                              " outside an execution, where nobody can be waited for, and it is not free" +
                              at_text(mutex.held_since));
        }
        return;
    }
    meet(mutex);
    if (mutex.depth > 0 && mutex.holder == here()->running() &&
        mutex.when_locked_again == mutex_state::again::refused) {
        refuse_again(mutex, where);
    }
    here()->perform(mutex, announced(operation_kind::lock, access_kind::acquire, where), &is_available_to);
    take(mutex, where);
}

bool try_lock(mutex_state& mutex, const place& where) {
    if (here() == nullptr) {
        return try_take_outside(mutex, where);
    }
    meet(mutex);
    here()->perform(mutex, announced(operation_kind::try_lock, access_kind::acquire, where), nullptr);
    if (!is_available_to(mutex, here()->running())) {
        here()->failed();
        return false;
    }
    take(mutex, where);
    return true;
}

bool try_lock_until(mutex_state& mutex, deadline until, const place& where) {
    if (here() == nullptr) {
        return try_take_outside(mutex, where);
    }
    meet(mutex);
    if (!here()->perform_until(mutex, announced(operation_kind::lock, access_kind::acquire, where), &is_available_to,
                               until)) {
        return false;
    }
    take(mutex, where);
    return true;
}

void unlock(mutex_state& mutex, const place& where) {
    execution* const in = here();
    const starter_id caller = in == nullptr ? nobody : in->running();
    if (in != nullptr && mutex.execution_serial != in->serial() && mutex.depth > 0 && mutex.holder == nobody) {
        in->adopt(mutex); // locked outside, before this execution
    }
    const bool mine = mutex.depth > 0 &&
                      (in == nullptr || mutex.holder == nobody || mutex.execution_serial == in->serial()) &&
                      mutex.holder == caller;
    if (!mine) {
        if (in == nullptr || !in->unwinding()) {
            report_misuse(text_of(mutex) + " is unlocked" + at_text(where) + " by who does not have it: " +
                          (mutex.depth == 0 ? std::string("it is free") : "it is locked" + at_text(mutex.held_since)) +
                          "; unlock it where it was locked, and once");
        }
        return;
    }
    if (in != nullptr) {
        in->perform_always(mutex, announced(operation_kind::unlock, access_kind::release, where));
    }
    if (--mutex.depth == 0) {
        mutex.holder = nobody;
        if (mutex.first_waiting != nobody) {
            mutex.met_by->changed(mutex);
        }
    }
}

} // namespace cppvaldi::detail
