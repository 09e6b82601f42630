#pragma once

#include <cppvaldi/operation.hpp>
#include <cppvaldi/starter_set.hpp>

#include <functional>

namespace cppvaldi {

/// What is checked at every scheduling point, until `by` has ended.
struct watched {
    starter_id by;
    std::function<void()> check;
};

/// A function whose beginning and end are checkpoints.
struct watched_function {
    const void* address;
    label_id before;
    label_id after;
};

} // namespace cppvaldi
