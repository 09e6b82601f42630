#pragma once

#include <cppvaldi/strategy.hpp>

#include <memory>

namespace cppvaldi {

/// Returns a strategy that plays the schedule that `CPPVALDI_REPLAY` in the environment asks for, and says so on standard error; or
/// null if it does not. That is a token, or `@` and the path of a file that holds a schedule. `CPPVALDI_REPLAY_MODE` may be `strict`,
/// as by default, or `tolerant`. Throws `usage_error` for what is none of these.
[[nodiscard]] std::unique_ptr<strategy> replay_asked_for();

} // namespace cppvaldi
