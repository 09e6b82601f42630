#pragma once

#include <cppvaldi/detail/birth.hpp>
#include <cppvaldi/detail/current.hpp>
#include <cppvaldi/detail/saved_registers.hpp>
#include <cppvaldi/operation.hpp>
#include <cppvaldi/place.hpp>

#include <cstdint>
#include <type_traits>

namespace cppvaldi::detail {

/// What reports call a cell.
enum class cell_form : std::uint8_t { atomic, atomic_flag, referenced, shared };

/// What the kernel keeps about one value that starters share, inside the value's own object. It is less than an `object`: nobody
/// has a cell, and who waits for one keeps that himself.
struct cell {
    constexpr explicit cell(const void* own_label = nullptr) noexcept : label(own_label) {
        if (!std::is_constant_evaluated() && current_execution != nullptr) {
            note_birth(execution_serial, id);
        }
    }

    // Also what is constant is met.
    mutable std::uint64_t execution_serial = 0; ///< which execution has numbered it; see `note_birth`
    const void* label; ///< the name, as text that ends with 0, or null; of a referenced one the address
    mutable object_id id{};
};

/// What is done to a cell.
struct cell_access {
    operation_kind kind;
    access_kind access;
    cell_form form;
    value_format shown; ///< how traces print the value
};

// REQUIRES, all of them: there is an execution.

/// Announces an access and returns when the caller may perform it: where the trace wants the value noted, or null if it does not.
/// While the execution is unwound the access is performed without a switch, a few times; then the starter is unwound here, so
/// that it does not spin for ever. MAY SWITCH.
[[nodiscard]] std::int64_t* announce(const cell& on, cell_access what, const place& where);

/// What code has at hand that may look until others have acted.
struct looker {
    const void* registers;      ///< where they have been saved; null if they have not
    std::uint64_t expected = 0; ///< what it compares with; that may lie anywhere
};

/// The same for an access by which a loop may wait for others.
CPPVALDI_LOOK [[nodiscard]] std::int64_t* announce_look(const cell& on, cell_access what, const place& where,
                                                        const looker& from);

/// The same for accesses that nobody can spin on: it never throws. MAY SWITCH.
[[nodiscard]] std::int64_t* announce_quietly(const cell& on, cell_access what, const place& where) noexcept;

/// Makes an access to a plain value known. It is a scheduling point only where `execution_options::shared_accesses_switch` asks
/// for that, or after very many reads without any, for a loop that reads until another starter writes. MAY SWITCH.
[[nodiscard]] std::int64_t* make_known(const cell& on, cell_access what, const place& where);

/// Says that the compare-exchange just performed has failed.
void access_failed() noexcept;

/// Says that the access just performed has left the value as it was.
void access_changed_nothing() noexcept;

/// For strategies that ask what an access would have come to in another place: what it has found there, or replaced, and what a
/// compare-exchange expects. `known` is false for values that do not fit; then a compare-exchange counts as a write.
void note_found(std::uint64_t bits, bool known) noexcept;
void note_replaced(const cell& on, std::uint64_t bits, bool known) noexcept;
void note_expected(std::uint64_t bits, bool known) noexcept;

/// Whether a value is what it was when its starter began to wait.
struct change_test {
    const void* value;
    const void* old;
    bool (*same)(const void* value, const void* old);
    std::uint64_t old_bits = 0; ///< see `note_expected`
    bool has_bits = false;
};

/// Waits for a notification after which the value differs. REQUIRES: the caller has just seen that it does not. MAY SWITCH.
void await_change(const cell& on, cell_form form, const change_test& unchanged, const place& where);

/// Lets one of those go on who wait for a change, or all. Which one is a decision. MAY SWITCH.
void notify_one(const cell& on, cell_form form, const place& where) noexcept;
void notify_all(const cell& on, cell_form form, const place& where) noexcept;

/// Announces a fence. MAY SWITCH.
void announce_fence(const place& where) noexcept;

/// Reports a wait outside an execution, where nobody can end it.
void report_endless_wait(const place& where);

} // namespace cppvaldi::detail
