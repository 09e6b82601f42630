#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/place.hpp>

#include <span>

#include <poll.h>

namespace cppvaldi::intercept {

/// True if a call on it never waits for anybody: a file, a folder, or no descriptor at all. Such a call is no scheduling point.
[[nodiscard]] bool never_waits(int descriptor) noexcept;

/// Waits until one of the descriptors is ready, in the words of poll(2). Returns how many are, 0 at the deadline. With no
/// descriptor it sleeps.
int poll_until(execution& in, std::span<pollfd> descriptors, detail::deadline until, const place& where);

/// Returns how long it still is until `milliseconds` from now on are over, as poll(2) and epoll_wait(2) count: -1 is for ever.
[[nodiscard]] detail::deadline deadline_of_milliseconds(int milliseconds) noexcept;

} // namespace cppvaldi::intercept
