/// sigwait and its kin: a starter that waits for a signal is blocked, and others go on. That one is pending is asked of a signalfd.

#include "intercept/clock.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(sigwait);
CPPVALDI_NEXT(sigwaitinfo);
CPPVALDI_NEXT(sigtimedwait);

/// A descriptor that is readable while one of the signals is pending.
class pending_signals {
public:
    explicit pending_signals(const sigset_t& which) noexcept
        : descriptor_(::signalfd(-1, &which, SFD_CLOEXEC | SFD_NONBLOCK)) {}
    pending_signals(const pending_signals&) = delete;
    pending_signals& operator=(const pending_signals&) = delete;
    ~pending_signals() { ::close(descriptor_); }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

/// Returns the signal, or -1 and EAGAIN at the deadline.
int wait_for_signal(execution& in, const sigset_t& which, siginfo_t* info, detail::deadline until, const place& where) {
    return with_unwinding(in, [&] {
        const pending_signals pending(which);
        object& on = in.descriptor(pending.descriptor());
        const operation announcement = announced(operation_kind::await_readable, access_kind::update, where);
        const timespec no_time{};
        for (;;) {
            const bool ready = in.perform_when_ready(on, announcement, pending.descriptor(), POLLIN, until);
            const int signal = next_sigtimedwait(&which, info, &no_time);
            if (signal >= 0 || errno != EAGAIN || !ready) {
                return signal;
            }
        }
    });
}

} // namespace

void parts::signals() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int sigwait(const sigset_t* __restrict which, int* __restrict signal) {
    if (cppvaldi::execution* const in = taken_over()) {
        const int got = wait_for_signal(*in, *which, nullptr, cppvaldi::detail::no_deadline, CPPVALDI_CALLER);
        if (got >= 0) {
            *signal = got;
        }
        return got < 0 ? errno : 0;
    }
    return next_sigwait(which, signal);
}

int sigwaitinfo(const sigset_t* __restrict which, siginfo_t* __restrict info) {
    if (cppvaldi::execution* const in = taken_over()) {
        return wait_for_signal(*in, *which, info, cppvaldi::detail::no_deadline, CPPVALDI_CALLER);
    }
    return next_sigwaitinfo(which, info);
}

int sigtimedwait(const sigset_t* __restrict which, siginfo_t* __restrict info, const timespec* __restrict after) {
    if (cppvaldi::execution* const in = taken_over()) {
        const auto until = after == nullptr ? cppvaldi::detail::no_deadline : deadline_in(*after);
        return wait_for_signal(*in, *which, info, until, CPPVALDI_CALLER);
    }
    return next_sigtimedwait(which, info, after);
}
}
