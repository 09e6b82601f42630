#pragma once

#include <cppvaldi/detail/atomic_value.hpp>
#include <cppvaldi/detail/cell.hpp>
#include <cppvaldi/place.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace cppvaldi {

/// A plain variable whose reads and writes the kernel knows: traces show them, and two that are not ordered are a data race.
///
/// Whether they are scheduling points too is for the execution to say, not for the code under test:
/// `execution_options::shared_accesses_switch`. A loop that only reads lets others go on in any case, after some time.
///
/// Reads through a constant `shared`, and all that return a constant, are known as reads; access through one that is not is
/// known as a write, whatever becomes of it. `x += 1` is a read and then a write, as for any plain variable. An operator cannot
/// know the place that it is called from; `read` and `write` can.
///
/// MAY SWITCH: every access, where the execution asks for that.
template <typename T>
class shared {
    static_assert(std::is_object_v<T> && !std::is_const_v<T>, "a shared value is an object, and can change");

public:
    using value_type = T;

    constexpr shared() noexcept(std::is_nothrow_default_constructible_v<T>) requires std::default_initializable<T>
        : value_() {}

    template <typename Given = T>
        requires(!std::same_as<std::remove_cvref_t<Given>, shared> && std::constructible_from<T, Given>)
    constexpr explicit(!std::convertible_to<Given, T>) shared(Given&& given) : value_(std::forward<Given>(given)) {}

    /// `name` is what reports call it; it is not copied.
    template <typename Given = T>
        requires std::constructible_from<T, Given>
    constexpr shared(Given&& given, const char* name) : identity_(name), value_(std::forward<Given>(given)) {}

    /// Reads the other one. The copy is an object of its own.
    shared(const shared& other, const place& where = place::current()) requires std::copy_constructible<T>
        : value_(other.read(where)) {}

    shared& operator=(const shared& other) requires std::is_copy_assignable_v<T> {
        write(other.read(place{}), place{});
        return *this;
    }

    template <typename Given = T>
        requires(!std::same_as<std::remove_cvref_t<Given>, shared> && std::is_assignable_v<T&, Given>)
    shared& operator=(Given&& given) {
        write(std::forward<Given>(given), place{});
        return *this;
    }

    /// Returns the value, to be looked at now: a later look is not known.
    [[nodiscard]] const T& read(const place& where = place::current()) const {
        detail::show(announced(operation_kind::read, access_kind::read, where), value_);
        return value_;
    }

    [[nodiscard]] const T& get(const place& where = place::current()) const { return read(where); }
    operator const T&() const { return read(place{}); }

    template <typename Given = T>
        requires std::is_assignable_v<T&, Given>
    void write(Given&& given, const place& where = place::current()) {
        std::int64_t* const noted = announced(operation_kind::write, access_kind::write, where);
        value_ = std::forward<Given>(given);
        detail::show(noted, value_);
    }

    /// Returns the value, to be changed now: a later change is not known.
    [[nodiscard]] T& change(const place& where = place::current()) {
        (void)announced(operation_kind::write, access_kind::write, where);
        return value_;
    }

    [[nodiscard]] const T* operator->() const { return std::addressof(read(place{})); }
    [[nodiscard]] T* operator->() { return std::addressof(change(place{})); }
    [[nodiscard]] const T& operator*() const { return read(place{}); }
    [[nodiscard]] T& operator*() { return change(place{}); }

    // What a plain number or pointer can do: a read, then a write.

    template <typename Given>
    shared& operator+=(const Given& given) requires requires(const T& old) {
        T(old + given);
    }
    {
        write(static_cast<T>(read(place{}) + given), place{});
        return *this;
    }
    template <typename Given>
    shared& operator-=(const Given& given) requires requires(const T& old) {
        T(old - given);
    }
    {
        write(static_cast<T>(read(place{}) - given), place{});
        return *this;
    }
    shared& operator++() requires requires(T& changed) { ++changed; }
    {
        T changed = read(place{});
        write(std::move(++changed), place{});
        return *this;
    }
    shared& operator--() requires requires(T& changed) { --changed; }
    {
        T changed = read(place{});
        write(std::move(--changed), place{});
        return *this;
    }
    T operator++(int) requires requires(T& changed) { ++changed; }
    {
        T changed = read(place{});
        T old = changed;
        write(std::move(++changed), place{});
        return old;
    }
    T operator--(int) requires requires(T& changed) { --changed; }
    {
        T changed = read(place{});
        T old = changed;
        write(std::move(--changed), place{});
        return old;
    }

private:
    [[nodiscard]] std::int64_t* announced(operation_kind kind, access_kind access, const place& where) const {
        return detail::current_execution == nullptr
                   ? nullptr
                   : detail::make_known(identity_, {kind, access, detail::cell_form::shared, detail::format_of<T>()},
                                        where);
    }

    [[no_unique_address]] detail::cell identity_; // the value lies in its padding
    T value_;
};

template <typename T>
shared(T) -> shared<T>;
template <typename T>
shared(T, const char*) -> shared<T>;

} // namespace cppvaldi
