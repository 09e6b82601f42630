/// Calls that wait for processes, signals and locks of files: waitpid, pause, sigsuspend, flock. A starter that would wait is blocked, and others go on.

#include "exploring.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

int failed_with(int result) { return result == -1 ? errno : 0; }

/// Makes a child that ends with this status when something is written to the pipe, or at once.
pid_t child_that_exits(int status, int after = -1) {
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        if (after >= 0) {
            (void)!::read(after, &byte, 1);
        }
        ::_exit(status);
    }
    return child;
}

/// A file that is gone when the test is over.
struct scratch_file {
    scratch_file()
        : first(::memfd_create("scratch", MFD_CLOEXEC)),
          path("/proc/self/fd/" + std::to_string(first)),
          second(opened()) {
        EXPECT(first >= 0 && second >= 0);
    }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    ~scratch_file() {
        ::close(first);
        ::close(second);
    }

    /// Opens it once more.
    [[nodiscard]] int opened() const { return ::open(path.c_str(), O_RDWR | O_CLOEXEC); }

    int first;
    std::string path;
    int second;
};

volatile std::sig_atomic_t heard = 0;

void hear(int signal) { heard = signal; }

/// Has `signal` heard, and blocks it if that is wanted, until the end.
struct listening {
    explicit listening(int signal, bool blocked = false) {
        heard = 0;
        struct sigaction wanted {};
        wanted.sa_handler = &hear;
        EXPECT(::sigaction(signal, &wanted, &before) == 0);
        (void)::sigemptyset(&set);
        (void)::sigaddset(&set, signal);
        EXPECT(::pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, &mask) == 0);
        number = signal;
    }
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;
    ~listening() {
        ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
        ::sigaction(number, &before, nullptr);
    }
    int number = 0;
    struct sigaction before {};
    sigset_t set{};
    sigset_t mask{};
};

} // namespace

BOOST_AUTO_TEST_CASE(who_waits_for_a_child_lets_others_go_on) {
    holds(
        [] {
            std::array<int, 2> pipe{};
            EXPECT(::pipe(pipe.data()) == 0);
            const pid_t child = child_that_exits(7, pipe[0]);
            std::thread other([&] { EXPECT(::write(pipe[1], "x", 1) == 1); });
            int status = 0;
            EXPECT(::waitpid(child, &status, 0) == child);
            EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
            other.join();
            EXPECT(failed_with(::waitpid(child, &status, 0)) == ECHILD);
            ::close(pipe[0]);
            ::close(pipe[1]);
        },
        50);
}

