#include <cppvaldi/detail/semaphore_state.hpp>

#include "objects/here.hpp"
#include <cppvaldi/detail/saved_registers.hpp>

#include <string>

namespace cppvaldi::detail {

namespace {

bool has_permits(const object& what, starter_id) noexcept {
    return static_cast<const semaphore_state&>(what).count > 0;
}

std::string no_permits(const object&, const execution&) { return ", which has no permits"; }

/// Numbers a semaphore that this execution has not met. It begins with what code outside executions has left there. Another
/// count, left by an execution that was not cut short, is reported.
void meet(semaphore_state& semaphore) noexcept {
    const std::uint64_t by = semaphore.execution_serial;
    if (here()->unwinding() || !here()->adopt(semaphore)) {
        return;
    }
    semaphore.remark = &no_permits;
    const std::ptrdiff_t left = semaphore.count;
    semaphore.count = semaphore.count_outside;
    if (left != semaphore.count && here()->comes_after(by)) {
        report_misuse(text_of(semaphore) + " was left with " + std::to_string(left) +
                      " permits by an earlier execution that found " + std::to_string(semaphore.count) +
                      "; give back what is taken, or make it anew in each execution");
    }
}

void take(semaphore_state& semaphore) {
    if (unwinding()) {
        return;
    }
    --semaphore.count;
    if (here() == nullptr) {
        --semaphore.count_outside;
    } else {
        here()->note_left(semaphore.count + 1, semaphore.count);
        here()->order(clock_step::acquire, semaphore.id);
    }
    tell_waiting(semaphore);
}

bool try_take(semaphore_state& semaphore) {
    if (semaphore.count == 0 && !unwinding()) {
        return false;
    }
    take(semaphore);
    return true;
}

} // namespace

void refuse_count(const char* call, std::ptrdiff_t value, std::ptrdiff_t lowest, std::ptrdiff_t highest) {
    throw usage_error(std::string(call) + ": " + std::to_string(value) + " is not from " + std::to_string(lowest) +
                      " to " + std::to_string(highest));
}

semaphore_state::~semaphore_state() { report_if_waited_for(*this); }

void acquire(semaphore_state& semaphore, const place& where) {
    if (here() == nullptr) {
        if (!try_take(semaphore)) {
            throw usage_error(text_of(semaphore) + " is acquired" + at_text(where) +
                              " outside an execution, where nobody can be waited for, and it has no permits");
        }
        return;
    }
    meet(semaphore);
    here()->perform(semaphore, announced(operation_kind::acquire, access_kind::acquire, where), &has_permits);
    take(semaphore);
}

bool try_acquire(semaphore_state& semaphore, const place& where) noexcept {
    if (here() == nullptr) {
        return try_take(semaphore);
    }
    meet(semaphore);
    note_look(CPPVALDI_SAVED_REGISTERS());
    here()->perform_always(semaphore, announced(operation_kind::try_acquire, access_kind::acquire, where));
    const bool taken = try_take(semaphore);
    if (!taken) {
        here()->failed();
    }
    return taken;
}

bool try_acquire_until(semaphore_state& semaphore, deadline until, const place& where) {
    if (here() == nullptr) {
        return try_take(semaphore);
    }
    meet(semaphore);
    if (!here()->perform_until(semaphore, announced(operation_kind::acquire, access_kind::acquire, where), &has_permits,
                               until) &&
        !unwinding()) {
        return false;
    }
    take(semaphore);
    return true;
}

void release(semaphore_state& semaphore, std::ptrdiff_t update, const place& where) {
    if (here() != nullptr) {
        meet(semaphore);
        here()->perform_always(semaphore, announced(operation_kind::release, access_kind::release, where));
    }
    if (unwinding()) {
        return;
    }
    if (update < 0 || update > semaphore.most - semaphore.count) {
        throw usage_error(text_of(semaphore) + " is released" + at_text(where) + " by " + std::to_string(update) +
                          ", but it has " + std::to_string(semaphore.count) + " permits and room for " +
                          std::to_string(semaphore.most) + "; release only what was acquired");
    }
    semaphore.count += update;
    if (here() == nullptr) {
        semaphore.count_outside += update;
    } else {
        here()->note_left(semaphore.count - update, semaphore.count);
        here()->order(clock_step::release_too, semaphore.id);
    }
    tell_waiting(semaphore);
}

} // namespace cppvaldi::detail
