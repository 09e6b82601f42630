#pragma once

#include <cppvaldi/operation.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>

namespace cppvaldi::detail {

template <typename T>
inline constexpr bool is_shared_ptr = false;
template <typename T>
inline constexpr bool is_shared_ptr<std::shared_ptr<T>> = true;

template <typename T>
inline constexpr bool is_weak_ptr = false;
template <typename T>
inline constexpr bool is_weak_ptr<std::weak_ptr<T>> = true;

/// What the standard asks of an atomic's type.
template <typename T>
inline constexpr bool can_be_atomic = (std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T> &&
                                       std::is_move_constructible_v<T> && std::is_copy_assignable_v<T> &&
                                       std::is_move_assignable_v<T>) ||
                                      is_shared_ptr<T> || is_weak_ptr<T>;

template <typename T>
concept atomic_integer = std::integral<T> && !std::same_as<T, bool>;

/// The types that have `fetch_add`.
template <typename T>
concept atomic_sum = atomic_integer<T> || std::floating_point<T> || std::is_pointer_v<T>;

/// The types that have `++`.
template <typename T>
concept atomic_count = atomic_integer<T> || std::is_pointer_v<T>;

/// Gives `difference_type` to those that have one.
template <typename T>
struct atomic_types {
    using value_type = T;
};
template <typename T>
    requires(atomic_integer<T> || std::floating_point<T>)
struct atomic_types<T> {
    using value_type = T;
    using difference_type = T;
};
template <typename T>
struct atomic_types<T*> {
    using value_type = T*;
    using difference_type = std::ptrdiff_t;
};

template <typename T>
struct atomic_difference {
    using type = T;
};
template <typename T>
struct atomic_difference<T*> {
    using type = std::ptrdiff_t;
};

/// True if both have the same value representation: padding does not count, and what `==` says does not count.
///
/// A compiler that cannot clear padding (clang before 18) compares it too, as its standard library does.
template <typename T>
[[nodiscard]] bool same_value(const T& left, const T& right) noexcept {
    if constexpr (is_shared_ptr<T>) {
        return left.get() == right.get() && !left.owner_before(right) && !right.owner_before(left);
    } else if constexpr (is_weak_ptr<T>) {
        return !left.owner_before(right) && !right.owner_before(left) && left.lock().get() == right.lock().get();
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T> || std::is_pointer_v<T>) {
        return left == right;
    } else if constexpr (std::same_as<T, long double> && sizeof(T) == 16 && __LDBL_MANT_DIG__ == 64) {
        return std::memcmp(&left, &right, 10) == 0;
    } else if constexpr (std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>) {
        return std::memcmp(std::addressof(left), std::addressof(right), sizeof(T)) == 0;
    } else {
#if __has_builtin(__builtin_clear_padding)
        T one(left);
        T other(right);
        __builtin_clear_padding(std::addressof(one));
        __builtin_clear_padding(std::addressof(other));
        return std::memcmp(std::addressof(one), std::addressof(other), sizeof(T)) == 0;
#else
        return std::memcmp(std::addressof(left), std::addressof(right), sizeof(T)) == 0;
#endif
    }
}

/// True if `bits_of` tells all values of the type apart.
template <typename T>
inline constexpr bool has_bits = (std::has_unique_object_representations_v<T> || std::is_same_v<T, float> ||
                                  std::is_same_v<T, double>)&&sizeof(T) <= sizeof(std::uint64_t);

/// Returns the value's representation as a number, or 0 where there is none.
template <typename T>
[[nodiscard]] std::uint64_t bits_of(const T& value) noexcept {
    std::uint64_t bits = 0;
    if constexpr (has_bits<T>) {
        std::memcpy(&bits, std::addressof(value), sizeof value);
    }
    return bits;
}

/// How traces print a value of this type: only whole numbers are.
template <typename T>
[[nodiscard]] constexpr value_format format_of() noexcept {
    if constexpr (std::same_as<T, bool>) {
        return value_format::boolean;
    } else if constexpr (std::is_enum_v<T>) {
        return format_of<std::underlying_type_t<T>>();
    } else if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(std::int64_t)) {
        return std::is_signed_v<T> ? value_format::signed_number : value_format::unsigned_number;
    } else {
        return value_format::none;
    }
}

/// Notes a value for the trace, if it is wanted and can be printed.
template <typename T>
void show(std::int64_t* noted, const T& value) noexcept {
    if constexpr (format_of<T>() != value_format::none) {
        if (noted != nullptr) {
            *noted = static_cast<std::int64_t>(value);
        }
    }
}

/// Adds as atomics do: integers wrap around.
template <typename T>
[[nodiscard]] T sum(T left, typename atomic_difference<T>::type right) noexcept {
    static_assert(!std::is_pointer_v<T> || std::is_object_v<std::remove_pointer_t<T>>,
                  "only pointers to objects can be moved");
    if constexpr (std::is_integral_v<T>) {
        using bits = std::make_unsigned_t<T>;
        return static_cast<T>(static_cast<bits>(static_cast<bits>(left) + static_cast<bits>(right)));
    } else {
        return left + right;
    }
}

template <typename T>
[[nodiscard]] T difference(T left, typename atomic_difference<T>::type right) noexcept {
    static_assert(!std::is_pointer_v<T> || std::is_object_v<std::remove_pointer_t<T>>,
                  "only pointers to objects can be moved");
    if constexpr (std::is_integral_v<T>) {
        using bits = std::make_unsigned_t<T>;
        return static_cast<T>(static_cast<bits>(static_cast<bits>(left) - static_cast<bits>(right)));
    } else {
        return left - right;
    }
}

} // namespace cppvaldi::detail
