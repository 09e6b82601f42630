/// timerfd_create(2), in virtual time: what the manual page says, the errors included, and how timers are waited for.

#include "exploring.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <set>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace {

constexpr long nanoseconds_in_second = 1'000'000'000;

/// A timer that is closed at the end.
struct timer {
    explicit timer(int flags = 0, clockid_t clock = CLOCK_MONOTONIC) : descriptor(::timerfd_create(clock, flags)) {
        EXPECT(descriptor >= 0);
    }
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    ~timer() { ::close(descriptor); }

    /// Arms it, by seconds.
    void arm(time_t after, time_t interval = 0, int flags = 0) const {
        const itimerspec wanted{{interval, 0}, {after, 0}};
        EXPECT(::timerfd_settime(descriptor, flags, &wanted, nullptr) == 0);
    }

    [[nodiscard]] itimerspec shown() const {
        itimerspec now{};
        EXPECT(::timerfd_gettime(descriptor, &now) == 0);
        return now;
    }

    /// Returns how often it has expired.
    [[nodiscard]] std::uint64_t expirations() const {
        std::uint64_t many = 0;
        EXPECT(::read(descriptor, &many, sizeof many) == sizeof many);
        return many;
    }

    int descriptor;
};

/// Seconds since the execution began.
std::int64_t seconds() {
    timespec now{};
    EXPECT(::clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec - 1000;
}

int failed_with(int result) { return result == -1 ? errno : 0; }

} // namespace

BOOST_AUTO_TEST_CASE(who_reads_a_timer_waits_until_it_expires_in_no_time) {
    const auto begin = std::chrono::steady_clock::now();
    holds([] {
        const timer once;
        once.arm(3600);
        EXPECT(once.expirations() == 1);
        EXPECT(seconds() == 3600);
        EXPECT(once.shown().it_value.tv_sec == 0 && once.shown().it_value.tv_nsec == 0);
    });
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::minutes(10)));
}

BOOST_AUTO_TEST_CASE(one_with_an_interval_counts_what_was_not_read) {
    holds([] {
        const timer many;
        many.arm(2, 3);
        EXPECT(many.expirations() == 1);
        EXPECT(seconds() == 2);
        ::sleep(7); // at 5 and at 8
        EXPECT(many.expirations() == 2);
        EXPECT(many.shown().it_value.tv_sec == 2);
        EXPECT(many.shown().it_interval.tv_sec == 3);
        EXPECT(many.expirations() == 1);
        EXPECT(seconds() == 11);
    });
}

BOOST_AUTO_TEST_CASE(absolute_times_are_those_of_its_clock_and_may_be_over) {
    holds([] {
        const timer by_monotonic;
        by_monotonic.arm(1005, 0, TFD_TIMER_ABSTIME);
        EXPECT(by_monotonic.expirations() == 1);
        EXPECT(seconds() == 5);
        by_monotonic.arm(1, 0, TFD_TIMER_ABSTIME);
        EXPECT(by_monotonic.expirations() == 1);
        EXPECT(seconds() == 5);
        const timer by_the_calendar(0, CLOCK_REALTIME);
        by_the_calendar.arm(::time(nullptr) + 10, 0, TFD_TIMER_ABSTIME);
        EXPECT(by_the_calendar.shown().it_value.tv_sec == 10); // relative all the same
        EXPECT(by_the_calendar.expirations() == 1);
        EXPECT(seconds() == 15);
    });
}

