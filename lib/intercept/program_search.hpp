#pragma once

#include "explore/progress.hpp"
#include "explore/time_limit.hpp"
#include "intercept/program_vehicle.hpp"
#include "intercept/run_options.hpp"
#include "intercept/snapshot/restored_program.hpp"

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

    /// Returns the exit status of `cppvaldi run`. With `ahead`, executions from the second on are run there; what is found is
    /// looked at by the vehicle, which must see the same.
    [[nodiscard]] int run(restored_program* ahead = nullptr);

private:
    void run_ahead(restored_program& ahead, const time_limit& clock, progress_line& line);
    void look_at_last_of(const run_record& record);
    void show(const time_limit& clock, progress_line& line, std::uint64_t explored) const;
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
