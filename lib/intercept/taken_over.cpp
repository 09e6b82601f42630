#include "intercept/taken_over.hpp"

namespace cppvaldi::intercept {

void hand_over(execution& in) noexcept {
    if (!in.unwinding()) {
        in.fault(std::current_exception());
    }
}

} // namespace cppvaldi::intercept
