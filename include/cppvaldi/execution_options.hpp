#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cppvaldi {

/// Which accesses to plain memory of code that is compiled with `-fsanitize=thread` are scheduling points, a value. With all of
/// them bugs are found that show only between two plain accesses, and those that need few switches drown; a sample is in between.
struct accesses {
    static const accesses none;
    static const accesses all;

    /// One of so many on average, the same ones whenever a schedule is played.
    [[nodiscard]] static constexpr accesses sampled(std::uint32_t one_of_these) noexcept { return {one_of_these}; }

    std::uint32_t one_of = 0; ///< 0 is none

    friend bool operator==(const accesses&, const accesses&) = default;
};

inline constexpr accesses accesses::none{0};
inline constexpr accesses accesses::all{1};

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

    /// Which accesses of instrumented code to plain memory are scheduling points. The others are watched for races all the same.
    accesses plain_accesses_switch = accesses::none;

    /// Whether two accesses to a `shared<T>`, or to plain memory in instrumented code, are wrong if one of them writes and neither
    /// happens before the other: a data race, whatever results. Not set: `explore` reports them, a runner does not, since what is
    /// looked at during its pauses is up to who drives it.
    std::optional<bool> data_races{};

    /// When no starter can run, the world outside gets this much real time to make a descriptor ready that somebody waits for,
    /// before virtual time goes on to the next deadline. In vain it is given no more often than what follows allows.
    std::chrono::milliseconds patience_before_time_moves{10};

    /// The same when there is no deadline: afterwards the execution counts as a deadlock.
    std::chrono::milliseconds patience_before_deadlock{5'000};

    /// Whether a starter that crashes (a fault, an abort, `std::terminate`, a failed `assert`) is reported on standard error
    /// before the process dies as it would have: who it was, the last steps, and the token that leads there again.
    bool crash_reports = true;

    friend bool operator==(const execution_options&, const execution_options&) = default;
};

} // namespace cppvaldi
