#pragma once

#include <cppvaldi/place.hpp>

#include <cstdint>
#include <string_view>
#include <typeinfo>

namespace cppvaldi {

/// Says which shared object, by the order in which an execution first met them; 0 is "no object".
enum class object_id : std::uint32_t {};

/// Says which name: of a starter, a checkpoint or an object. Names are numbered in the order in which an execution meets them,
/// after the three of `implicit_label`.
enum class label_id : std::uint32_t {};

/// The names of the checkpoints that every starter has.
namespace implicit_label {
inline constexpr label_id started{0};
inline constexpr label_id finished{1};
inline constexpr label_id blocked{2};
} // namespace implicit_label

/// What a starter is about to do at a scheduling point.
enum class operation_kind : std::uint8_t {
    started,    ///< begin
    checkpoint, ///< pass a checkpoint
    finished,   ///< nothing more: it has ended
    wait,       ///< go on once a `resource` has changed
};

/// Returns the word that reports use: "checkpoint", "lock", ...
[[nodiscard]] std::string_view to_string(operation_kind kind) noexcept;

/// What an operation does to its object, as far as others can tell.
enum class access_kind : std::uint8_t { none, read, write, acquire, release };

/// How the value that a checkpoint carries is printed.
enum class value_format : std::uint8_t {
    none,            ///< there is no value
    opaque,          ///< not printed
    boolean,         ///< `true` or `false`
    signed_number,   ///< a whole number
    unsigned_number, ///< a whole number
};

/// An announced operation, a value: what a starter will do as soon as it is chosen.
struct operation {
    operation_kind kind = operation_kind::started;
    access_kind access = access_kind::none;
    object_id object{};
    label_id label = implicit_label::started; ///< the checkpoint's name
    place where{};

    /// The value that a checkpoint carries; it lives as long as the starter stays there.
    const void* value = nullptr;
    const std::type_info* value_type = nullptr;
    std::int64_t number = 0; ///< the same, if it is a whole number
    value_format format = value_format::none;
};

} // namespace cppvaldi
