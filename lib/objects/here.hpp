#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/errors.hpp>

#include <exception>
#include <string>

namespace cppvaldi {

/// The execution that the caller is a starter of; null in ordinary code and at a runner's pause.
[[nodiscard]] inline execution* here() noexcept { return detail::current_execution; }

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

/// Makes an operation.
[[nodiscard]] inline operation announced(operation_kind kind, access_kind access, const place& where) noexcept {
    operation made;
    made.kind = kind;
    made.access = access;
    made.where = where;
    return made;
}

} // namespace cppvaldi
