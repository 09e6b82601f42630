#pragma once

#include <cstdint>
#include <iosfwd>

namespace cppvaldi {

/// How a report may look.
enum class colours : std::uint8_t {
    none,
    ansi, ///< with escape sequences, as terminals understand them: each starter has a colour of its own
};

/// Returns what may be written to `out`: colours if it is one of the standard streams and goes to a terminal, unless the
/// environment says otherwise (`NO_COLOR` is not empty, or `TERM` is `dumb`). What prints findings and timelines goes by that.
[[nodiscard]] colours colours_for(const std::ostream& out);

} // namespace cppvaldi
