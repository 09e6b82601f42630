#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/errors.hpp>

#include <exception>
#include <string>

namespace cppvaldi {

/// The execution that the caller is a starter of; null in ordinary code and at a runner's pause.
[[nodiscard]] inline execution* here() noexcept { return detail::current_execution; }

/// True if the caller is a starter that is being unwound: nothing that it waits for will come, and what it does concerns nobody.
[[nodiscard]] inline bool unwinding() noexcept { return here() != nullptr && here()->unwinding(); }

/// True while an invariant is checked: it sees the world as it is, whoever has locked it, and locks nothing itself.
[[nodiscard]] inline bool looking() noexcept { return here() != nullptr && here()->looking(); }

/// Lets those who wait for `on` see that it is different now, whoever has changed it: a starter, or the driver at a pause.
inline void tell_waiting(object& on) {
    if (on.first_waiting != nobody) {
        on.met_by->changed(on);
    }
}

/// Returns `mutex bank` or `mutex 2`, for messages that are made where there may be no execution.
[[nodiscard]] inline std::string text_of(const object& shown) {
    const std::string kind(shown.kind);
    if (here() != nullptr && shown.execution_serial == here()->serial()) {
        return here()->object_text(shown.id);
    }
    return shown.name.empty() ? kind : kind + ' ' + std::string(shown.name);
}

/// Returns ` at account.cpp:12`, or nothing.
[[nodiscard]] inline std::string at_text(const place& where) { return where.known() ? " at " + where.text() : ""; }

/// Reports misuse where nothing may be thrown: through the driver if there is an execution, else by `std::terminate` from the
/// throw itself. MAY SWITCH.
inline void report_misuse(const std::string& problem) {
    const usage_error error(problem);
    if (here() == nullptr) {
        throw error;
    }
    here()->fault(std::make_exception_ptr(error));
}

/// Returns `, held by alice since account.cpp:12`, or nothing if no starter has it.
[[nodiscard]] inline std::string holder_text(const object& shown) {
    const bool known = here() != nullptr && shown.execution_serial == here()->serial() && shown.holder != nobody;
    return known ? ", held by " + std::string(here()->name_of(shown.holder)) + " since " + shown.held_since.text() : "";
}

/// True if what was left locked by an exception that is on its way goes with it, unwaited for: the exception is what is wrong.
[[nodiscard]] inline bool goes_with_an_exception(const object& dying) noexcept {
    return dying.first_waiting == nobody && std::uncaught_exceptions() > 0;
}

/// Reports an object that is destroyed while a starter waits for it.
inline void report_if_waited_for(const object& dying) {
    if (dying.first_waiting != nobody && dying.met_by == here() && !unwinding()) {
        const operation& pending = here()->pending()[index(dying.first_waiting)];
        report_misuse(text_of(dying) + " is destroyed while " + std::string(here()->name_of(dying.first_waiting)) +
                      " is about to " + std::string(to_string(pending.kind)) + " it" + at_text(pending.where) +
                      "; let it live until all are done with it");
    }
}

/// What goes out to the world may come back from it, by whatever way: what a starter has done so far happens before what others
/// do who turn to the world later.
inline void order_with_outside(execution& in) {
    in.order(clock_step::release_too, object_id{});
    in.order(clock_step::acquire, object_id{});
}

/// Notes in which state the caller is before it looks whether it may have something; see `execution::note_local_state`.
inline void note_look(const void* registers) noexcept {
    if (here() != nullptr && here()->wants_local_states()) {
        here()->note_local_state(registers, 0);
    }
}

/// Makes an operation.
[[nodiscard]] inline operation announced(operation_kind kind, access_kind access, const place& where) noexcept {
    operation made;
    made.kind = kind;
    made.access = access;
    made.where = where;
    return made;
}

} // namespace cppvaldi
