#pragma once

#include <cppvaldi/detail/current.hpp>
#include <cppvaldi/operation.hpp>
#include <cppvaldi/place.hpp>

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <typeinfo>

/// Define it as 0 and checkpoints compile to nothing in this translation unit.
#ifndef CPPVALDI_CHECKPOINTS
#define CPPVALDI_CHECKPOINTS 1
#endif

namespace cppvaldi {

namespace detail {

/// Announces a checkpoint in the execution that is running; `value` is null or what it carries. REQUIRES: there is one.
/// MAY SWITCH.
void reach_checkpoint(std::string_view name, const checkpoint_value* value, const place& where);

template <typename Value>
checkpoint_value carried(const Value& value) noexcept {
    checkpoint_value made{std::addressof(value), &typeid(Value), 0, value_format::opaque};
    if constexpr (std::same_as<Value, bool>) {
        made.format = value_format::boolean;
        made.number = value ? 1 : 0;
    } else if constexpr (std::is_integral_v<Value> && sizeof(Value) <= sizeof made.number) {
        made.format = std::is_signed_v<Value> ? value_format::signed_number : value_format::unsigned_number;
        made.number = static_cast<std::int64_t>(value);
    }
    return made;
}

} // namespace detail

#if CPPVALDI_CHECKPOINTS

/// Marks a point that starters reach: all that comes before it has been done, and nothing that comes after. Outside an
/// execution it has no effect and costs a load and a branch, so it may stay in production code.
///
/// `name` may not be `started`, `finished` or `blocked`: `usage_error`. MAY SWITCH: whoever the strategy chooses goes on here.
inline void checkpoint(std::string_view name, const place& where = place::current()) {
    if (detail::current_execution != nullptr) [[unlikely]] {
        detail::reach_checkpoint(name, nullptr, where);
    }
}

/// The same, and a caller that is paused here can read `value` through `starter::value<Value>()`. It is not copied.
/// MAY SWITCH.
template <typename Value>
    requires(!std::same_as<Value, place>)
void checkpoint(std::string_view name, const Value& value, const place& where = place::current()) {
    if (detail::current_execution != nullptr) [[unlikely]] {
        const checkpoint_value carries = detail::carried(value);
        detail::reach_checkpoint(name, &carries, where);
    }
}

#else

inline namespace without_checkpoints {

inline void checkpoint(std::string_view) noexcept {}
template <typename Value>
void checkpoint(std::string_view, const Value&) noexcept {}
template <typename Value>
void checkpoint(std::string_view, const Value&, const place&) noexcept {}

} // namespace without_checkpoints

#endif

} // namespace cppvaldi