BOOST_AUTO_TEST_CASE(setting_it_returns_what_it_was_and_forgets_what_was_not_read) {
    holds([] {
        const timer set(TFD_NONBLOCK);
        itimerspec before{{9, 9}, {9, 9}};
        const itimerspec first{{4, 0}, {1, nanoseconds_in_second / 2}};
        EXPECT(::timerfd_settime(set.descriptor, 0, &first, &before) == 0);
        EXPECT(before.it_value.tv_sec == 0 && before.it_value.tv_nsec == 0 && before.it_interval.tv_sec == 0);
        ::sleep(1);
        const itimerspec none{};
        EXPECT(::timerfd_settime(set.descriptor, 0, &first, &before) == 0);
        EXPECT(before.it_value.tv_sec == 0 && before.it_value.tv_nsec == nanoseconds_in_second / 2);
        EXPECT(before.it_interval.tv_sec == 4);
        ::sleep(2); // it has expired
        EXPECT(::timerfd_settime(set.descriptor, 0, &none, &before) == 0);
        EXPECT(before.it_value.tv_sec == 3);
        std::uint64_t many = 0;
        EXPECT(failed_with(static_cast<int>(::read(set.descriptor, &many, sizeof many))) == EAGAIN);
        ::sleep(10); // and is disarmed
        EXPECT(failed_with(static_cast<int>(::read(set.descriptor, &many, sizeof many))) == EAGAIN);
    });
}

BOOST_AUTO_TEST_CASE(what_the_calls_refuse) {
    holds([] {
        const itimerspec sound{{0, 0}, {1, 0}};
        itimerspec shown{};
        EXPECT(failed_with(::timerfd_create(99, 0)) == EINVAL);
        EXPECT(failed_with(::timerfd_create(CLOCK_MONOTONIC, 0x10)) == EINVAL);
        EXPECT(failed_with(::timerfd_settime(-1, 0, &sound, nullptr)) == EBADF);
        EXPECT(failed_with(::timerfd_gettime(-1, &shown)) == EBADF);
        std::array<int, 2> ends{};
        EXPECT(::pipe(ends.data()) == 0);
        EXPECT(failed_with(::timerfd_settime(ends[0], 0, &sound, nullptr)) == EINVAL);
        EXPECT(failed_with(::timerfd_gettime(ends[0], &shown)) == EINVAL);
        ::close(ends[0]);
        ::close(ends[1]);
        const timer set;
        const itimerspec too_fine{{0, 0}, {0, nanoseconds_in_second}};
        const itimerspec too_fine_interval{{0, -1}, {1, 0}};
        const itimerspec negative{{0, 0}, {-1, 0}};
        EXPECT(failed_with(::timerfd_settime(set.descriptor, 0, &too_fine, nullptr)) == EINVAL);
        EXPECT(failed_with(::timerfd_settime(set.descriptor, 0, &too_fine_interval, nullptr)) == EINVAL);
        EXPECT(failed_with(::timerfd_settime(set.descriptor, 0, &negative, nullptr)) == EINVAL);
        EXPECT(failed_with(::timerfd_settime(set.descriptor, 0x100, &sound, nullptr)) == EINVAL);
        EXPECT(failed_with(::timerfd_settime(set.descriptor, 0, nullptr, &shown)) == EFAULT);
        EXPECT(failed_with(::timerfd_gettime(set.descriptor, nullptr)) == EFAULT);
        set.arm(1);
        char small[4];
        EXPECT(failed_with(static_cast<int>(::read(set.descriptor, small, sizeof small))) == EINVAL);
        EXPECT(failed_with(static_cast<int>(::write(set.descriptor, &sound, sizeof sound))) == EINVAL);
        EXPECT(set.expirations() == 1);
    });
}

