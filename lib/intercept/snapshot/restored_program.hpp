#pragma once

#include "intercept/program_execution.hpp"
#include "intercept/snapshot/run_record.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace cppvaldi::intercept {

/// Many executions of a program in one child process, whose memory and descriptors are put back in between: it runs ahead, until
/// something is wrong or it is enough, and says how far it has come.
class restored_program {
public:
    /// Throws `usage_error` if it is known already that memory cannot be put back. REQUIRES: `options` outlives it.
    restored_program(const program& of, const run_options& options);

    /// When it is enough.
    struct limits {
        std::optional<std::uint64_t> executions;
        std::optional<std::chrono::nanoseconds> time; ///< what is left of it
    };

    /// Runs executions from the first one on, under a strategy of its own. Calls `watching` at times. Throws `usage_error` if
    /// memory could not be put back.
    void run(const limits& enough, const std::function<void(const run_record&)>& watching);

    /// What it has come to.
    [[nodiscard]] const run_record& record() const noexcept { return record_; }

private:
    [[noreturn]] void live_as_child(const limits& enough);
    void run_executions(const limits& enough);

    program of_;
    const run_options& options_;
    run_record record_;
};

} // namespace cppvaldi::intercept
