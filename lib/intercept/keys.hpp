#pragma once

#include "intercept/ledger.hpp"

namespace cppvaldi::intercept {

/// Calls the destructors of what a starter has left under its keys, as the end of a thread does. REQUIRES: called by that starter.
void destroy_values(thread_record& ending) noexcept;

} // namespace cppvaldi::intercept
