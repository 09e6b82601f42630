#pragma once

#include "intercept/program_vehicle.hpp"
#include "intercept/run_options.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace cppvaldi::intercept {

/// The executions of a program under a strategy: which come next, when it is enough, what is told.
class program_search {
public:
    /// REQUIRES: `by` and `options` outlive it.
    program_search(program_vehicle& by, const run_options& options);

    /// Returns the exit status of `cppvaldi run`.
    [[nodiscard]] int run();

private:
    [[nodiscard]] bool is_over(std::chrono::nanoseconds spent) const;
    void make_shorter();
    void tell(bool complete, std::chrono::nanoseconds spent) const;

    program_vehicle& by_;
    const run_options& options_;
    std::optional<std::uint64_t> most_executions_;
    std::unique_ptr<strategy> decides_;
    std::uint64_t executions_ = 0;
    std::uint64_t abandoned_ = 0; ///< they have shown nothing new
    std::optional<program_sight> found_;
};

} // namespace cppvaldi::intercept
