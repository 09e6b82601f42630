#pragma once

#include <cppvaldi/detail/atomic_value.hpp>
#include <cppvaldi/detail/cell.hpp>
#include <cppvaldi/detail/saved_registers.hpp>
#include <cppvaldi/place.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace cppvaldi::detail {

/// A value and its cell: what every atomic operation works on. Each announces itself first; outside an execution it only does what
/// it does. MAY SWITCH: all of them.
template <typename T>
struct atomic_spot {
    const cell& identity;
    T& value;
    cell_form form;

    /// Not inlined, as the next two: nothing of it is to be left in the registers of a loop, which shows in its state.
    CPPVALDI_LOOK [[nodiscard, gnu::noinline]] T load(const place& where) const {
        std::int64_t* const noted =
            looking(operation_kind::load, access_kind::read, where, {CPPVALDI_SAVED_REGISTERS()});
        if (noted != nullptr) {
            note_found(bits_of(value), has_bits<T>);
        }
        show(noted, value);
        return value;
    }

    void store(T desired, const place& where) const noexcept {
        std::int64_t* const noted =
            current_execution == nullptr
                ? nullptr
                : announce_quietly(identity, described(operation_kind::store, access_kind::write), where);
        replace(desired, noted);
    }

    CPPVALDI_LOOK [[nodiscard, gnu::noinline]] T exchange(T desired, const place& where) const {
        replace(desired, looking(operation_kind::exchange, access_kind::update, where,
                                 {has_bits<T> ? CPPVALDI_SAVED_REGISTERS() : nullptr}));
        return desired;
    }

    CPPVALDI_LOOK [[nodiscard, gnu::noinline]] bool compare_exchange(T& expected, T desired, const place& where) const {
        std::int64_t* const noted = looking(operation_kind::compare_exchange, access_kind::update, where,
                                            {has_bits<T> ? CPPVALDI_SAVED_REGISTERS() : nullptr, bits_of(expected)});
        if (noted != nullptr) {
            note_expected(bits_of(expected), has_bits<T>);
            note_found(bits_of(value), has_bits<T>);
        }
        if (same_value(value, expected)) {
            replace(desired, noted);
            return true;
        }
        show(noted, value);
        if (current_execution != nullptr) {
            access_failed();
        }
        expected = value;
        return false;
    }

    /// Replaces the value by what `change` makes of it, and returns what it was.
    template <typename Change>
    T modify(Change change, const place& where) const {
        std::int64_t* const noted = announced(operation_kind::fetch_modify, access_kind::update, where);
        T desired = change(value);
        replace(desired, noted);
        return desired;
    }

    void wait(const T& old, const place& where) const {
        std::int64_t* const noted = announced(operation_kind::load, access_kind::read, where);
        if (noted != nullptr) {
            note_expected(bits_of(old), has_bits<T>);
            note_found(bits_of(value), has_bits<T>);
        }
        show(noted, value);
        if (!same_value(value, old)) {
            return;
        }
        if (current_execution == nullptr) {
            report_endless_wait(where);
            return;
        }
        constexpr auto same = [](const void* one, const void* other) {
            return same_value(*static_cast<const T*>(one), *static_cast<const T*>(other));
        };
        await_change(identity, form, {std::addressof(value), std::addressof(old), same, bits_of(old), has_bits<T>},
                     where);
    }

    void notify_one(const place& where) const noexcept {
        if (current_execution != nullptr) {
            detail::notify_one(identity, form, where);
        }
    }

    void notify_all(const place& where) const noexcept {
        if (current_execution != nullptr) {
            detail::notify_all(identity, form, where);
        }
    }

private:
    [[nodiscard]] constexpr cell_access described(operation_kind kind, access_kind access) const noexcept {
        return {kind, access, form, format_of<T>()};
    }

    [[nodiscard]] std::int64_t* announced(operation_kind kind, access_kind access, const place& where) const {
        return current_execution == nullptr ? nullptr : announce(identity, described(kind, access), where);
    }

    [[nodiscard]] std::int64_t* looking(operation_kind kind, access_kind access, const place& where,
                                        const looker& from) const {
        return current_execution == nullptr ? nullptr : announce_look(identity, described(kind, access), where, from);
    }

    /// Swaps, so that what is given out is destroyed by the caller: that may be code under test.
    void replace(T& desired, std::int64_t* noted) const noexcept {
        if (current_execution != nullptr && same_value(value, desired)) {
            access_changed_nothing();
        }
        std::swap(value, desired);
        if (noted != nullptr) {
            note_replaced(identity, bits_of(desired), has_bits<T>);
        }
        show(noted, value);
    }
};

} // namespace cppvaldi::detail
