#include <cppvaldi/checkpoint.hpp>

#include "kernel/execution.hpp"

namespace cppvaldi::detail {

void reach_checkpoint(std::string_view name, const checkpoint_value* value, const place& where) {
    current_execution->reach(name, value, where);
}

} // namespace cppvaldi::detail
