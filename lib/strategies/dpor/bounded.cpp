#include "strategies/dpor/bounded.hpp"

namespace cppvaldi {

bool bounded_dpor_strategy::begin_execution() {
    steps_.begin(0);
    return decides_.begin_execution();
}

starter_id bounded_dpor_strategy::next(const scheduling_point& point) {
    steps_.look(point);
    steps_.complete(point);
    const starter_id chosen = decides_.next(point);
    if (chosen != nobody && chosen != somebody_else) {
        steps_.start(steps_.name_of(chosen), point);
    }
    return chosen;
}

std::uint32_t bounded_dpor_strategy::value(const value_point& point) {
    const std::uint32_t chosen = decides_.value(point);
    steps_.add_value(chosen, point.count);
    return chosen;
}

bool bounded_dpor_strategy::end_execution(const scheduling_point& point) {
    steps_.look(point);
    steps_.complete(point);
    return seen_.insert(steps_.class_number()).second;
}

} // namespace cppvaldi
