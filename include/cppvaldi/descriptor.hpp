#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>

#include <sys/socket.h>
#include <sys/types.h>

namespace cppvaldi {

/// Calls on descriptors that let other starters run while they wait. A starter that waits for a descriptor is blocked on it like
/// on a lock; when no starter can run, and only then, the operating system is asked, for as long as
/// `execution_options::patience_before_deadlock` says.
///
/// Each call does what the POSIX call of its name does, `errno` and signals included, also on a descriptor that is O_NONBLOCK:
/// there it waits for nothing. `errno` is left alone by a call that succeeds. SO_RCVTIMEO and SO_SNDTIMEO count in virtual time.
/// To try without waiting, sockets are told so by MSG_DONTWAIT, and for all else O_NONBLOCK is set during the system call and
/// taken back: other processes that share the open file may see that. Outside an execution they are the plain calls.
///
/// Nothing that comes from outside the execution is a decision: a schedule replays if the other side does the same again.

namespace detail {

enum class readiness : unsigned char { readable, writable };

/// Returns false at the deadline. MAY SWITCH.
bool wait_for_descriptor(int descriptor, readiness wanted, deadline until, const place& where);

} // namespace detail

/// Waits until a call that reads from it would not wait: there is something, or its end, or an error, an invalid descriptor
/// included, which that call will tell. MAY SWITCH.
inline void wait_readable(int descriptor, const place& where = place::current()) {
    (void)detail::wait_for_descriptor(descriptor, detail::readiness::readable, detail::no_deadline, where);
}

/// The same until `after`, in virtual time; returns whether it is readable. MAY SWITCH.
template <typename Rep, typename Period>
bool wait_readable(int descriptor, const std::chrono::duration<Rep, Period>& after,
                   const place& where = place::current()) {
    return detail::wait_for_descriptor(descriptor, detail::readiness::readable, detail::deadline_after(after), where);
}

/// The same until `when`, in virtual time. MAY SWITCH.
template <typename Clock, typename Duration>
bool wait_readable(int descriptor, const std::chrono::time_point<Clock, Duration>& when,
                   const place& where = place::current()) {
    return detail::wait_for_descriptor(descriptor, detail::readiness::readable, detail::deadline_at(when), where);
}

/// Waits until a call that writes to it would not wait. MAY SWITCH.
inline void wait_writable(int descriptor, const place& where = place::current()) {
    (void)detail::wait_for_descriptor(descriptor, detail::readiness::writable, detail::no_deadline, where);
}

/// The same until `after`, in virtual time; returns whether it is writable. MAY SWITCH.
template <typename Rep, typename Period>
bool wait_writable(int descriptor, const std::chrono::duration<Rep, Period>& after,
                   const place& where = place::current()) {
    return detail::wait_for_descriptor(descriptor, detail::readiness::writable, detail::deadline_after(after), where);
}

/// The same until `when`, in virtual time. MAY SWITCH.
template <typename Clock, typename Duration>
bool wait_writable(int descriptor, const std::chrono::time_point<Clock, Duration>& when,
                   const place& where = place::current()) {
    return detail::wait_for_descriptor(descriptor, detail::readiness::writable, detail::deadline_at(when), where);
}

// MAY SWITCH: all that follow.

ssize_t read(int descriptor, void* memory, std::size_t size_bytes, const place& where = place::current());

/// Like the plain call it waits until all is written; an error after a part returns the size of the part.
ssize_t write(int descriptor, const void* memory, std::size_t size_bytes, const place& where = place::current());

ssize_t recv(int socket, void* memory, std::size_t size_bytes, int flags, const place& where = place::current());

/// As `write`.
ssize_t send(int socket, const void* memory, std::size_t size_bytes, int flags, const place& where = place::current());

int accept(int socket, sockaddr* address, socklen_t* address_size_bytes, const place& where = place::current());
int connect(int socket, const sockaddr* address, socklen_t address_size_bytes, const place& where = place::current());

} // namespace cppvaldi
