#include <cppvaldi/descriptor.hpp>

#include "objects/here.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>

#include <fcntl.h>
#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

namespace cppvaldi {

namespace {

using detail::deadline;
using detail::no_deadline;
using detail::readiness;

/// Puts `errno` back at its end, unless a call has failed. Until then the calls that are made are the library's own.
class errno_keeper {
public:
    errno_keeper() noexcept : before_(errno) {}
    errno_keeper(const errno_keeper&) = delete;
    errno_keeper& operator=(const errno_keeper&) = delete;
    ~errno_keeper() { errno = before_; }

    /// Returns `result`; what `errno` says now is for the caller if it is -1.
    template <typename Result>
    Result done(Result result) noexcept {
        if (result < 0) {
            before_ = errno;
        }
        return result;
    }

    /// Returns -1 with this `errno`.
    int failed(int code) noexcept {
        before_ = code;
        return -1;
    }

private:
    detail::calls_of_its_own own_;
    int before_;
};

static_assert(EAGAIN == EWOULDBLOCK);
bool would_wait(int code) noexcept { return code == EAGAIN; }

bool is_nonblocking(int descriptor) noexcept {
    const int flags = ::fcntl(descriptor, F_GETFL); // NOLINT(cppcoreguidelines-pro-type-vararg)
    return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

/// Calls `call` while the descriptor is O_NONBLOCK.
template <typename Call>
auto without_waiting(int descriptor, Call&& call) noexcept {
    const int flags = ::fcntl(descriptor, F_GETFL); // NOLINT(cppcoreguidelines-pro-type-vararg)
    const bool changes = flags >= 0 && (flags & O_NONBLOCK) == 0;
    if (changes) {
        (void)::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK); // NOLINT(cppcoreguidelines-pro-type-vararg)
    }
    const auto result = call();
    const int code = errno;
    if (changes) {
        (void)::fcntl(descriptor, F_SETFL, flags); // NOLINT(cppcoreguidelines-pro-type-vararg)
    }
    errno = code;
    return result;
}

/// Returns when the socket's own time limit is over: SO_RCVTIMEO or SO_SNDTIMEO.
deadline own_deadline(int descriptor, readiness wanted) noexcept {
    timeval limit{};
    socklen_t size_bytes = sizeof limit;
    const int option = wanted == readiness::readable ? SO_RCVTIMEO : SO_SNDTIMEO;
    if (::getsockopt(descriptor, SOL_SOCKET, option, &limit, &size_bytes) != 0 ||
        (limit.tv_sec == 0 && limit.tv_usec == 0)) {
        return no_deadline;
    }
    return detail::deadline_after(std::chrono::seconds(limit.tv_sec) + std::chrono::microseconds(limit.tv_usec));
}

bool is_stream(int socket) noexcept {
    int type = 0;
    socklen_t size_bytes = sizeof type;
    return ::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size_bytes) == 0 && type == SOCK_STREAM;
}

operation announced_on(readiness wanted, const place& where) noexcept {
    return announced(wanted == readiness::readable ? operation_kind::await_readable : operation_kind::await_writable,
                     access_kind::update, where);
}

short events_of(readiness wanted) noexcept { return wanted == readiness::readable ? POLLIN : POLLOUT; }

/// Outside an execution: the plain poll, in real time.
bool wait_outside(int descriptor, readiness wanted, deadline until) noexcept {
    using std::chrono::milliseconds;
    pollfd asked{descriptor, events_of(wanted), 0};
    int patience = -1;
    if (until != no_deadline) {
        const auto left = std::chrono::ceil<milliseconds>(until - detail::time_since_begin()).count();
        patience = static_cast<int>(std::clamp<milliseconds::rep>(left, 0, std::numeric_limits<int>::max()));
    }
    int ready = 0;
    do {
        ready = ::poll(&asked, 1, patience);
    } while (ready < 0 && errno == EINTR);
    return ready != 0;
}

/// Announces a call that does not wait.
void announce_call(int descriptor, readiness wanted, const place& where) {
    here()->perform(here()->descriptor(descriptor), announced_on(wanted, where), nullptr);
    order_with_outside(*here());
}

bool wait_inside(int descriptor, readiness wanted, deadline until, const place& where) {
    const bool ready = here()->perform_when_ready(here()->descriptor(descriptor), announced_on(wanted, where),
                                                  descriptor, events_of(wanted), until);
    order_with_outside(*here());
    return ready;
}

/// Calls `attempt`, which does not wait, until it neither fails nor has to wait. Returns what it returned last; -1 and EAGAIN when
/// the time is over. The first attempt is announced, and each that comes after a wait belongs to the wait.
template <typename Attempt>
ssize_t try_until_done(int descriptor, readiness wanted, const place& where, Attempt&& attempt) {
    execution& in = *here();
    announce_call(descriptor, wanted, where);
    const deadline until = own_deadline(descriptor, wanted);
    for (;;) {
        const ssize_t result = attempt();
        if (result >= 0 || (!would_wait(errno) && errno != EINTR)) {
            return result;
        }
        if (errno == EINTR) {
            continue;
        }
        in.failed();
        if (is_nonblocking(descriptor)) {
            errno = EAGAIN;
            return -1;
        }
        const bool ready = wait_inside(descriptor, wanted, until, where);
        if (!ready) {
            errno = in.unwinding() ? ECANCELED : EAGAIN;
            return -1;
        }
    }
}

/// The same until all bytes are through, as a call that waits does: `attempt` is given where it has come to.
template <typename Attempt>
ssize_t try_until_all(int descriptor, std::size_t size_bytes, readiness wanted, const place& where, Attempt&& attempt) {
    std::size_t through = 0;
    for (;;) {
        const ssize_t result = try_until_done(descriptor, wanted, where, [&] { return attempt(through); });
        if (result < 0) {
            return through == 0 ? result : static_cast<ssize_t>(through);
        }
        through += static_cast<std::size_t>(result);
        if (result == 0 || through >= size_bytes || is_nonblocking(descriptor)) {
            return static_cast<ssize_t>(through);
        }
    }
}

std::byte* at(void* memory, std::size_t offset) noexcept { return static_cast<std::byte*>(memory) + offset; }
const std::byte* at(const void* memory, std::size_t offset) noexcept {
    return static_cast<const std::byte*>(memory) + offset;
}

/// Asks what came of a connection that was under way.
int connection_result(int socket) noexcept {
    int code = 0;
    socklen_t size_bytes = sizeof code;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size_bytes) != 0) {
        return -1;
    }
    errno = code;
    return code == 0 ? 0 : -1;
}

} // namespace

