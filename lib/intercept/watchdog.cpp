/// A timer of the OS thread that drives ticks every second, and its signal looks whether the starter that runs has come to a
/// scheduling point since. It is armed by the first execution, and stops when it ticks outside of one.

#include "intercept/watchdog.hpp"

#include "fiber/signal_text.hpp"
#include "intercept/symbols.hpp"
#include "intercept/taken_over.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(abort);

constexpr int most_quiet_ticks = 5;
constexpr std::size_t most_frames_shown = 24;

/// The timer of the process, which watches the thread that armed it.
struct {
    std::atomic<bool> armed{false};
    pid_t process = 0; ///< timers are not inherited by fork
    timer_t timer{};
    std::uint64_t serial = 0;
    std::uint64_t decisions = 0;
    int quiet_ticks = 0;
    bool never_stops = false;
} watched;

int signal_of_timer() noexcept { return SIGRTMIN + 7; }

struct frames {
    std::size_t shown = 0;
    bool in_handler = true; ///< the frames of this library come first
};

_Unwind_Reason_Code show_frame(_Unwind_Context* context, void* data) {
    auto& so_far = *static_cast<frames*>(data);
    int before_instruction = 0;
    const std::uintptr_t address = _Unwind_GetIPInfo(context, &before_instruction);
    if (before_instruction != 0) { // where the signal came
        so_far.in_handler = false;
    }
    if (so_far.in_handler || ++so_far.shown > most_frames_shown) {
        return so_far.in_handler ? _URC_NO_REASON : _URC_END_OF_STACK;
    }
    const function_symbol* const found =
        function_at(reinterpret_cast<const void*>(address - (before_instruction != 0 ? 0 : 1)));
    const std::string name = found == nullptr ? "?" : without_arguments(demangled(found->mangled));
    if (name.starts_with("cppvaldi::")) { // who began the starter
        return _URC_END_OF_STACK;
    }
    signal_text(2) << "  " << name << "\n";
    return _URC_NO_REASON;
}

/// The process cannot go on, so what is not allowed in a signal handler is done all the same: at worst nothing more is said.
void report(const execution& stuck) {
    signal_text(2) << "\ncppvaldi: starter '" << stuck.name_of(stuck.running()) << "' has made no step for "
                   << static_cast<std::size_t>(most_quiet_ticks)
                   << " seconds: it waits in a call that is not taken over, or it computes without end. It is here:\n";
    frames shown;
    (void)_Unwind_Backtrace(&show_frame, &shown);
    signal_text(2)
        << "Give a loop a checkpoint or a yield; of a call that waits in the operating system, let the test do "
           "without it, or use one that is taken over (docs/your-code-unchanged.md).\n";
}

void on_tick(int) {
    const int before = errno;
    const execution* const in = detail::current_execution;
    if (in == nullptr || in->running() == nobody) {
        if (watched.never_stops) {
            errno = before;
            return;
        }
        const itimerspec never_again{};
        ::timer_settime(watched.timer, 0, &never_again, nullptr);
        watched.armed = false;
    } else if (watched.serial != in->serial() || watched.decisions != in->decisions().size() ||
               detail::own_calls != 0) {
        watched.serial = in->serial();
        watched.decisions = in->decisions().size();
        watched.quiet_ticks = 0;
    } else if (++watched.quiet_ticks >= most_quiet_ticks) {
        const detail::calls_of_its_own own;
        report(*in);
        next_abort();
    }
    errno = before;
}

} // namespace

void watch_this_thread() noexcept {
    const pid_t process = ::getpid();
    if (watched.armed.exchange(true) && watched.process == process) {
        return;
    }
    if (watched.process != process) {
        watched.process = process;
        struct sigaction ticking {};
        ticking.sa_handler = &on_tick;
        ticking.sa_flags = SA_RESTART;
        ::sigaction(signal_of_timer(), &ticking, nullptr);
        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = signal_of_timer();
        event._sigev_un._tid = static_cast<pid_t>(::syscall(SYS_gettid));
        if (::timer_create(CLOCK_MONOTONIC, &event, &watched.timer) != 0) {
            return;
        }
    }
    watched.quiet_ticks = 0;
    watched.never_stops = false;
    const itimerspec every_second{{1, 0}, {1, 0}};
    ::timer_settime(watched.timer, 0, &every_second, nullptr);
}

void keep_watching() noexcept { watched.never_stops = true; }

} // namespace cppvaldi::intercept
