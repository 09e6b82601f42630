#pragma once

#include "explore/judge.hpp"
#include "explore/trial.hpp"

#include <cppvaldi/finding.hpp>
#include <cppvaldi/schedule.hpp>

namespace cppvaldi {

/// Rule 11: returns the finding for an execution that did not go as recorded, or not as those before it. Plays it again, to say
/// at which step the body does something else each time, if it does.
[[nodiscard]] finding diverged(trial& on, const verdict& judged, const schedule& found);

/// The same for a finding that is not to be seen again under its own schedule.
[[nodiscard]] finding not_seen_again(trial& on, const verdict& judged, const schedule& found);

} // namespace cppvaldi
