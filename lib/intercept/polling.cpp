/// poll, select, epoll_wait and their kin. Time limits are virtual; that a descriptor is ready is looked at when the call is
/// made, and when no starter can run.

#include "intercept/clock.hpp"
#include "intercept/descriptors.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(poll);
CPPVALDI_NEXT(ppoll);
CPPVALDI_NEXT(select);
CPPVALDI_NEXT(pselect);
CPPVALDI_NEXT(epoll_wait);
CPPVALDI_NEXT(epoll_pwait);
next_function<int (*)(int, epoll_event*, int, const timespec*, const sigset_t*)> next_epoll_pwait2{"epoll_pwait2"};

int failed(int code) noexcept {
    errno = code;
    return -1;
}

int select_until(execution& in, int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                 detail::deadline until, const place& where) {
    std::vector<pollfd> asked;
    for (int descriptor = 0; descriptor < count; ++descriptor) {
        const auto wants = [&](const fd_set* set) { return set != nullptr && FD_ISSET(descriptor, set); };
        const int events =
            (wants(readable) ? POLLIN : 0) | (wants(writable) ? POLLOUT : 0) | (wants(exceptional) ? POLLPRI : 0);
        if (events != 0) {
            asked.push_back({descriptor, static_cast<short>(events), 0});
        }
    }
    if (poll_until(in, asked, until, where) < 0) {
        return -1;
    }
    int ready = 0;
    const auto answer = [&](const pollfd& each, fd_set* set, short wanted, int meant) {
        if ((each.events & wanted) == 0) {
            return;
        }
        if ((each.revents & meant) != 0) {
            ++ready;
        } else {
            FD_CLR(each.fd, set);
        }
    };
    for (const pollfd& each : asked) {
        if ((each.revents & POLLNVAL) != 0) {
            return failed(EBADF);
        }
        answer(each, readable, POLLIN, POLLIN | POLLHUP | POLLERR);
        answer(each, writable, POLLOUT, POLLOUT | POLLERR);
        answer(each, exceptional, POLLPRI, POLLPRI);
    }
    return ready;
}

/// Returns false if the time is over. That a timer expires is a deadline, too, after which there is something to see.
bool wait_until(execution& in, object& on, const operation& announcement, std::span<const pollfd> descriptors,
                detail::deadline until) {
    virtual_timers& timers = ledger::of(in).timers;
    if (!timers.any_in(descriptors)) {
        return in.perform_when_ready(on, announcement, descriptors, until);
    }
    const virtual_timers::waiting waits(timers);
    std::vector<pollfd> asked(descriptors.begin(), descriptors.end());
    asked.push_back({waits.changes(), POLLIN, 0});
    return in.perform_when_ready(on, announcement, asked, std::min(until, timers.earliest_in(descriptors))) ||
           in.now() < until;
}

int await_events(execution& in, int epoll, epoll_event* events, int most, detail::deadline until, const place& where) {
    for (;;) {
        pollfd asked{epoll, POLLIN, 0};
        const int ready = poll_until(in, {&asked, 1}, until, where);
        if (ready < 0) {
            return -1;
        }
        const int got = next_epoll_wait(epoll, events, most, 0);
        if (got != 0 || ready == 0) {
            return got;
        }
    }
}

} // namespace

detail::deadline deadline_of_milliseconds(int milliseconds) noexcept {
    return milliseconds < 0 ? detail::no_deadline
                            : detail::time_since_begin() + std::chrono::milliseconds(milliseconds);
}

int poll_until(execution& in, std::span<pollfd> descriptors, detail::deadline until, const place& where) {
    return with_unwinding(in, [&] {
        const auto look = [&] {
            ledger::of(in).timers.settle(in.now());
            return next_poll(descriptors.data(), static_cast<nfds_t>(descriptors.size()), 0);
        };
        if (descriptors.empty()) {
            in.sleep_until(until, where);
            return 0;
        }
        const operation announcement = announced(operation_kind::await_readable, access_kind::update, where);
        object& on = in.descriptor(descriptors.front().fd);
        in.perform(on, announcement, nullptr);
        for (;;) {
            order_with_outside(in);
            const int ready = look();
            if (ready > 0 || (ready < 0 && errno != EINTR)) {
                return ready;
            }
            if (ready == 0 && until <= in.now()) {
                in.changed_nothing();
                return 0;
            }
            if (ready == 0 && !wait_until(in, on, announcement, descriptors, until)) {
                return look();
            }
        }
    });
}

void parts::polling() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int poll(pollfd* descriptors, nfds_t count, int milliseconds) {
    if (cppvaldi::execution* const in = taken_over()) {
        return poll_until(*in, {descriptors, count}, deadline_of_milliseconds(milliseconds), CPPVALDI_CALLER);
    }
    return next_poll(descriptors, count, milliseconds);
}

int ppoll(pollfd* descriptors, nfds_t count, const timespec* after, const sigset_t* signals) {
    if (cppvaldi::execution* const in = taken_over()) {
        const auto until = after == nullptr ? cppvaldi::detail::no_deadline : deadline_in(*after);
        return poll_until(*in, {descriptors, count}, until, CPPVALDI_CALLER);
    }
    return next_ppoll(descriptors, count, after, signals);
}

int select(int count, fd_set* __restrict readable, fd_set* __restrict writable, fd_set* __restrict exceptional,
           timeval* __restrict after) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_select(count, readable, writable, exceptional, after);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    if (after == nullptr) {
        return select_until(*in, count, readable, writable, exceptional, cppvaldi::detail::no_deadline, where);
    }
    const auto until = deadline_in({after->tv_sec, after->tv_usec * 1000});
    const int result = select_until(*in, count, readable, writable, exceptional, until, where);
    const timespec left = left_until(until);
    *after = {left.tv_sec, left.tv_nsec / 1000};
    return result;
}

int pselect(int count, fd_set* __restrict readable, fd_set* __restrict writable, fd_set* __restrict exceptional,
            const timespec* __restrict after, const sigset_t* __restrict signals) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_pselect(count, readable, writable, exceptional, after, signals);
    }
    const auto until = after == nullptr ? cppvaldi::detail::no_deadline : deadline_in(*after);
    return select_until(*in, count, readable, writable, exceptional, until, CPPVALDI_CALLER);
}

int epoll_wait(int epoll, epoll_event* events, int most, int milliseconds) {
    if (cppvaldi::execution* const in = taken_over()) {
        return await_events(*in, epoll, events, most, deadline_of_milliseconds(milliseconds), CPPVALDI_CALLER);
    }
    return next_epoll_wait(epoll, events, most, milliseconds);
}

int epoll_pwait(int epoll, epoll_event* events, int most, int milliseconds, const sigset_t* signals) {
    if (cppvaldi::execution* const in = taken_over()) {
        return await_events(*in, epoll, events, most, deadline_of_milliseconds(milliseconds), CPPVALDI_CALLER);
    }
    return next_epoll_pwait(epoll, events, most, milliseconds, signals);
}

int epoll_pwait2(int epoll, epoll_event* events, int most, const timespec* after, const sigset_t* signals) {
    if (cppvaldi::execution* const in = taken_over()) {
        const auto until = after == nullptr ? cppvaldi::detail::no_deadline : deadline_in(*after);
        return await_events(*in, epoll, events, most, until, CPPVALDI_CALLER);
    }
    return next_epoll_pwait2(epoll, events, most, after, signals);
}
}
