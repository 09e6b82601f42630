#pragma once

#include <memory>

namespace cppvaldi::detail {

/// A value for each starter of an execution, destroyed at the starter's end, also if the slots themselves are gone by then; and
/// one for code outside executions, which goes with the slots.
class starter_slots {
public:
    starter_slots();
    starter_slots(const starter_slots&) = delete;
    starter_slots& operator=(const starter_slots&) = delete;
    ~starter_slots();

    /// Returns the caller's, or null.
    [[nodiscard]] void* find() const noexcept;

    /// Gives the caller one. REQUIRES: it has none.
    void put(std::shared_ptr<void> value);

private:
    struct values;

    std::shared_ptr<values> values_; ///< the starters' ends know it too, and may come after the slots' own
    std::shared_ptr<void> outside_;
};

} // namespace cppvaldi::detail
