/// sigwait, pause and their kin: a starter that waits for a signal is blocked, and others go on. That one is pending is asked of
/// a signalfd. So signals that pause and sigsuspend wait for are blocked until one of them is due, and then all are let come.

#include "intercept/clock.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(sigwait);
CPPVALDI_NEXT(sigwaitinfo);
CPPVALDI_NEXT(sigtimedwait);
CPPVALDI_NEXT(pause);
CPPVALDI_NEXT(sigsuspend);

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

/// Returns those that a handler may be run for when they are not in `blocked`. What a crash raises and the watchdog are not
/// waited for.
sigset_t waited_for(const sigset_t& blocked) noexcept {
    sigset_t all{};
    (void)::sigemptyset(&all);
    for (int signal = 1; signal < SIGRTMIN + 7; ++signal) {
        const bool is_of_crash = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
                                 signal == SIGTRAP || signal == SIGSYS || signal == SIGABRT;
        if (!is_of_crash && ::sigismember(&blocked, signal) == 0) {
            (void)::sigaddset(&all, signal);
        }
    }
    return all;
}

/// True if one of the pending ones among `which` has a handler, or ends the process.
bool any_is_heard(const sigset_t& which) noexcept {
    sigset_t pending{};
    (void)::sigpending(&pending);
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        struct sigaction set {};
        if (::sigismember(&pending, signal) != 1 || ::sigismember(&which, signal) != 1 ||
            ::sigaction(signal, nullptr, &set) != 0 || set.sa_handler == SIG_IGN) {
            continue;
        }
        const bool is_nothing = signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT;
        if (set.sa_handler != SIG_DFL || !is_nothing) {
            return true;
        }
    }
    return false;
}

/// While one lives, what is waited for is blocked.
class signals_held {
public:
    explicit signals_held(ledger& kept) noexcept : kept_(kept) {
        sigset_t before{};
        (void)::pthread_sigmask(SIG_SETMASK, nullptr, &before);
        if (kept_.suspended++ == 0) {
            kept_.blocked_before = before;
        }
    }
    signals_held(const signals_held&) = delete;
    signals_held& operator=(const signals_held&) = delete;
    ~signals_held() {
        if (--kept_.suspended == 0) {
            (void)::pthread_sigmask(SIG_SETMASK, &kept_.blocked_before, nullptr);
        }
    }

private:
    ledger& kept_;
};

/// As sigsuspend(2) with `mask`, or, if that is null, as pause(2).
int suspend(execution& in, const sigset_t* mask, const place& where) {
    return with_unwinding(in, [&] {
        const signals_held held(ledger::of(in));
        const sigset_t open = mask != nullptr ? *mask : ledger::of(in).blocked_before;
        const sigset_t which = waited_for(open);
        (void)::pthread_sigmask(SIG_BLOCK, &which, nullptr);
        const pending_signals pending(which);
        object& on = in.descriptor(pending.descriptor());
        for (bool is_heard = false; !is_heard;) {
            (void)in.perform_when_ready(on, announced(operation_kind::await_readable, access_kind::update, where),
                                        pending.descriptor(), POLLIN, detail::no_deadline);
            order_with_outside(in);
            is_heard = any_is_heard(which);
            sigset_t meanwhile{};
            const unsigned int own_calls = std::exchange(detail::own_calls, 0); // what handlers call is taken over
            (void)::pthread_sigmask(SIG_SETMASK, &open, &meanwhile);            // here they come
            detail::own_calls = own_calls;
            (void)::pthread_sigmask(SIG_SETMASK, &meanwhile, nullptr);
        }
        errno = EINTR;
        return -1;
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

int pause() {
    if (cppvaldi::execution* const in = taken_over()) {
        return suspend(*in, nullptr, CPPVALDI_CALLER);
    }
    return next_pause();
}

int sigsuspend(const sigset_t* mask) {
    if (cppvaldi::execution* const in = taken_over()) {
        return suspend(*in, mask, CPPVALDI_CALLER);
    }
    return next_sigsuspend(mask);
}
}