BOOST_AUTO_TEST_CASE(flags_are_those_of_the_descriptor) {
    holds([] {
        const timer plain;
        const timer both(TFD_NONBLOCK | TFD_CLOEXEC);
        EXPECT((::fcntl(plain.descriptor, F_GETFL) & O_NONBLOCK) == 0);
        EXPECT((::fcntl(plain.descriptor, F_GETFD) & FD_CLOEXEC) == 0);
        EXPECT((::fcntl(both.descriptor, F_GETFL) & O_NONBLOCK) != 0);
        EXPECT((::fcntl(both.descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    });
}

BOOST_AUTO_TEST_CASE(poll_and_select_wait_for_it_until_their_own_time_is_over) {
    holds([] {
        const timer set;
        set.arm(10);
        pollfd asked{set.descriptor, POLLIN, 0};
        EXPECT(::poll(&asked, 1, 4'000) == 0);
        EXPECT(seconds() == 4);
        EXPECT(::poll(&asked, 1, -1) == 1);
        EXPECT(asked.revents == POLLIN);
        EXPECT(seconds() == 10);
        EXPECT(set.expirations() == 1);
        set.arm(5);
        fd_set readable;
        FD_ZERO(&readable);
        FD_SET(set.descriptor, &readable);
        timeval long_enough{60, 0};
        EXPECT(::select(set.descriptor + 1, &readable, nullptr, nullptr, &long_enough) == 1);
        EXPECT(FD_ISSET(set.descriptor, &readable));
        EXPECT(seconds() == 15);
    });
}

BOOST_AUTO_TEST_CASE(an_event_loop_gets_timers_and_events_in_the_order_of_time) {
    holds([] {
        const timer slow;
        const timer fast;
        slow.arm(7);
        fast.arm(2, 2);
        const int loop = ::epoll_create1(0);
        for (const int each : {slow.descriptor, fast.descriptor}) {
            epoll_event event{EPOLLIN, {.fd = each}};
            EXPECT(::epoll_ctl(loop, EPOLL_CTL_ADD, each, &event) == 0);
        }
        std::string heard;
        while (seconds() < 8) {
            epoll_event got{};
            EXPECT(::epoll_wait(loop, &got, 1, -1) == 1);
            const bool is_slow = got.data.fd == slow.descriptor;
            EXPECT((is_slow ? slow : fast).expirations() == 1);
            heard += is_slow ? 's' : 'f';
        }
        EXPECT(heard == "fffsf");
        EXPECT(::epoll_ctl(loop, EPOLL_CTL_DEL, fast.descriptor, nullptr) == 0);
        epoll_event got{};
        EXPECT(::epoll_wait(loop, &got, 1, 9'000) == 0);
        EXPECT(seconds() == 17);
        ::close(loop);
    });
}

BOOST_AUTO_TEST_CASE(who_waits_already_learns_that_another_arms_it) {
    holds([] {
        const timer first;
        const timer second;
        std::thread other([&] { EXPECT(second.expirations() == 1); });
        std::thread arming([&] {
            ::sleep(1);
            first.arm(5);
            second.arm(100);
            second.arm(1);
        });
        EXPECT(first.expirations() == 1);
        EXPECT(seconds() >= 6);
        arming.join();
        other.join();
    });
}

BOOST_AUTO_TEST_CASE(a_timer_may_expire_before_others_have_done_what_they_could) {
    std::set<bool> seen;
    holds([&] {
        const timer limit;
        limit.arm(1);
        bool is_done = false;
        std::thread work([&] {
            std::this_thread::yield();
            is_done = true;
        });
        EXPECT(limit.expirations() == 1);
        seen.insert(is_done);
        work.join();
    });
    BOOST_TEST(seen.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_timer_that_nobody_arms_is_waited_for_in_vain) {
    const cppvaldi::exploration seen = cppvaldi::explore(
        [] {
            const timer never;
            (void)never.expirations();
        },
        cppvaldi::round_robin{}, {.each = {.patience_before_deadlock = std::chrono::milliseconds(1)}});
    BOOST_REQUIRE(seen.finding.has_value());
    BOOST_TEST((seen.finding->what == cppvaldi::finding::kind::deadlock));
}

BOOST_AUTO_TEST_CASE(a_number_that_is_used_again_is_no_timer_any_more) {
    holds([] {
        int number = -1;
        {
            const timer gone;
            gone.arm(1);
            number = gone.descriptor;
        }
        const int event = ::eventfd(3, EFD_NONBLOCK);
        EXPECT(event == number);
        ::sleep(5);
        eventfd_t value = 0;
        EXPECT(::eventfd_read(event, &value) == 0);
        EXPECT(value == 3);
        ::close(event);
    });
}