BOOST_AUTO_TEST_CASE(any_child_and_all_forms_of_the_call) {
    holds(
        [] {
            int status = 0;
            EXPECT(failed_with(::wait(&status)) == ECHILD);
            const std::set<pid_t> made{child_that_exits(1), child_that_exits(1)};
            const std::set<pid_t> ended{::wait(&status), ::waitpid(-1, &status, 0)};
            EXPECT(ended == made);
            rusage used{};
            const pid_t third = child_that_exits(3);
            EXPECT(::wait4(third, &status, 0, &used) == third);
            EXPECT(WEXITSTATUS(status) == 3);
            const pid_t fourth = child_that_exits(4);
            EXPECT(::wait3(&status, 0, nullptr) == fourth);
            EXPECT(WEXITSTATUS(status) == 4);
            const pid_t fifth = child_that_exits(5);
            siginfo_t info{};
            EXPECT(::waitid(P_PID, static_cast<id_t>(fifth), &info, WEXITED | WNOWAIT) == 0);
            EXPECT(info.si_pid == fifth && info.si_status == 5);
            EXPECT(::waitid(P_ALL, 0, &info, WEXITED) == 0);
            EXPECT(info.si_pid == fifth);
            EXPECT(failed_with(::waitid(P_ALL, 0, &info, WEXITED)) == ECHILD);
            EXPECT(failed_with(::waitid(P_ALL, 0, &info, 0)) == EINVAL);
            EXPECT(failed_with(::waitpid(-1, &status, 0x4000'0000 | 0x100)) == EINVAL);
        },
        20);
}

BOOST_AUTO_TEST_CASE(who_does_not_want_to_wait_does_not) {
    holds(
        [] {
            std::array<int, 2> pipe{};
            EXPECT(::pipe(pipe.data()) == 0);
            const pid_t child = child_that_exits(0, pipe[0]);
            EXPECT(::waitpid(child, nullptr, WNOHANG) == 0);
            EXPECT(::write(pipe[1], "x", 1) == 1);
            EXPECT(::waitpid(child, nullptr, 0) == child);
            ::close(pipe[0]);
            ::close(pipe[1]);
        },
        20);
}

BOOST_AUTO_TEST_CASE(a_lock_of_a_file_is_had_by_one) {
    std::set<std::string> orders;
    holds([&] {
        const scratch_file file;
        bool is_inside = false;
        std::string order;
        const auto use = [&](int descriptor, char name) {
            EXPECT(::flock(descriptor, LOCK_EX) == 0);
            EXPECT(!is_inside);
            is_inside = true;
            std::this_thread::yield();
            is_inside = false;
            order += name;
            EXPECT(::flock(descriptor, LOCK_UN) == 0);
        };
        std::thread other([&] { use(file.second, 'b'); });
        use(file.first, 'a');
        other.join();
        orders.insert(order);
    });
    BOOST_TEST(orders.size() == 2U);
}

BOOST_AUTO_TEST_CASE(shared_locks_and_those_that_do_not_wait) {
    holds([] {
        const scratch_file file;
        EXPECT(::flock(file.first, LOCK_SH) == 0);
        EXPECT(::flock(file.second, LOCK_SH) == 0);
        EXPECT(failed_with(::flock(file.second, LOCK_EX | LOCK_NB)) == EWOULDBLOCK);
        EXPECT(::flock(file.first, LOCK_EX) == 0); // what the other had went with its failure
        EXPECT(failed_with(::flock(file.second, LOCK_SH | LOCK_NB)) == EWOULDBLOCK);
        EXPECT(::flock(file.first, LOCK_UN) == 0);
        EXPECT(::flock(file.first, LOCK_UN) == 0);
        EXPECT(::flock(file.second, LOCK_EX | LOCK_NB) == 0);
        EXPECT(failed_with(::flock(-1, LOCK_EX)) == EBADF);
        EXPECT(failed_with(::flock(file.first, 0x40)) == EINVAL);
    });
}

BOOST_AUTO_TEST_CASE(closing_gives_a_lock_up) {
    holds([] {
        const scratch_file file;
        const int third = file.opened();
        EXPECT(::flock(third, LOCK_EX) == 0);
        std::thread other([&] { EXPECT(::flock(file.first, LOCK_EX) == 0); });
        ::close(third);
        other.join();
    });
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_never_given_up_is_a_deadlock) {
    const cppvaldi::finding seen = found([] {
        const scratch_file file;
        EXPECT(::flock(file.first, LOCK_EX) == 0);
        EXPECT(::flock(file.second, LOCK_EX) == 0);
    });
    BOOST_TEST((seen.what == cppvaldi::finding::kind::deadlock));
    BOOST_TEST(seen.message == "main waits for file lock 1, and there is nobody left to change that");
}

BOOST_AUTO_TEST_CASE(the_lock_of_another_process_is_waited_for) {
    holds(
        [] {
            const scratch_file file;
            std::array<int, 2> ready{};
            EXPECT(::pipe(ready.data()) == 0);
            const pid_t child = ::fork();
            if (child == 0) {
                const int own = file.opened();
                (void)::flock(own, LOCK_EX);
                (void)!::write(ready[1], "x", 1);
                ::usleep(30'000);
                ::_exit(0);
            }
            char byte = 0;
            EXPECT(::read(ready[0], &byte, 1) == 1);
            EXPECT(::flock(file.first, LOCK_EX) == 0);
            EXPECT(::waitpid(child, nullptr, 0) == child);
            ::close(ready[0]);
            ::close(ready[1]);
        },
        3);
}

BOOST_AUTO_TEST_CASE(who_pauses_waits_for_a_signal_that_is_heard) {
    holds(
        [] {
            const listening to(SIGUSR1);
            const pthread_t self = ::pthread_self();
            bool goes_on = false;
            std::thread other([&] {
                while (!goes_on) {                              // one that comes before the pause is lost
                    EXPECT(::pthread_kill(self, SIGCHLD) == 0); // nobody hears it
                    EXPECT(::pthread_kill(self, SIGUSR1) == 0);
                    ::sleep(1);
                }
            });
            EXPECT(failed_with(::pause()) == EINTR);
            EXPECT(heard == SIGUSR1);
            goes_on = true;
            other.join();
        },
        50);
    holds(
        [] {
            const listening to(SIGUSR1, true); // so that it does not come before
            sigset_t open = to.mask;
            (void)::sigdelset(&open, SIGUSR1);
            std::thread other([] { EXPECT(::kill(::getpid(), SIGUSR1) == 0); });
            EXPECT(failed_with(::sigsuspend(&open)) == EINTR);
            EXPECT(heard == SIGUSR1);
            sigset_t now{};
            EXPECT(::pthread_sigmask(SIG_SETMASK, nullptr, &now) == 0);
            EXPECT(::sigismember(&now, SIGUSR1) == 1);
            other.join();
        },
        100);
}
