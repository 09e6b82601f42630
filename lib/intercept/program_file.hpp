#pragma once

#include <string>

namespace cppvaldi::intercept {

/// What a file is to who wants to run it under the preloaded library, a value.
struct program_file {
    std::string why_not{};  ///< it cannot be; empty if it can
    bool is_script = false; ///< its interpreter is what is run
};

/// Looks at the file that execvp(3) would run for that word. If there is none, or it may not be read, nothing speaks against it:
/// execvp knows better.
[[nodiscard]] program_file look_at_program(const std::string& word);

} // namespace cppvaldi::intercept
