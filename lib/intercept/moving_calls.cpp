/// splice, tee and sendfile, which move bytes from one descriptor to another, and recvmmsg and sendmmsg, which take several
/// messages.

#include "intercept/clock.hpp"
#include "intercept/descriptors.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(splice);
CPPVALDI_NEXT(tee);
CPPVALDI_NEXT(sendfile);
CPPVALDI_NEXT(sendmmsg);
next_function<int (*)(int, mmsghdr*, unsigned int, int, timespec*)> next_recvmmsg{"recvmmsg"};

/// While one lives, calls on the descriptor do not wait.
class not_waiting {
public:
    explicit not_waiting(int descriptor) noexcept
        : descriptor_(descriptor), flags_(::fcntl(descriptor, F_GETFL)) { // NOLINT(cppcoreguidelines-pro-type-vararg)
        (void)::fcntl(descriptor, F_SETFL, flags_ | O_NONBLOCK);          // NOLINT(cppcoreguidelines-pro-type-vararg)
    }
    not_waiting(const not_waiting&) = delete;
    not_waiting& operator=(const not_waiting&) = delete;
    ~not_waiting() {
        const int code = errno;
        (void)::fcntl(descriptor_, F_SETFL, flags_); // NOLINT(cppcoreguidelines-pro-type-vararg)
        errno = code;
    }

private:
    int descriptor_;
    int flags_;
};

/// Calls `attempt` when there is something to take and room for it, until it has not found the one or the other gone again.
template <typename Attempt>
ssize_t move(execution& in, int from, int to, bool waits, const place& where, Attempt&& attempt) {
    for (;;) {
        for (const auto& [descriptor, wanted] :
             {std::pair(from, detail::readiness::readable), std::pair(to, detail::readiness::writable)}) {
            if (waits && !never_waits(descriptor)) {
                await(in, descriptor, wanted, where);
            }
        }
        const not_waiting source(from);
        const not_waiting target(to);
        const ssize_t result = attempt();
        const bool is_refused = result < 0 && errno == EAGAIN;
        if (!is_refused || !waits || in.unwinding()) {
            return result;
        }
    }
}

/// The execution in which moving from here to there may wait.
execution* taken_over_on(int from, int to) noexcept {
    execution* const in = intercept::taken_over_on(from);
    return in != nullptr ? in : intercept::taken_over_on(to);
}

/// True if a call on either of them waits, where it has to.
bool any_waits(int from, int to) noexcept { return !is_nonblocking(from) && !is_nonblocking(to); }

} // namespace

void parts::moving_calls() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

ssize_t splice(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t size_bytes, unsigned int flags) {
    cppvaldi::execution* const in = taken_over_on(from, to);
    if (in == nullptr) {
        return next_splice(from, from_offset, to, to_offset, size_bytes, flags);
    }
    const bool waits = (flags & SPLICE_F_NONBLOCK) == 0 && any_waits(from, to);
    return move(*in, from, to, waits, CPPVALDI_CALLER,
                [&] { return next_splice(from, from_offset, to, to_offset, size_bytes, flags | SPLICE_F_NONBLOCK); });
}

ssize_t tee(int from, int to, size_t size_bytes, unsigned int flags) {
    cppvaldi::execution* const in = taken_over_on(from, to);
    if (in == nullptr) {
        return next_tee(from, to, size_bytes, flags);
    }
    const bool waits = (flags & SPLICE_F_NONBLOCK) == 0 && any_waits(from, to);
    return move(*in, from, to, waits, CPPVALDI_CALLER,
                [&] { return next_tee(from, to, size_bytes, flags | SPLICE_F_NONBLOCK); });
}

ssize_t sendfile(int to, int from, off_t* offset, size_t size_bytes) noexcept {
    cppvaldi::execution* const in = taken_over_on(from, to);
    if (in == nullptr) {
        return next_sendfile(to, from, offset, size_bytes);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    return without_throwing(*in, [&] {
        return move(*in, from, to, any_waits(from, to), where,
                    [&] { return next_sendfile(to, from, offset, size_bytes); });
    });
}

/// Files are large here: the one above is `sendfile64` to a linker, and this the other, which is the same on 64 bits.
ssize_t sendfile_of_old(int to, int from, off_t* offset, size_t size_bytes) noexcept __asm__("sendfile");
[[gnu::alias("sendfile64")]] ssize_t sendfile_of_old(int to, int from, off_t* offset, size_t size_bytes) noexcept;

/// The first message is waited for, and then the others, unless MSG_WAITFORONE says otherwise.
int recvmmsg(int socket, mmsghdr* messages, unsigned int count, int flags, timespec* after) {
    cppvaldi::execution* const in = taken_over_on(socket);
    if (in == nullptr) {
        return next_recvmmsg(socket, messages, count, flags, after);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    const auto until = after == nullptr ? cppvaldi::detail::no_deadline : deadline_in(*after);
    unsigned int got = 0;
    while (got < count) {
        const bool stays = got == 0 || (flags & MSG_WAITFORONE) == 0;
        const ssize_t size_bytes =
            receive(*in, socket, &messages[got].msg_hdr, (flags & ~MSG_WAITFORONE) | (stays ? 0 : MSG_DONTWAIT), where);
        if (size_bytes < 0) {
            return got == 0 ? -1 : static_cast<int>(got);
        }
        messages[got++].msg_len = static_cast<unsigned int>(size_bytes);
        if (in->now() >= until) {
            break;
        }
    }
    return static_cast<int>(got);
}

int sendmmsg(int socket, mmsghdr* messages, unsigned int count, int flags) {
    cppvaldi::execution* const in = taken_over_on(socket);
    if (in == nullptr) {
        return next_sendmmsg(socket, messages, count, flags);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    for (unsigned int sent = 0; sent < count; ++sent) {
        const ssize_t size_bytes = send_message(*in, socket, &messages[sent].msg_hdr, flags, where);
        if (size_bytes < 0) {
            return sent == 0 ? -1 : static_cast<int>(sent);
        }
        messages[sent].msg_len = static_cast<unsigned int>(size_bytes);
    }
    return static_cast<int>(count);
}
}
