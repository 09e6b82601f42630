#pragma once

#include <cppvaldi/schedule.hpp>

#include <optional>

namespace cppvaldi {

/// Returns the schedule that `CPPVALDI_REPLAY` in the environment asks for, if it does, and says so on standard error.
/// Throws `parse_error` if that is not a token.
[[nodiscard]] std::optional<schedule> replay_asked_for();

} // namespace cppvaldi