bool detail::wait_for_descriptor(int descriptor, readiness wanted, deadline until, const place& where) {
    errno_keeper keeps;
    if (here() == nullptr) {
        return wait_outside(descriptor, wanted, until);
    }
    if (descriptor < 0) { // poll would wait for it for ever; a call on it fails at once
        announce_call(descriptor, wanted, where);
        return true;
    }
    return wait_inside(descriptor, wanted, until, where);
}

ssize_t read(int descriptor, void* memory, std::size_t size_bytes, const place& where) {
    if (here() == nullptr) {
        return ::read(descriptor, memory, size_bytes);
    }
    errno_keeper keeps;
    return keeps.done(try_until_done(descriptor, readiness::readable, where, [&] {
        const ssize_t got = ::recv(descriptor, memory, size_bytes, MSG_DONTWAIT);
        return got >= 0 || errno != ENOTSOCK
                   ? got
                   : without_waiting(descriptor, [&] { return ::read(descriptor, memory, size_bytes); });
    }));
}

ssize_t write(int descriptor, const void* memory, std::size_t size_bytes, const place& where) {
    if (here() == nullptr) {
        return ::write(descriptor, memory, size_bytes);
    }
    errno_keeper keeps;
    return keeps.done(try_until_all(descriptor, size_bytes, readiness::writable, where, [&](std::size_t from) {
        const ssize_t put = ::send(descriptor, at(memory, from), size_bytes - from, MSG_DONTWAIT);
        return put >= 0 || errno != ENOTSOCK ? put : without_waiting(descriptor, [&] {
            return ::write(descriptor, at(memory, from), size_bytes - from);
        });
    }));
}

