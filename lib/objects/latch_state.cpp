#include <cppvaldi/detail/latch_state.hpp>

#include "objects/here.hpp"

#include <cppvaldi/detail/saved_registers.hpp>

#include <string>

namespace cppvaldi::detail {

namespace {

bool is_at_zero(const object& what, starter_id) noexcept { return static_cast<const latch_state&>(what).count == 0; }

std::string what_is_left(const object& what, const execution&) {
    return ", which is at " + std::to_string(static_cast<const latch_state&>(what).count);
}

/// Numbers a latch that this execution has not met. It begins with what code outside executions has left there. Another count,
/// left by an execution that was not cut short, is reported.
void meet(latch_state& latch) noexcept {
    const std::uint64_t by = latch.execution_serial;
    if (here()->unwinding() || !here()->adopt(latch)) {
        return;
    }
    latch.remark = &what_is_left;
    const std::ptrdiff_t left = latch.count;
    latch.count = latch.count_outside;
    if (left != latch.count && here()->comes_after(by)) {
        report_misuse(text_of(latch) + " was counted down from " + std::to_string(latch.count) + " to " +
                      std::to_string(left) + " by an earlier execution; a latch is used once, make it anew in each");
    }
}

} // namespace

latch_state::~latch_state() { report_if_waited_for(*this); }

void count_down(latch_state& latch, std::ptrdiff_t update, const place& where) {
    if (here() != nullptr) {
        meet(latch);
        here()->perform_always(latch, announced(operation_kind::count_down, access_kind::release, where));
        here()->note_found(latch.count == 0 ? 1 : 0);
    }
    if (unwinding()) {
        return;
    }
    if (update < 0 || update > latch.count) {
        throw usage_error(text_of(latch) + " is counted down" + at_text(where) + " by " + std::to_string(update) +
                          ", but it is at " + std::to_string(latch.count) +
                          "; construct it with as many as count down in all");
    }
    latch.count -= update;
    if (here() == nullptr) {
        latch.count_outside -= update;
    } else {
        here()->order(clock_step::release_too, latch.id);
    }
    tell_waiting(latch);
}

bool try_wait(latch_state& latch, const place& where) noexcept {
    if (here() != nullptr) {
        meet(latch);
        note_look(CPPVALDI_SAVED_REGISTERS());
        here()->perform_always(latch, announced(operation_kind::await, access_kind::none, where)); // it only looks
        here()->note_found(latch.count == 0 ? 1 : 0);
        if (latch.count == 0) {
            here()->order(clock_step::acquire, latch.id);
        }
    }
    return latch.count == 0 || unwinding();
}

void wait(latch_state& latch, const place& where) {
    if (here() == nullptr) {
        if (latch.count > 0) {
            throw usage_error(text_of(latch) + " is waited for" + at_text(where) +
                              " outside an execution, where nobody can be waited for, and it is at " +
                              std::to_string(latch.count));
        }
        return;
    }
    meet(latch);
    here()->perform(latch, announced(operation_kind::await, access_kind::read, where), &is_at_zero);
    here()->order(clock_step::acquire, latch.id);
}

} // namespace cppvaldi::detail
