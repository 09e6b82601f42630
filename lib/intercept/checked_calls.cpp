/// What -D_FORTIFY_SOURCE makes of read, recv, poll and their kin where the compiler knows how much room there is. The C
/// library's would not call the functions that this library has taken the place of.

#include "intercept/parts.hpp"

#include <cstddef>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

extern "C" {

[[noreturn]] void __chk_fail() noexcept;

ssize_t __read_chk(int descriptor, void* memory, size_t size_bytes, size_t room_bytes);
ssize_t __recv_chk(int socket, void* memory, size_t size_bytes, size_t room_bytes, int flags);
ssize_t __recvfrom_chk(int socket, void* __restrict memory, size_t size_bytes, size_t room_bytes, int flags,
                       sockaddr* __restrict address, socklen_t* __restrict address_size_bytes);
int __poll_chk(pollfd* descriptors, nfds_t count, int milliseconds, size_t room_bytes);
int __ppoll_chk(pollfd* descriptors, nfds_t count, const timespec* after, const sigset_t* signals, size_t room_bytes);

ssize_t __read_chk(int descriptor, void* memory, size_t size_bytes, size_t room_bytes) {
    if (size_bytes > room_bytes) {
        __chk_fail();
    }
    return ::read(descriptor, memory, size_bytes);
}

ssize_t __recv_chk(int socket, void* memory, size_t size_bytes, size_t room_bytes, int flags) {
    if (size_bytes > room_bytes) {
        __chk_fail();
    }
    return ::recv(socket, memory, size_bytes, flags);
}

ssize_t __recvfrom_chk(int socket, void* __restrict memory, size_t size_bytes, size_t room_bytes, int flags,
                       sockaddr* __restrict address, socklen_t* __restrict address_size_bytes) {
    if (size_bytes > room_bytes) {
        __chk_fail();
    }
    return ::recvfrom(socket, memory, size_bytes, flags, address, address_size_bytes);
}

int __poll_chk(pollfd* descriptors, nfds_t count, int milliseconds, size_t room_bytes) {
    if (room_bytes / sizeof(pollfd) < count) {
        __chk_fail();
    }
    return ::poll(descriptors, count, milliseconds);
}

int __ppoll_chk(pollfd* descriptors, nfds_t count, const timespec* after, const sigset_t* signals, size_t room_bytes) {
    if (room_bytes / sizeof(pollfd) < count) {
        __chk_fail();
    }
    return ::ppoll(descriptors, count, after, signals);
}

int eventfd_read(int descriptor, eventfd_t* value) {
    return ::read(descriptor, value, sizeof *value) == sizeof *value ? 0 : -1;
}

int eventfd_write(int descriptor, eventfd_t value) {
    return ::write(descriptor, &value, sizeof value) == sizeof value ? 0 : -1;
}
}

namespace cppvaldi::intercept {

void parts::checked_calls() noexcept {}

} // namespace cppvaldi::intercept
