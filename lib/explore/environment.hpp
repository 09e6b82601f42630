#pragma once

#include <cppvaldi/strategy.hpp>

#include <memory>
#include <optional>
#include <string>

namespace cppvaldi {

/// Returns a strategy that plays the schedule that `CPPVALDI_REPLAY` in the environment asks for, and says so on standard error; or
/// null if it does not. That is a token, or `@` and the path of a file that holds a schedule. `CPPVALDI_REPLAY_MODE` may be `strict`,
/// as by default, or `tolerant`. Throws `usage_error` for what is none of these.
[[nodiscard]] std::unique_ptr<strategy> replay_asked_for();

/// Returns what `cppvaldi run` has handed over to the program that it runs, an option or a value a line; nothing if it does not.
[[nodiscard]] std::optional<std::string> run_asked_for();

/// Returns the libraries that are preloaded already, as the environment lists them.
[[nodiscard]] std::string preloaded_already();

} // namespace cppvaldi
