/// read, write, recv, send, accept, connect and their kin: a starter that would wait is blocked, and others go on. The rules are
/// those of `objects/descriptor.cpp`; here are the calls that have more arguments.

#include "intercept/descriptors.hpp"

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cppvaldi/descriptor.hpp>

#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(read);
CPPVALDI_NEXT(write);
CPPVALDI_NEXT(readv);
CPPVALDI_NEXT(writev);
CPPVALDI_NEXT(recv);
CPPVALDI_NEXT(send);
CPPVALDI_NEXT(recvfrom);
CPPVALDI_NEXT(recvmsg);
CPPVALDI_NEXT(sendmsg);
next_function<ssize_t (*)(int, const void*, std::size_t, int, const sockaddr*, socklen_t)> next_sendto{"sendto"};
next_function<int (*)(int, sockaddr*, socklen_t*)> next_accept{"accept"};
next_function<int (*)(int, sockaddr*, socklen_t*, int)> next_accept4{"accept4"};
next_function<int (*)(int, const sockaddr*, socklen_t)> next_connect{"connect"};

using detail::readiness;

/// Announces, then calls `attempt`, which waits for nobody, until it does not have to.
template <typename Attempt>
auto until_done(execution& in, int descriptor, readiness wanted, bool waits, const place& where, Attempt&& attempt) {
    return with_unwinding(in, [&] {
        const bool reads = wanted == readiness::readable;
        const operation announcement =
            announced(reads ? operation_kind::await_readable : operation_kind::await_writable, access_kind::update,
                      where);
        object& on = in.descriptor(descriptor);
        in.perform(on, announcement, nullptr);
        order_with_outside(in);
        for (;;) {
            const auto result = attempt();
            if (result >= 0 || (errno != EAGAIN && errno != EINTR)) {
                return result;
            }
            if (errno == EAGAIN) {
                in.failed();
                if (!waits) {
                    errno = EAGAIN;
                    return result;
                }
                const short events = reads ? POLLIN : POLLOUT;
                (void)in.perform_when_ready(on, announcement, descriptor, events, detail::no_deadline);
                order_with_outside(in);
            }
        }
    });
}

/// Returns how many bytes a message or a vector has.
std::size_t size_of(const iovec* parts, std::size_t count) noexcept {
    std::size_t size_bytes = 0;
    for (std::size_t each = 0; each < count; ++each) {
        size_bytes += parts[each].iov_len;
    }
    return size_bytes;
}

/// True if it is the descriptor of a timer, which only `poll_until` knows how to wait for.
bool is_timer(execution& in, int descriptor) noexcept { return ledger::of(in).timers.find(descriptor) != nullptr; }

} // namespace

bool is_nonblocking(int descriptor) noexcept {
    const int flags = ::fcntl(descriptor, F_GETFL); // NOLINT(cppcoreguidelines-pro-type-vararg)
    return flags < 0 || (flags & O_NONBLOCK) != 0;
}

ssize_t receive(execution& in, int socket, msghdr* message, int flags, const place& where) {
    const bool waits = (flags & MSG_DONTWAIT) == 0 && !is_nonblocking(socket);
    return until_done(in, socket, readiness::readable, waits, where,
                      [&] { return next_recvmsg(socket, message, flags | MSG_DONTWAIT); });
}

/// What goes out in several parts is sent again from where it has come to only if nothing has gone out: a message goes as a whole,
/// and of a stream as much as there is room for is reported.
ssize_t send_message(execution& in, int socket, const msghdr* message, int flags, const place& where) {
    const bool waits = (flags & MSG_DONTWAIT) == 0 && !is_nonblocking(socket);
    return until_done(in, socket, readiness::writable, waits, where,
                      [&] { return next_sendmsg(socket, message, flags | MSG_DONTWAIT); });
}

void await(execution& in, int descriptor, readiness wanted, const place& where) {
    with_unwinding(in, [&] {
        if (is_timer(in, descriptor)) {
            pollfd asked{descriptor, POLLIN, 0};
            const detail::deadline until = is_nonblocking(descriptor) ? detail::deadline(0) : detail::no_deadline;
            while (poll_until(in, {&asked, 1}, until, where) < 0 && errno == EINTR) {}
        } else if (is_nonblocking(descriptor)) {
            const operation_kind kind =
                wanted == readiness::readable ? operation_kind::await_readable : operation_kind::await_writable;
            in.perform(in.descriptor(descriptor), announced(kind, access_kind::update, where), nullptr);
            order_with_outside(in);
        } else {
            (void)detail::wait_for_descriptor(descriptor, wanted, detail::no_deadline, where);
        }
        return 0;
    });
}

execution* taken_over_on(int descriptor) noexcept {
    execution* const in = taken_over();
    return in == nullptr || never_waits(descriptor) ? nullptr : in;
}

bool never_waits(int descriptor) noexcept {
    struct stat about {};
    const int before = errno;
    const bool exists = ::fstat(descriptor, &about) == 0;
    errno = before;
    return !exists || S_ISREG(about.st_mode) || S_ISDIR(about.st_mode) || S_ISBLK(about.st_mode);
}

void parts::descriptors() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

ssize_t read(int descriptor, void* memory, size_t size_bytes) {
    if (cppvaldi::execution* const in = taken_over_on(descriptor)) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        if (is_timer(*in, descriptor)) {
            await(*in, descriptor, cppvaldi::detail::readiness::readable, where);
            return next_read(descriptor, memory, size_bytes);
        }
        return with_unwinding(*in, [&] { return cppvaldi::read(descriptor, memory, size_bytes, where); });
    }
    return next_read(descriptor, memory, size_bytes);
}

