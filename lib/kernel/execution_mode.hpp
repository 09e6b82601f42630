#pragma once

namespace cppvaldi {

class execution;
class step_names;

/// What can be set for an execution by its driver, beside what the user sets: a value.
struct execution_mode {
    bool tracing = true;                 ///< whether steps are noted
    bool timeouts_are_decisions = false; ///< whether a timed wait may time out although others can run

    /// Whether the strategy is asked, with nobody enabled, before real time is spent on waiting for the world outside. It must
    /// know `somebody_else` then.
    bool asks_before_waiting = false;

    /// Whether it is made sure first that running into the end of a stack is explained: a system call. Somebody may have asked for
    /// the signal himself since the execution before.
    bool arms_stack_guard = true;

    bool results = false; ///< whether the strategy sees all of `step_result`, and the origins of objects

    bool races = false; ///< whether two accesses to plain memory that nothing orders end the execution

    const step_names* names = nullptr; ///< handed on to the strategy; null if it does not need them

    /// Called in a signal handler when the running starter crashes; null if nobody is to be told.
    void (*on_crash)(const execution& crashed, int signal) noexcept = nullptr;
};

} // namespace cppvaldi
