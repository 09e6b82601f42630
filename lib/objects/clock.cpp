#include <cppvaldi/chrono.hpp>

#include "objects/here.hpp"

namespace cppvaldi::detail {

std::chrono::nanoseconds time_since_begin() noexcept { return here() == nullptr ? deadline(0) : here()->now(); }

} // namespace cppvaldi::detail
