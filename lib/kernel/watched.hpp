#pragma once

#include <cppvaldi/starter_set.hpp>

#include <functional>

namespace cppvaldi {

/// What is checked at every scheduling point, until `by` has ended.
struct watched {
    starter_id by;
    std::function<void()> check;
};

} // namespace cppvaldi
