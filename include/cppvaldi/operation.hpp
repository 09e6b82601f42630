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

/// What a starter is about to do at a scheduling point. The words that reports use are in `lib/reading/operation_text.cpp`.
enum class operation_kind : std::uint8_t {
    started,    ///< begin
    checkpoint, ///< pass a checkpoint
    finished,   ///< nothing more: it has ended
    wait,       ///< go on once a `resource` has changed
    join,       ///< go on once a starter has ended
    yield,      ///< let others go first
    sleep,      ///< go on at a certain time

    lock,
    try_lock,
    unlock,
    lock_shared,
    try_lock_shared,
    unlock_shared,

    release_and_wait, ///< give up the mutex of a condition and begin to wait
    wake,             ///< go on once notified
    notify_one,
    notify_all,

    acquire, ///< of a semaphore
    try_acquire,
    release,
    count_down, ///< of a latch
    arrive,     ///< at a barrier
    await,      ///< that a latch is at zero, or a barrier's phase is over

    load,
    store,
    exchange,
    compare_exchange,
    fetch_modify, ///< `fetch_add` and its kin
    fence,
    await_change, ///< `atomic::wait`

    call_once,
    await_value, ///< of a future
    set_value,   ///< of a promise
    request_stop,
    ask_for_stop,
    add_callback,    ///< to a stop request
    remove_callback, ///< from a stop request

    read,  ///< of a plain variable
    write, ///< of a plain variable

    await_readable, ///< of a descriptor
    await_writable, ///< of a descriptor
};

/// Returns the word that reports use: "checkpoint", "lock", ...
[[nodiscard]] std::string_view to_string(operation_kind kind) noexcept;

/// What an operation does to its object, as far as others can tell.
enum class access_kind : std::uint8_t {
    none,
    read,
    write,
    update,  ///< reads and writes in one
    acquire, ///< takes what others may have to wait for
    release, ///< gives it back
};

/// True if after the operation nothing is different for anybody else.
[[nodiscard]] constexpr bool changes_nothing(access_kind access) noexcept {
    return access == access_kind::none || access == access_kind::read;
}

/// How the value that a checkpoint carries is printed.
enum class value_format : std::uint8_t {
    none,            ///< there is no value
    opaque,          ///< not printed
    boolean,         ///< `true` or `false`
    signed_number,   ///< a whole number
    unsigned_number, ///< a whole number
};

/// The value that a checkpoint carries. It lives as long as the starter stays there.
struct checkpoint_value {
    const void* address = nullptr;
    const std::type_info* type = nullptr;
    std::int64_t number = 0; ///< the same, if it is a whole number
    value_format format = value_format::none;
};

/// An announced operation, a value: what a starter will do as soon as it is chosen.
struct operation {
    operation_kind kind = operation_kind::started;
    access_kind access = access_kind::none;
    bool timed = false; ///< it may give up waiting
    object_id object{};
    label_id label = implicit_label::started; ///< the checkpoint's name
    place where{};
    const checkpoint_value* value = nullptr; ///< the checkpoint's, or null
};

} // namespace cppvaldi
