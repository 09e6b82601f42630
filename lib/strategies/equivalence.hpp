#pragma once

#include <cstdint>

namespace cppvaldi {

/// What a reduction knows beside its decisions. An interface that a strategy may have, too.
class equivalence {
public:
    virtual ~equivalence() = default;

    /// Of the execution that has ended last: true if the decision `earlier`, who went on there, came before `later` in all
    /// executions that are equivalent to it. Both are numbers of decisions, from 0, and `earlier` is the smaller one.
    [[nodiscard]] virtual bool happens_before(std::uint64_t earlier, std::uint64_t later) const = 0;
};

} // namespace cppvaldi
