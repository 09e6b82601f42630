#pragma once

#include <cppvaldi/starter_set.hpp>

#include <string>

namespace cppvaldi {

class execution;

/// What a front door keeps for one execution object, from its first execution to its last.
struct front_door_state {
    front_door_state() = default;
    front_door_state(const front_door_state&) = delete;
    front_door_state& operator=(const front_door_state&) = delete;
    virtual ~front_door_state() = default;

    /// Returns which starter was the first, of all executions so far, whose stack could not be unwound, and what that means, in a
    /// line without an end; nothing if there was none.
    [[nodiscard]] virtual std::string left_behind_text() const = 0;
};

/// What a library that is linked beside this one wants to be told of executions: so that each starter can have a thread's own
/// world.
struct front_door {
    /// A starter is made. Returns the thread control block that it runs with; never null.
    void* (*starter_made)(execution& in, starter_id made);

    /// On the starter's own stack: its code has ended, also by an exception or by being unwound.
    void (*starter_ends)(execution& in, starter_id ending) noexcept;

    /// All starters have ended, or never will.
    void (*execution_ends)(execution& in) noexcept;
};

/// Null in a program that has no such library.
extern constinit const front_door* linked_front_door;

} // namespace cppvaldi
