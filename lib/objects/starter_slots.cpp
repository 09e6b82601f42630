#include <cppvaldi/detail/starter_slots.hpp>

#include "objects/here.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace cppvaldi::detail {

struct starter_slots::values {
    std::uint64_t execution_serial = 0;
    std::vector<std::shared_ptr<void>> of; ///< by starter
};

starter_slots::starter_slots() : values_(std::make_shared<values>()) {}

starter_slots::~starter_slots() = default;

void* starter_slots::find() const noexcept {
    if (here() == nullptr) {
        return outside_.get();
    }
    const std::size_t position = index(here()->running());
    const bool known = values_->execution_serial == here()->serial() && position < values_->of.size();
    return known ? values_->of[position].get() : nullptr;
}

void starter_slots::put(std::shared_ptr<void> value) {
    if (here() == nullptr) {
        outside_ = std::move(value);
        return;
    }
    if (values_->execution_serial != here()->serial()) { // the one before is over, or goes on with what it has
        values_ = std::make_shared<values>();
        values_->execution_serial = here()->serial();
    }
    const std::size_t position = index(here()->running());
    if (position >= values_->of.size()) {
        values_->of.resize(position + 1);
    }
    here()->at_exit([kept = values_, position] { kept->of[position].reset(); });
    values_->of[position] = std::move(value);
}

} // namespace cppvaldi::detail