ssize_t write(int descriptor, const void* memory, size_t size_bytes) {
    if (cppvaldi::execution* const in = taken_over_on(descriptor)) {
        if (is_timer(*in, descriptor)) {
            errno = EINVAL;
            return -1;
        }
        const cppvaldi::place where = CPPVALDI_CALLER;
        return with_unwinding(*in, [&] { return cppvaldi::write(descriptor, memory, size_bytes, where); });
    }
    return next_write(descriptor, memory, size_bytes);
}

ssize_t readv(int descriptor, const iovec* parts, int count) {
    if (cppvaldi::execution* const in = taken_over_on(descriptor)) {
        await(*in, descriptor, cppvaldi::detail::readiness::readable, CPPVALDI_CALLER);
    }
    return next_readv(descriptor, parts, count);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
    cppvaldi::execution* const in = taken_over_on(descriptor);
    if (in == nullptr || count < 0) {
        return next_writev(descriptor, parts, count);
    }
    // In one piece, so that the rest can wait for room.
    const cppvaldi::place where = CPPVALDI_CALLER;
    std::vector<std::byte> whole;
    whole.reserve(size_of(parts, static_cast<std::size_t>(count)));
    for (int each = 0; each < count; ++each) {
        const auto* const from = static_cast<const std::byte*>(parts[each].iov_base);
        whole.insert(whole.end(), from, from + parts[each].iov_len);
    }
    return with_unwinding(*in, [&] { return cppvaldi::write(descriptor, whole.data(), whole.size(), where); });
}

ssize_t recv(int socket, void* memory, size_t size_bytes, int flags) {
    if (cppvaldi::execution* const in = taken_over_on(socket)) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return with_unwinding(*in, [&] { return cppvaldi::recv(socket, memory, size_bytes, flags, where); });
    }
    return next_recv(socket, memory, size_bytes, flags);
}

ssize_t send(int socket, const void* memory, size_t size_bytes, int flags) {
    if (cppvaldi::execution* const in = taken_over_on(socket)) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return with_unwinding(*in, [&] { return cppvaldi::send(socket, memory, size_bytes, flags, where); });
    }
    return next_send(socket, memory, size_bytes, flags);
}

ssize_t recvfrom(int socket, void* __restrict memory, size_t size_bytes, int flags, sockaddr* __restrict address,
                 socklen_t* __restrict address_size_bytes) {
    cppvaldi::execution* const in = taken_over_on(socket);
    if (in == nullptr) {
        return next_recvfrom(socket, memory, size_bytes, flags, address, address_size_bytes);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    if (address == nullptr) {
        return with_unwinding(*in, [&] { return cppvaldi::recv(socket, memory, size_bytes, flags, where); });
    }
    iovec part{memory, size_bytes};
    msghdr message{};
    message.msg_name = address;
    message.msg_namelen = *address_size_bytes;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const ssize_t result = receive(*in, socket, &message, flags, where);
    if (result >= 0) {
        *address_size_bytes = message.msg_namelen;
    }
    return result;
}

ssize_t sendto(int socket, const void* memory, size_t size_bytes, int flags, const sockaddr* address,
               socklen_t address_size_bytes) {
    cppvaldi::execution* const in = taken_over_on(socket);
    if (in == nullptr) {
        return next_sendto(socket, memory, size_bytes, flags, address, address_size_bytes);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    if (address == nullptr) {
        return with_unwinding(*in, [&] { return cppvaldi::send(socket, memory, size_bytes, flags, where); });
    }
    const bool waits = (flags & MSG_DONTWAIT) == 0 && !is_nonblocking(socket);
    return until_done(*in, socket, cppvaldi::detail::readiness::writable, waits, where, [&] {
        return next_sendto(socket, memory, size_bytes, flags | MSG_DONTWAIT, address, address_size_bytes);
    });
}

ssize_t recvmsg(int socket, msghdr* message, int flags) {
    if (cppvaldi::execution* const in = taken_over_on(socket)) {
        return receive(*in, socket, message, flags, CPPVALDI_CALLER);
    }
    return next_recvmsg(socket, message, flags);
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    if (cppvaldi::execution* const in = taken_over_on(socket)) {
        return send_message(*in, socket, message, flags, CPPVALDI_CALLER);
    }
    return next_sendmsg(socket, message, flags);
}

int accept(int socket, sockaddr* __restrict address, socklen_t* __restrict address_size_bytes) {
    if (cppvaldi::execution* const in = taken_over_on(socket)) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return with_unwinding(*in, [&] { return cppvaldi::accept(socket, address, address_size_bytes, where); });
    }
    return next_accept(socket, address, address_size_bytes);
}

int accept4(int socket, sockaddr* __restrict address, socklen_t* __restrict address_size_bytes, int flags) {
    if (cppvaldi::execution* const in = taken_over_on(socket)) {
        await(*in, socket, cppvaldi::detail::readiness::readable, CPPVALDI_CALLER);
    }
    return next_accept4(socket, address, address_size_bytes, flags);
}

int connect(int socket, const sockaddr* address, socklen_t address_size_bytes) {
    if (cppvaldi::execution* const in = taken_over_on(socket)) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return with_unwinding(*in, [&] { return cppvaldi::connect(socket, address, address_size_bytes, where); });
    }
    return next_connect(socket, address, address_size_bytes);
}
}
