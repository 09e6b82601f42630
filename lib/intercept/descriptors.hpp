#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/descriptor.hpp>
#include <cppvaldi/place.hpp>

#include <span>

#include <poll.h>
#include <sys/socket.h>

namespace cppvaldi::intercept {

/// True if a call on it never waits for anybody: a file, a folder, or no descriptor at all. Such a call is no scheduling point.
[[nodiscard]] bool never_waits(int descriptor) noexcept;

/// Returns the execution that a call on `descriptor` may wait in; null if it waits in none.
[[nodiscard]] execution* taken_over_on(int descriptor) noexcept;

/// True if calls on it fail where others would wait.
[[nodiscard]] bool is_nonblocking(int descriptor) noexcept;

/// Waits until a call would not, unless the descriptor does not wait. Who calls then calls for real.
void await(execution& in, int descriptor, detail::readiness wanted, const place& where);

/// As recvmsg(2).
ssize_t receive(execution& in, int socket, msghdr* message, int flags, const place& where);

/// As sendmsg(2).
ssize_t send_message(execution& in, int socket, const msghdr* message, int flags, const place& where);

/// Waits until one of the descriptors is ready, in the words of poll(2). Returns how many are, 0 at the deadline. With no
/// descriptor it sleeps.
int poll_until(execution& in, std::span<pollfd> descriptors, detail::deadline until, const place& where);

/// Returns how long it still is until `milliseconds` from now on are over, as poll(2) and epoll_wait(2) count: -1 is for ever.
[[nodiscard]] detail::deadline deadline_of_milliseconds(int milliseconds) noexcept;

} // namespace cppvaldi::intercept
