#pragma once

#include <cppvaldi/operation.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>
#include <span>

namespace cppvaldi {

/// What a strategy decides on, a value: it can be made by hand, without any fiber, to test a strategy.
struct scheduling_point {
    const starter_set& enabled;         ///< who could go on now
    std::span<const operation> pending; ///< what each starter will do next, by id
    starter_id running = nobody;        ///< who has just announced its next operation; `nobody` when the driver resumes
    std::uint64_t step = 0;             ///< how many decisions this execution has taken
};

/// Makes the decisions of executions. Derive from it to bring an algorithm of your own; it sees values, never fibers.
class strategy {
public:
    virtual ~strategy() = default;

    /// Returns who goes on: one of `point.enabled`, or `nobody` to hand control back to the driver.
    [[nodiscard]] virtual starter_id next(const scheduling_point& point) = 0;
};

} // namespace cppvaldi
