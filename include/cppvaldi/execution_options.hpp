#pragma once

#include <cstddef>
#include <cstdint>

namespace cppvaldi {

/// What can be set for an execution, a value.
struct execution_options {
    /// The stack of each starter, in bytes, rounded up to whole pages; below it lies a guard. Only what is used costs memory.
    std::size_t stack_size_bytes = 256 * 1024;

    /// How many steps the starters may make while none of them begins or ends, before the call that drives them throws
    /// `step_limit_reached`.
    std::uint64_t step_limit = 10'000'000;

    /// Whether a wait on a condition may end without a notification, as the standard allows: then that is a decision.
    bool spurious_wakeups = false;

    /// Whether each access to a `shared<T>` is a scheduling point. If not, it is known all the same, to traces say, and the
    /// interleavings are fewer.
    bool shared_accesses_switch = false;

    friend bool operator==(const execution_options&, const execution_options&) = default;
};

} // namespace cppvaldi
