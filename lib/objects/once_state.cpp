#include <cppvaldi/detail/once_state.hpp>

#include "objects/here.hpp"

namespace cppvaldi::detail {

namespace {

bool is_not_under_way(const object& what, starter_id) noexcept {
    return static_cast<const once_state&>(what).reached != once_state::progress::under_way;
}

/// Numbers a flag that this execution has not met. What an earlier one has done is to be done again, as in a new process.
void meet(once_state& once) {
    if (!unwinding() && here()->adopt(once)) {
        once.reached = once.done_outside ? once_state::progress::done : once_state::progress::not_yet;
    }
}

[[noreturn]] void refuse_again(const once_state& once, const place& where) {
    throw usage_error(text_of(once) + ": call_once" + at_text(where) +
                      " is called by what it is to call, and would wait for itself; it was called first" +
                      at_text(once.held_since));
}

} // namespace

once_state::~once_state() { report_if_waited_for(*this); }

bool begin_once(once_state& once, const place& where) {
    if (here() == nullptr) {
        if (once.reached == once_state::progress::under_way) {
            refuse_again(once, where);
        }
        if (once.reached == once_state::progress::done) {
            return false;
        }
    } else {
        meet(once);
        const bool mine = once.reached == once_state::progress::under_way && once.holder == here()->running();
        if (mine && !unwinding()) {
            refuse_again(once, where);
        }
        here()->perform(once, announced(operation_kind::call_once, access_kind::acquire, where), &is_not_under_way);
        if (unwinding()) {
            return false;
        }
        here()->order(clock_step::acquire, once.id);
        if (once.reached == once_state::progress::done) {
            here()->failed(); // nothing is different
            return false;
        }
        once.holder = here()->running();
    }
    once.reached = once_state::progress::under_way;
    once.held_since = where;
    tell_waiting(once);
    return true;
}

bool begin_once_in_process(once_state& once, const place& where) {
    execution& in = *here();
    while (once.reached == once_state::progress::under_way) {
        const starter_id by = once.holder;
        if (by == in.running()) {
            refuse_again(once, where);
        }
        (void)in.adopt(once); // it is met by who has to wait for it
        once.holder = by;
        in.perform(once, announced(operation_kind::call_once, access_kind::acquire, where), &is_not_under_way);
        if (in.unwinding() || once.reached == once_state::progress::done) {
            return false;
        }
    }
    once.reached = once_state::progress::under_way;
    once.holder = in.running();
    once.held_since = where;
    return true;
}

void end_once_in_process(once_state& once, bool done) noexcept {
    once.reached = done ? once_state::progress::done : once_state::progress::not_yet;
    once.holder = nobody;
    tell_waiting(once);
}

void end_once(once_state& once, bool done, const place& where) noexcept {
    if (here() != nullptr) {
        here()->perform_always(once, announced(operation_kind::release, access_kind::release, where));
        here()->order(clock_step::release, once.id);
    } else {
        once.done_outside = done;
    }
    once.reached = done ? once_state::progress::done : once_state::progress::not_yet;
    once.holder = nobody;
    tell_waiting(once);
}

} // namespace cppvaldi::detail
