/// timerfd_create and its kin, in virtual time; and what tells which descriptors stand for timers.

#include "intercept/timers.hpp"

#include "intercept/clock.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(timerfd_create);
CPPVALDI_NEXT(timerfd_settime);
CPPVALDI_NEXT(timerfd_gettime);
CPPVALDI_NEXT(epoll_ctl);
CPPVALDI_NEXT(close);
CPPVALDI_NEXT(dup2);
CPPVALDI_NEXT(dup3);

/// Returns what is to be waited for: nothing if both are zero.
std::chrono::nanoseconds span_of(const timespec& written) noexcept {
    constexpr time_t most_seconds = time_t{100} * 365 * 24 * 3600;
    return std::chrono::seconds(std::min(written.tv_sec, most_seconds)) + std::chrono::nanoseconds(written.tv_nsec);
}

itimerspec shown(const virtual_timer& of) noexcept {
    itimerspec now{};
    constexpr long nanoseconds_in_second = 1'000'000'000;
    now.it_interval = {static_cast<time_t>(of.interval.count() / nanoseconds_in_second),
                       static_cast<long>(of.interval.count() % nanoseconds_in_second)};
    if (of.next != detail::no_deadline) {
        now.it_value = left_until(of.next);
    }
    return now;
}

/// Makes an eventfd that says nothing yet.
void drain(int event) noexcept {
    pollfd asked{event, POLLIN, 0};
    eventfd_t forgotten = 0;
    if (::poll(&asked, 1, 0) == 1) {
        (void)::eventfd_read(event, &forgotten);
    }
}

void arm(virtual_timer& which, int flags, const itimerspec& wanted) noexcept {
    drain(which.descriptor);
    which.interval = span_of(wanted.it_interval);
    if (span_of(wanted.it_value).count() == 0) {
        which.next = detail::no_deadline;
    } else {
        which.next =
            (flags & TFD_TIMER_ABSTIME) != 0 ? deadline_of(which.clock, wanted.it_value) : deadline_in(wanted.it_value);
    }
}

int failed(int code) noexcept {
    errno = code;
    return -1;
}

virtual_timers* known_timers() noexcept {
    execution* const in = taken_over();
    return in == nullptr || in->front_door_keeps() == nullptr ? nullptr : &ledger::of(*in).timers;
}

} // namespace

virtual_timers::~virtual_timers() {
    for (const int event : idle_) {
        next_close(event);
    }
}

void virtual_timers::add(int descriptor, clockid_t clock) {
    forget(descriptor);
    all_.push_back({.descriptor = descriptor, .clock = clock});
}

virtual_timer* virtual_timers::find(int descriptor) noexcept {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [=](const virtual_timer& each) { return each.descriptor == descriptor; });
    return found == all_.end() ? nullptr : &*found;
}

void virtual_timers::forget(int descriptor) noexcept {
    std::erase_if(all_, [=](const virtual_timer& each) { return each.descriptor == descriptor; });
    for (virtual_timer& each : all_) {
        std::erase(each.watched_by, descriptor);
    }
}

void virtual_timers::clear() noexcept { all_.clear(); }

void virtual_timers::settle(detail::deadline now) noexcept {
    for (virtual_timer& each : all_) {
        if (each.next == detail::no_deadline || each.next > now) {
            continue;
        }
        const std::int64_t more = each.interval.count() == 0 ? 0 : (now - each.next) / each.interval;
        (void)::eventfd_write(each.descriptor, static_cast<eventfd_t>(more) + 1);
        each.next = each.interval.count() == 0 ? detail::no_deadline : each.next + (more + 1) * each.interval;
    }
}

namespace {

bool is_in(const virtual_timer& timer, std::span<const pollfd> descriptors) noexcept {
    return std::any_of(descriptors.begin(), descriptors.end(), [&](const pollfd& each) {
        const std::vector<int>& epolls = timer.watched_by;
        return (each.events & POLLIN) != 0 &&
               (each.fd == timer.descriptor || std::find(epolls.begin(), epolls.end(), each.fd) != epolls.end());
    });
}

} // namespace

bool virtual_timers::any_in(std::span<const pollfd> descriptors) const noexcept {
    return std::any_of(all_.begin(), all_.end(), [=](const virtual_timer& each) { return is_in(each, descriptors); });
}

