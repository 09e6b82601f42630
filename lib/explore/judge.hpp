#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/finding.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>

namespace cppvaldi {

/// What is wrong with an execution, as far as it tells one finding from another.
struct verdict {
    finding::kind what = finding::kind::exception;
    std::string message;
    std::exception_ptr exception; ///< what left the starter, if one did

    [[nodiscard]] bool is_like(const verdict& other) const noexcept {
        return what == other.what && message == other.message;
    }
};

/// Returns what is wrong with an execution that has come back with `outcome`, or nothing.
[[nodiscard]] std::optional<verdict> judge(execution& world, execution::outcome outcome);

/// Returns the whole finding: with the state of the world, the schedule, and the trace as far as it was noted.
[[nodiscard]] finding describe(const execution& world, const verdict& judged);

/// Returns the first `count` decisions of the execution; all if there are fewer.
[[nodiscard]] schedule schedule_of(const execution& world, std::size_t count = static_cast<std::size_t>(-1));

} // namespace cppvaldi
