#include "fiber/stack_guard.hpp"

#include "fiber/sanitizer.hpp"
#include "fiber/signal_text.hpp"

#include <cppvaldi/detail/crash.hpp>

#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <utility>

namespace cppvaldi {

namespace {

/// Our handlers, and for each whom it was installed over. There are several because others install theirs over ours and, with
/// luck, put ours back later (a test framework does, around each test): the one that is put back must then know whom itself
/// was installed over. So faults go down the chain in the order in which handlers were installed, whoever passes them on.
constexpr std::size_t most_handlers = 8;

/// What ends a process because of what its code does.
constexpr int deadly_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/// Whom our handlers of one signal were installed over.
struct handler_chain {
    std::size_t handlers = 0;
    struct sigaction previous[most_handlers] {};
};

/// A signal's handlers are the process's, and so is what they need to know.
struct process_wide {
    std::atomic<running_stack_lookup> lookup{nullptr};
    std::atomic<crash_reporter> reporter{nullptr};
    std::atomic<bool> handlers_end_tests{false};
    std::atomic<bool> reporting{false};
    std::mutex installing;
    handler_chain chains[std::size(deadly_signals)];
};
process_wide handler_state;

handler_chain& chain_of(int signal) noexcept {
    return handler_state
        .chains[std::find(std::begin(deadly_signals), std::end(deadly_signals), signal) - std::begin(deadly_signals)];
}

/// Room for one frame of ours and for whatever handlers were there before, and a guard below.
constexpr std::size_t alternate_stack_size_bytes = 64 * 1024;
constexpr std::size_t alternate_guard_size_bytes = 64 * 1024;

/// A starter's name is cut to this in the message, so that there is room for what to do.
constexpr std::size_t most_of_a_name = 128;

void report_overflow(const running_stack& running) noexcept {
    const std::size_t size_bytes = running.memory.size_bytes();
    signal_text text;
    text << "\ncppvaldi: starter '" << running.starter.substr(0, most_of_a_name)
         << (running.starter.size() > most_of_a_name ? "..." : "") << "' ran out of stack: it has " << size_bytes
         << " bytes (" << size_bytes / 1024
         << " KiB). Raise it with execution_options{.stack_size_bytes = " << 4 * size_bytes
         << "}, say cppvaldi::runner run{{.stack_size_bytes = " << 4 * size_bytes
         << "}}; or look for a recursion without end.\n";
}

void die_of(int signal, const siginfo_t* info) noexcept {
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    ::sigaction(signal, &by_default, nullptr); // the faulting instruction runs again and ends the process
    if (info->si_code <= 0) {                  // sent by kill() or raise(): there is no such instruction
        ::raise(signal);
    }
}

/// Does what the kernel would have done, had `previous` been installed. It need not come back: handlers jump.
void pass_on(struct sigaction& previous, int signal, siginfo_t* info, void* context) {
    const struct sigaction taken = previous;
    const bool sent = info->si_code <= 0;
    if ((taken.sa_flags & SA_RESETHAND) != 0) {
        previous.sa_handler = SIG_DFL;
        previous.sa_flags = 0;
    }
    if ((taken.sa_flags & SA_SIGINFO) == 0 && (taken.sa_handler == SIG_DFL || taken.sa_handler == SIG_IGN)) {
        if (taken.sa_handler == SIG_DFL || !sent) { // a fault of one's own cannot be ignored
            die_of(signal, info);
        }
        return;
    }
    ::pthread_sigmask(SIG_BLOCK, &taken.sa_mask, nullptr); // undone by the return from the handler
    if ((taken.sa_flags & SA_NODEFER) != 0) {
        sigset_t own;
        ::sigemptyset(&own);
        ::sigaddset(&own, signal);
        ::pthread_sigmask(SIG_UNBLOCK, &own, nullptr);
    }
    if ((taken.sa_flags & SA_SIGINFO) != 0) {
        taken.sa_sigaction(signal, info, context);
    } else {
        taken.sa_handler(signal);
    }
}

/// True if the process, or the test that it runs, does not go on after `previous` has been told.
bool ends_here(const struct sigaction& previous) noexcept {
    const bool is_by_default =
        (previous.sa_flags & SA_SIGINFO) == 0 && (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN);
    return is_by_default || handler_state.handlers_end_tests || CPPVALDI_ADDRESS_SANITIZER;
}

void report_crash(int signal) noexcept {
    const crash_reporter reporter = handler_state.reporter;
    if (reporter != nullptr && !handler_state.reporting.exchange(true)) { // else the report itself has crashed
        reporter(signal);
        handler_state.reporting = false;
    }
}

template <std::size_t Position>
void on_fault(int signal, siginfo_t* info, void* context) {
    running_stack running;
    const running_stack_lookup lookup = handler_state.lookup;
    const bool is_fault = info->si_code > 0;
    struct sigaction& previous = chain_of(signal).previous[Position];
    if (signal == SIGSEGV && is_fault && lookup != nullptr && lookup(running) && running.memory.guards(info->si_addr)) {
        report_overflow(running);
        report_crash(signal);
        die_of(signal, info);
        return;
    }
    if ((is_fault || signal == SIGABRT) && ends_here(previous)) {
        report_crash(signal);
    }
    pass_on(previous, signal, info, context);
}

using handler = void (*)(int, siginfo_t*, void*);

constexpr auto handlers = []<std::size_t... Positions>(std::index_sequence<Positions...>) {
    return std::array<handler, most_handlers>{&on_fault<Positions>...};
}
(std::make_index_sequence<most_handlers>{});

bool is_ours(const struct sigaction& present) noexcept {
    return std::find(handlers.begin(), handlers.end(), present.sa_sigaction) != handlers.end();
}

/// Returns which of our handlers goes over `present`: the one that did before, if there is one.
std::size_t position_over(const handler_chain& chain, const struct sigaction& present) noexcept {
    for (std::size_t position = 0; position < chain.handlers; ++position) {
        if (chain.previous[position].sa_sigaction == present.sa_sigaction) {
            return position;
        }
    }
    return std::min(chain.handlers, most_handlers - 1);
}

/// A handler that runs because the stack is full needs another one. Freed when the OS thread ends.
class alternate_stack {
public:
    alternate_stack() = default;
    alternate_stack(const alternate_stack&) = delete;
    alternate_stack& operator=(const alternate_stack&) = delete;