detail::deadline virtual_timers::earliest_in(std::span<const pollfd> descriptors) const noexcept {
    detail::deadline earliest = detail::no_deadline;
    for (const virtual_timer& each : all_) {
        earliest = is_in(each, descriptors) ? std::min(earliest, each.next) : earliest;
    }
    return earliest;
}

void virtual_timers::changed() noexcept {
    for (const int event : waiting_) {
        (void)::eventfd_write(event, 1);
    }
}

virtual_timers::waiting::waiting(virtual_timers& among) : among_(among) {
    if (among.idle_.empty()) {
        among.idle_.push_back(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    }
    changes_ = among.idle_.back();
    among.idle_.pop_back();
    among.waiting_.push_back(changes_);
    among.idle_.reserve(among.waiting_.size());
    drain(changes_);
}

virtual_timers::waiting::~waiting() {
    std::erase(among_.waiting_, changes_);
    among_.idle_.push_back(changes_);
}

void parts::timers() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int timerfd_create(clockid_t clock, int flags) noexcept {
    const int timer = next_timerfd_create(clock, flags); // which knows what is wrong with them
    virtual_timers* const known = known_timers();
    if (timer < 0 || known == nullptr) {
        return timer;
    }
    const cppvaldi::detail::calls_of_its_own own;
    const int event = ::eventfd(0, (flags & TFD_NONBLOCK) != 0 ? EFD_NONBLOCK : 0);
    if (event < 0 || next_dup3(event, timer, (flags & TFD_CLOEXEC) != 0 ? O_CLOEXEC : 0) < 0) {
        const int problem = errno;
        next_close(event);
        next_close(timer);
        return failed(problem);
    }
    next_close(event);
    known->add(timer, clock);
    return timer;
}

int timerfd_settime(int descriptor, int flags, const itimerspec* wanted, itimerspec* before) noexcept {
    virtual_timers* const known = known_timers();
    virtual_timer* const timer = known == nullptr ? nullptr : known->find(descriptor);
    if (timer == nullptr) {
        return next_timerfd_settime(descriptor, flags, wanted, before);
    }
    if (wanted == nullptr) {
        return failed(EFAULT);
    }
    const auto is_sound = [](const timespec& each) { return each.tv_sec >= 0 && is_time(CLOCK_MONOTONIC, &each); };
    if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0 || !is_sound(wanted->it_value) ||
        !is_sound(wanted->it_interval)) {
        return failed(EINVAL);
    }
    const cppvaldi::detail::calls_of_its_own own;
    known->settle(cppvaldi::detail::time_since_begin());
    if (before != nullptr) {
        *before = shown(*timer);
    }
    arm(*timer, flags, *wanted);
    known->settle(cppvaldi::detail::time_since_begin());
    known->changed();
    return 0;
}

int timerfd_gettime(int descriptor, itimerspec* now) noexcept {
    virtual_timers* const known = known_timers();
    virtual_timer* const timer = known == nullptr ? nullptr : known->find(descriptor);
    if (timer == nullptr) {
        return next_timerfd_gettime(descriptor, now);
    }
    if (now == nullptr) {
        return failed(EFAULT);
    }
    const cppvaldi::detail::calls_of_its_own own;
    known->settle(cppvaldi::detail::time_since_begin());
    *now = shown(*timer);
    return 0;
}

int epoll_ctl(int epoll, int what, int descriptor, epoll_event* event) noexcept {
    const int result = next_epoll_ctl(epoll, what, descriptor, event);
    virtual_timers* const known = result == 0 ? known_timers() : nullptr;
    if (virtual_timer* const timer = known == nullptr ? nullptr : known->find(descriptor)) {
        if (what == EPOLL_CTL_ADD) {
            timer->watched_by.push_back(epoll);
            known->changed();
        } else if (what == EPOLL_CTL_DEL) {
            std::erase(timer->watched_by, epoll);
        }
    }
    return result;
}

int close(int descriptor) {
    virtual_timers* const known = known_timers();
    if (known == nullptr) {
        return next_close(descriptor);
    }
    known->forget(descriptor);
    const int result = next_close(descriptor);
    note_closed(*taken_over(), descriptor);
    return result;
}

int dup2(int from, int to) noexcept {
    if (virtual_timers* const known = known_timers(); known != nullptr && from != to) {
        known->forget(to);
    }
    return next_dup2(from, to);
}

int dup3(int from, int to, int flags) noexcept {
    if (virtual_timers* const known = known_timers()) {
        known->forget(to);
    }
    return next_dup3(from, to, flags);
}
}
