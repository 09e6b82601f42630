/// waitpid and its kin: a starter that waits for a child process is blocked, and others go on. That a child has ended is asked of
/// its descriptor (pidfd_open(2)); children that are only stopped are not waited for in that way.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <cstdio>
#include <vector>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(waitpid);
CPPVALDI_NEXT(wait4);
CPPVALDI_NEXT(waitid);

/// Descriptors of child processes.
class children {
public:
    /// `which` as of waitpid(2): of those that it does not name, all.
    explicit children(pid_t which) {
        if (which > 0) {
            add(which);
            return;
        }
        // Children belong to the thread that has made them, and all starters are one.
        if (std::FILE* const list = std::fopen("/proc/thread-self/children", "re")) {
            for (int child = 0;
                 std::fscanf(list, "%d", &child) == 1;) { // NOLINT(cert-err34-c): the kernel's own digits
                add(child);
            }
            (void)std::fclose(list);
        }
    }
    children(const children&) = delete;
    children& operator=(const children&) = delete;
    ~children() {
        for (const pollfd& each : asked_) {
            ::close(each.fd);
        }
    }

    [[nodiscard]] const std::vector<pollfd>& asked() const noexcept { return asked_; }

private:
    void add(pid_t child) {
        const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
        if (descriptor >= 0) {
            asked_.push_back({descriptor, POLLIN, 0});
        }
    }

    std::vector<pollfd> asked_;
};

/// Calls `attempt`, which does not wait, until it says something: a child, or an error. Where no child can be asked about, `wait`
/// waits for real.
template <typename Attempt, typename Wait>
auto until_ended(execution& in, pid_t which, const place& where, Attempt&& attempt, Wait&& wait) {
    return with_unwinding(in, [&] {
        for (;;) {
            const auto result = attempt();
            if (result != 0) {
                return result;
            }
            const children waited_for(which);
            if (waited_for.asked().empty()) {
                return wait();
            }
            object& on = in.descriptor(waited_for.asked().front().fd);
            (void)in.perform_when_ready(on, announced(operation_kind::await_readable, access_kind::update, where),
                                        waited_for.asked(), detail::no_deadline);
            order_with_outside(in);
        }
    });
}

pid_t wait_for(execution& in, pid_t which, int* status, int options, rusage* used, const place& where) {
    return until_ended(
        in, which, where, [&] { return next_wait4(which, status, options | WNOHANG, used); },
        [&] { return next_wait4(which, status, options, used); });
}

} // namespace

void parts::children() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

pid_t waitpid(pid_t which, int* status, int options) {
    if (cppvaldi::execution* const in = taken_over(); in != nullptr && (options & WNOHANG) == 0) {
        return wait_for(*in, which, status, options, nullptr, CPPVALDI_CALLER);
    }
    return next_waitpid(which, status, options);
}

pid_t wait(int* status) {
    if (cppvaldi::execution* const in = taken_over()) {
        return wait_for(*in, -1, status, 0, nullptr, CPPVALDI_CALLER);
    }
    return next_waitpid(-1, status, 0);
}

pid_t wait3(int* status, int options, rusage* used) noexcept {
    if (cppvaldi::execution* const in = taken_over(); in != nullptr && (options & WNOHANG) == 0) {
        return wait_for(*in, -1, status, options, used, CPPVALDI_CALLER);
    }
    return next_wait4(-1, status, options, used);
}

pid_t wait4(pid_t which, int* status, int options, rusage* used) noexcept {
    if (cppvaldi::execution* const in = taken_over(); in != nullptr && (options & WNOHANG) == 0) {
        return wait_for(*in, which, status, options, used, CPPVALDI_CALLER);
    }
    return next_wait4(which, status, options, used);
}

int waitid(idtype_t kind, id_t which, siginfo_t* info, int options) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr || (options & WNOHANG) != 0 || info == nullptr) {
        return next_waitid(kind, which, info, options);
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    const auto attempt = [&] { // 1 stands for "a child"
        info->si_pid = 0;
        const int result = next_waitid(kind, which, info, options | WNOHANG);
        return result != 0 ? result : info->si_pid == 0 ? 0 : 1;
    };
    const int result = until_ended(*in, kind == P_PID ? static_cast<pid_t>(which) : -1, where, attempt,
                                   [&] { return next_waitid(kind, which, info, options); });
    return result < 0 ? result : 0;
}
}
