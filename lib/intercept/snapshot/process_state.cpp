#include "intercept/snapshot/process_state.hpp"

#include "intercept/next.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

using signal_handler = void (*)(int);

CPPVALDI_NEXT(sigaction);
next_function<signal_handler (*)(int, signal_handler)> next_signal{"signal"};

/// Whether somebody has changed what becomes of a signal since memory was remembered, which it is put back with.
bool handlers_changed = false;

/// A process has a table of so many descriptors, which becomes larger when there are more; and the larger it is, the longer it
/// takes to close what has been opened. So the library's own lie at the end of the first one, out of the way of most programs.
constexpr int small_table = 64;

/// Of them, beside the copies of the program's.
constexpr int others = 6;

[[noreturn]] void refuse(const std::string& why) { throw usage_error("--mode snapshot: " + why + "; use --mode fork"); }

/// Returns the process's.
std::vector<int> open_descriptors() {
    std::vector<int> found;
    DIR* const folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) {
        refuse("/proc/self/fd cannot be read");
    }
    while (const dirent* const entry = ::readdir(folder)) {
        if (entry->d_name[0] != '.') {
            found.push_back(std::atoi(entry->d_name)); // NOLINT(cert-err34-c): the kernel's
        }
    }
    std::erase(found, ::dirfd(folder));
    (void)::closedir(folder);
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace

process_state::process_state() {
    const std::vector<int> open = open_descriptors();
    const int own = others + static_cast<int>(open.size());
    first_own_ = small_table - own;
    if (std::any_of(open.begin(), open.end(), [this](int number) { return number >= first_own_; })) {
        first_own_ = open.back() + 1;
    }
    for (const int number : open) {
        const int flags = ::fcntl(number, F_GETFD);                    // NOLINT(cppcoreguidelines-pro-type-vararg)
        const int kept = ::fcntl(number, F_DUPFD_CLOEXEC, first_own_); // NOLINT
        if (kept < 0) {
            refuse("the program has too many descriptors");
        }
        descriptors_.push_back({number, kept, (flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0});
    }
    unsigned next = 0;
    for (const int number : open) {
        if (next < static_cast<unsigned>(number)) {
            closed_.push_back({next, static_cast<unsigned>(number) - 1});
        }
        next = static_cast<unsigned>(number) + 1;
    }
    closed_.push_back({next, static_cast<unsigned>(first_own_) - 1});
    closed_.push_back({static_cast<unsigned>(first_own_ + own), ~0U});
    const int folder = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC); // NOLINT
    folder_ = ::fcntl(folder, F_DUPFD_CLOEXEC, first_own_);           // NOLINT
    (void)::close(folder);
    mask_ = ::umask(0);
    (void)::umask(mask_);
    (void)::pthread_sigmask(SIG_SETMASK, nullptr, &blocked_);
    (void)::sigaltstack(nullptr, &signal_stack_);
    handlers_.resize(static_cast<std::size_t>(SIGRTMAX) + 1);
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        (void)next_sigaction(signal, nullptr, &handlers_[static_cast<std::size_t>(signal)]);
    }
    handlers_changed = false;
}

void process_state::put_back() {
    int status = 0;
    pid_t child = 0;
    do {
        child = static_cast<pid_t>(::syscall(SYS_wait4, -1, &status, WNOHANG, nullptr)); // NOLINT
    } while (child > 0);
    if (child == 0) {
        refuse("an execution has left a child process behind");
    }
    put_descriptors_back();
    if (folder_ >= 0) {
        (void)::fchdir(folder_);
    }
    (void)::umask(mask_);
    (void)::alarm(0);
    put_signals_back();
}

void process_state::put_descriptors_back() {
    for (const auto& [number, kept, flags] : descriptors_) {
        if (::dup3(kept, number, flags) < 0) {
            refuse("the program has closed descriptors that are not its own");
        }
    }
    for (const auto& [first, last] : closed_) {
        (void)::close_range(first, last, 0);
    }
}

void process_state::put_signals_back() noexcept {
    if (handlers_changed) {
        for (int signal = 1; signal <= SIGRTMAX; ++signal) {
            (void)next_sigaction(signal, &handlers_[static_cast<std::size_t>(signal)], nullptr);
        }
    }
    stack_t present{};
    if (::sigaltstack(nullptr, &present) == 0 && present.ss_sp != signal_stack_.ss_sp) {
        (void)::sigaltstack(&signal_stack_, nullptr);
    }
    sigset_t pending;
    const timespec no_time{};
    while (::sigpending(&pending) == 0 && ::sigisemptyset(&pending) == 0 &&
           ::sigtimedwait(&pending, nullptr, &no_time) > 0) {}
    (void)::pthread_sigmask(SIG_SETMASK, &blocked_, nullptr);
}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int sigaction(int signal, const struct sigaction* wanted, struct sigaction* before) noexcept {
    handlers_changed = handlers_changed || wanted != nullptr;
    return next_sigaction(signal, wanted, before);
}

signal_handler signal(int number, signal_handler wanted) noexcept {
    handlers_changed = true;
    return next_signal(number, wanted);
}
}
