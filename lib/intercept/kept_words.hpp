#pragma once

#include <string>

namespace cppvaldi::intercept {

/// Returns words that are there as long as the process is: places keep pointers to them. Equal words are the same pointer.
[[nodiscard]] const char* kept_words(const std::string& words);

/// From now on they are kept in memory that is shared with children: what one of them has noted of a place means the same here,
/// and in the next child. REQUIRES: one of these processes at a time asks for words.
void share_kept_words();

} // namespace cppvaldi::intercept
