#include <cppvaldi/checkpoint.hpp>

#include "kernel/execution.hpp"

namespace cppvaldi::detail {

void reach_checkpoint(std::string_view name, const operation& announced) { current_execution->reach(name, announced); }

} // namespace cppvaldi::detail
