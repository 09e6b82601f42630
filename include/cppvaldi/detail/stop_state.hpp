#pragma once

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/detail/saved_registers.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>
#include <memory>

namespace cppvaldi::detail {

struct stop_state;

/// A callback that waits for a stop request. It lies in its `stop_callback`.
struct stop_listener {
    explicit stop_listener(void (*how)(stop_listener&)) noexcept : call(how) {}
    stop_listener(const stop_listener&) = delete;
    stop_listener& operator=(const stop_listener&) = delete;

    void (*call)(stop_listener& self);
    stop_listener* previous = nullptr;
    stop_listener* next = nullptr;
};

/// What the sources, tokens and callbacks of one stop request share.
struct stop_state : object {
    stop_state() noexcept : object("stop request") {}

    bool requested = false;
    std::uint32_t sources = 0;             ///< how many could still request a stop
    stop_listener* first = nullptr;        ///< those not yet called, in the order in which they came
    stop_listener* last = nullptr;         ///< of the same list
    const stop_listener* called = nullptr; ///< the one that is being called, by `holder`
    std::uint64_t calls_ended = 0;
};

// MAY SWITCH: all of them, except `stop_is_requested`.

/// Asks whether a stop has been requested, at a scheduling point: a loop that asks lets others run. Unwinds the starter when its
/// execution ends meanwhile. Returns false for null.
CPPVALDI_LOOK [[nodiscard]] bool ask_for_stop(stop_state* asked, const place& where);

/// Asks without a scheduling point, for who has just made one.
[[nodiscard]] inline bool stop_is_requested(const stop_state& state) noexcept { return state.requested; }

/// Requests a stop and calls the listeners; which of several comes next is a decision. Returns false if that was done before.
bool request_stop(const std::shared_ptr<stop_state>& state, const place& where);

/// The same for a destructor: returns also when the execution is unwound meanwhile.
void request_stop_quietly(const std::shared_ptr<stop_state>& state, const place& where) noexcept;

/// Has `added` called at a stop request; at once if that has come already.
void add_listener(stop_state& state, stop_listener& added, const place& where);

/// Takes `removed` out. If another starter is calling it, waits until it has come back; the caller itself goes on.
void remove_listener(stop_state& state, stop_listener& removed, const place& where) noexcept;

} // namespace cppvaldi::detail