ssize_t recv(int socket, void* memory, std::size_t size_bytes, int flags, const place& where) {
    if (here() == nullptr) {
        return ::recv(socket, memory, size_bytes, flags);
    }
    errno_keeper keeps;
    const bool all = (flags & MSG_WAITALL) != 0 && (flags & (MSG_PEEK | MSG_DONTWAIT)) == 0 && is_stream(socket);
    if ((flags & MSG_DONTWAIT) != 0) {
        announce_call(socket, readiness::readable, where);
        return keeps.done(::recv(socket, memory, size_bytes, flags));
    }
    const auto attempt = [&](std::size_t from) {
        return ::recv(socket, at(memory, from), size_bytes - from, flags | MSG_DONTWAIT);
    };
    return keeps.done(all ? try_until_all(socket, size_bytes, readiness::readable, where, attempt)
                          : try_until_done(socket, readiness::readable, where, [&] { return attempt(0); }));
}

ssize_t send(int socket, const void* memory, std::size_t size_bytes, int flags, const place& where) {
    if (here() == nullptr) {
        return ::send(socket, memory, size_bytes, flags);
    }
    errno_keeper keeps;
    if ((flags & MSG_DONTWAIT) != 0) {
        announce_call(socket, readiness::writable, where);
        return keeps.done(::send(socket, memory, size_bytes, flags));
    }
    return keeps.done(try_until_all(socket, size_bytes, readiness::writable, where, [&](std::size_t from) {
        return ::send(socket, at(memory, from), size_bytes - from, flags | MSG_DONTWAIT);
    }));
}

int accept(int socket, sockaddr* address, socklen_t* address_size_bytes, const place& where) {
    if (here() == nullptr) {
        return ::accept(socket, address, address_size_bytes);
    }
    errno_keeper keeps;
    return keeps.done(static_cast<int>(try_until_done(socket, readiness::readable, where, [&] {
        return without_waiting(socket,
                               [&] { return static_cast<ssize_t>(::accept(socket, address, address_size_bytes)); });
    })));
}

int connect(int socket, const sockaddr* address, socklen_t address_size_bytes, const place& where) {
    if (here() == nullptr) {
        return ::connect(socket, address, address_size_bytes);
    }
    errno_keeper keeps;
    const auto attempt = [&] {
        return without_waiting(socket, [&] { return ::connect(socket, address, address_size_bytes); });
    };
    announce_call(socket, readiness::writable, where);
    const deadline until = own_deadline(socket, readiness::writable);
    int result = attempt();
    if (is_nonblocking(socket)) {
        return keeps.done(result);
    }
    // A Unix socket whose backlog is full says so, and does not say when it has room again.
    while (result < 0 && would_wait(errno)) {
        const deadline soon = detail::deadline_after(std::chrono::milliseconds(1));
        if (detail::time_since_begin() >= until || here()->unwinding()) {
            return keeps.failed(here()->unwinding() ? ECANCELED : EAGAIN);
        }
        here()->sleep_until(soon, where);
        result = attempt();
    }
    if (result == 0 || errno != EINPROGRESS) {
        return keeps.done(result);
    }
    if (!wait_inside(socket, readiness::writable, until, where)) {
        return keeps.failed(here()->unwinding() ? ECANCELED : EINPROGRESS);
    }
    return keeps.done(connection_result(socket));
}

} // namespace cppvaldi