    ~alternate_stack() {
        if (memory_ != nullptr) {
            stack_t present{};
            if (::sigaltstack(nullptr, &present) == 0 && present.ss_sp == memory_) {
                stack_t none{};
                none.ss_flags = SS_DISABLE;
                ::sigaltstack(&none, nullptr);
            }
            ::munmap(memory_ - alternate_guard_size_bytes, alternate_guard_size_bytes + alternate_stack_size_bytes);
        }
    }

    /// Provides one if there is none, unless it did so when the same handler of ours was found before: whoever changes the
    /// one is likely to have changed the other.
    void provide_for(handler found) noexcept {
        if (found != provided_for_) {
            provide();
            provided_for_ = found;
        }
    }

    /// Looks again the next time.
    void forget() noexcept { provided_for_ = nullptr; }

private:
    void provide() noexcept {
        stack_t present{};
        if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) {
            return;
        }
        if (memory_ == nullptr) {
            void* memory = ::mmap(nullptr, alternate_guard_size_bytes + alternate_stack_size_bytes,
                                  PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED) {
                return;
            }
            ::mprotect(memory, alternate_guard_size_bytes, PROT_NONE);
            memory_ = static_cast<std::byte*>(memory) + alternate_guard_size_bytes;
        }
        stack_t ours{};
        ours.ss_sp = memory_;
        ours.ss_size = alternate_stack_size_bytes;
        ::sigaltstack(&ours, nullptr);
    }

    std::byte* memory_ = nullptr; // the guard lies below
    handler provided_for_ = nullptr;
};

/// Returns which handler of ours is installed now, null if that cannot be.
handler install_for(int signal) noexcept {
    struct sigaction present {};
    if (::sigaction(signal, nullptr, &present) != 0) {
        return nullptr;
    }
    if (is_ours(present)) {
        return present.sa_sigaction;
    }
    handler_chain& chain = chain_of(signal);
    const std::size_t position = position_over(chain, present);
    chain.previous[position] = present;
    chain.handlers = std::max(chain.handlers, position + 1);
    struct sigaction ours {};
    ours.sa_sigaction = handlers[position];
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&ours.sa_mask);
    ::sigaction(signal, &ours, nullptr);
    return handlers[position];
}

/// Returns which handler of ours takes SIGSEGV now. Another OS thread may be faster.
handler install(running_stack_lookup lookup, crash_reporter reporter) noexcept {
    const std::scoped_lock installing(handler_state.installing);
    handler_state.lookup = lookup;
    handler_state.reporter = reporter;
    for (const int signal : deadly_signals) {
        (void)install_for(signal);
    }
    return install_for(SIGSEGV);
}

} // namespace

void arm_stack_guard(running_stack_lookup lookup, crash_reporter reporter) {
    thread_local alternate_stack alternate;
    struct sigaction present {};
    if (::sigaction(SIGSEGV, nullptr, &present) != 0) {
        return;
    }
    if (!is_ours(present)) { // who has installed another one is likely to have done so for all signals
        alternate.forget();
        present.sa_sigaction = install(lookup, reporter);
    }
    alternate.provide_for(present.sa_sigaction);
}

void detail::report_crashes_before_handlers() noexcept { handler_state.handlers_end_tests = true; }

} // namespace cppvaldi
