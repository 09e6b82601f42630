#pragma once

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/detail/semaphore_state.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace cppvaldi::detail {

/// A number of arrivals that end a phase, again and again. While the completion function runs, who runs it is `holder`.
struct barrier_state : object {
    static constexpr std::ptrdiff_t most = std::numeric_limits<std::ptrdiff_t>::max();

    constexpr barrier_state(std::ptrdiff_t expected_arrivals, std::string_view own_name)
        : object("barrier", own_name),
          expected(expected_arrivals),
          missing(expected_arrivals),
          constructed_with(expected_arrivals) {
        if (expected_arrivals < 0) {
            refuse_count("barrier(expected)", expected_arrivals, 0, most);
        }
    }
    barrier_state(const barrier_state&) = delete;
    barrier_state& operator=(const barrier_state&) = delete;

    /// Reports a barrier that is destroyed while somebody waits for it.
    ~barrier_state();

    std::ptrdiff_t expected; ///< in the next phase
    std::ptrdiff_t missing;  ///< in this phase
    std::ptrdiff_t constructed_with;
    std::uint64_t phase = 0;
    bool completing = false; ///< all have arrived, and the completion function runs
};

/// What the last to arrive calls before the phase ends.
struct completion_step {
    void (*call)(void* context) noexcept;
    void* context;
    bool does_something;
};

/// What becomes of the place of who arrives.
enum class next_phase : std::uint8_t { takes_part, drops_out };

// MAY SWITCH: both.

/// Returns the phase that was arrived at; it may have ended by then. Throws `usage_error` if `update` is not positive, or more than
/// are missing.
std::uint64_t arrive(barrier_state& barrier, std::ptrdiff_t update, next_phase then, completion_step completion,
                     const place& where);

/// Waits until `phase` has ended. Throws `usage_error` if it is not this one or the one before.
void wait(barrier_state& barrier, std::uint64_t phase, const place& where);

} // namespace cppvaldi::detail
