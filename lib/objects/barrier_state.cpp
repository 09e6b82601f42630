#include <cppvaldi/detail/barrier_state.hpp>

#include "objects/here.hpp"

#include <string>

namespace cppvaldi::detail {

namespace {

/// `wait_ticket` is the phase that a waiter waits for.
bool is_over(const object& what, starter_id who) noexcept {
    return static_cast<const barrier_state&>(what).phase != what.met_by->starters()[who].wait_ticket;
}

std::string who_is_missing(const object& what, const execution& in) {
    const auto& barrier = static_cast<const barrier_state&>(what);
    if (barrier.completing) {
        return ", whose completion function is run by " + std::string(in.name_of(barrier.holder)) +
               at_text(barrier.held_since);
    }
    return ", where " + std::to_string(barrier.missing) + " arrivals are missing";
}

/// Numbers a barrier that this execution has not met, and begins anew with it. One that was left in the middle of a phase, by an
/// execution that was not cut short, is reported.
void meet(barrier_state& barrier) {
    const std::uint64_t by = barrier.execution_serial;
    if (here()->unwinding() || !here()->adopt(barrier)) {
        return;
    }
    barrier.remark = &who_is_missing;
    if (by == 0) {
        return; // what code outside executions has done stays
    }
    const std::ptrdiff_t left = barrier.missing;
    const bool as_it_was = barrier.expected == barrier.constructed_with && left == barrier.expected;
    barrier.expected = barrier.missing = barrier.constructed_with;
    barrier.completing = false;
    if (!as_it_was && here()->comes_after(by)) {
        throw usage_error(
            text_of(barrier) + " was left with " + std::to_string(left) +
            " arrivals missing by an earlier execution; let all arrive, or make it anew in each execution");
    }
}

void complete(barrier_state& barrier, completion_step completion, const place& where) {
    barrier.completing = true;
    barrier.holder = here() == nullptr ? nobody : here()->running();
    barrier.held_since = where;
    tell_waiting(barrier);
    if (here() != nullptr) {
        here()->order(clock_step::acquire_gathered, barrier.id);
    }
    completion.call(completion.context);
    if (unwinding()) {
        return;
    }
    if (here() != nullptr) {
        here()->order(clock_step::release, barrier.id);
    }
    barrier.completing = false;
    barrier.holder = nobody;
    barrier.missing = barrier.expected;
    ++barrier.phase;
    tell_waiting(barrier);
}

} // namespace

barrier_state::~barrier_state() { report_if_waited_for(*this); }

std::uint64_t arrive(barrier_state& barrier, std::ptrdiff_t update, next_phase then, completion_step completion,
                     const place& where) {
    if (here() != nullptr) {
        meet(barrier);
        here()->perform(barrier, announced(operation_kind::arrive, access_kind::release, where), nullptr);
    }
    if (unwinding()) {
        return barrier.phase;
    }
    if (update <= 0 || update > barrier.missing) {
        throw usage_error(text_of(barrier) + " is arrived at" + at_text(where) + " by " + std::to_string(update) +
                          ", but in this phase " + std::to_string(barrier.missing) + " arrivals are missing" +
                          (barrier.completing ? " and the completion function is running" : "") +
                          "; construct it with as many as arrive");
    }
    const std::uint64_t phase = barrier.phase;
    barrier.missing -= update;
    if (here() != nullptr) {
        here()->note_left(barrier.missing + update, barrier.missing);
        here()->note_ordered(completion.does_something);
        here()->order(clock_step::gather, barrier.id);
    }
    if (then == next_phase::drops_out) {
        --barrier.expected;
    }
    if (barrier.missing == 0) {
        complete(barrier, completion, where);
    }
    return phase;
}

void wait(barrier_state& barrier, std::uint64_t phase, const place& where) {
    if (unwinding()) {
        here()->perform(barrier, announced(operation_kind::await, access_kind::read, where), nullptr);
        return;
    }
    if (here() != nullptr) {
        meet(barrier);
    }
    if (phase != barrier.phase && phase + 1 != barrier.phase) {
        throw usage_error(
            text_of(barrier) + " is waited for" + at_text(where) +
            " with a token of a phase that is long over; wait with each token before the next phase ends");
    }
    if (here() == nullptr) {
        if (phase == barrier.phase) {
            throw usage_error(text_of(barrier) + " is waited for" + at_text(where) +
                              " outside an execution, where nobody can be waited for");
        }
        return;
    }
    here()->starters()[here()->running()].wait_ticket = phase;
    here()->perform(barrier, announced(operation_kind::await, access_kind::read, where), &is_over);
    here()->order(clock_step::acquire, barrier.id);
}

} // namespace cppvaldi::detail
