#pragma once

#include <cppvaldi/strategy.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cppvaldi {

/// Returns a strategy that plays the schedule that `CPPVALDI_REPLAY` in the environment asks for, and says so on standard error; or
/// null if it does not. That is a token, or `@` and the path of a file that holds a schedule. `CPPVALDI_REPLAY_MODE` may be
/// `strict`, as by default, or `tolerant`. Throws `usage_error` for what is none of these.
[[nodiscard]] std::unique_ptr<strategy> replay_asked_for();

/// Returns what `cppvaldi run` has handed over to the program that it runs, an option or a value a line; nothing if it does not.
[[nodiscard]] std::optional<std::string> run_asked_for();

/// Returns the libraries that are preloaded already, as the environment lists them.
[[nodiscard]] std::string preloaded_already();

/// Returns the folders in which programs are looked for, with colons between.
[[nodiscard]] std::string program_folders();

/// Takes out of the environment what is meant for this process alone: what it is asked for, and `library` from the preloaded
/// ones. So the program finds it as without us, and the programs that it starts are left alone. Called when all has been read.
void leave_environment_without(std::string_view library);

} // namespace cppvaldi
