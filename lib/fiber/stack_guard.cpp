#include "fiber/stack_guard.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>

namespace cppvaldi {

namespace {

/// A signal handler is one per process, and so is what it needs to know.
struct process_wide {
    std::atomic<running_stack_lookup> lookup{nullptr};
    struct sigaction previous {};
    std::atomic<bool> passing_on{false};
};
process_wide handler_state;

/// Room for one frame of ours and for whatever handler was there before.
constexpr std::size_t alternate_stack_size_bytes = 64 * 1024;

class message {
public:
    message& operator<<(std::string_view text) noexcept {
        const std::size_t taken = text.size() < sizeof text_ - size_ ? text.size() : sizeof text_ - size_;
        std::memcpy(text_ + size_, text.data(), taken);
        size_ += taken;
        return *this;
    }

    message& operator<<(std::size_t number) noexcept {
        char digits[20];
        std::size_t first = sizeof digits;
        do {
            digits[--first] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
        return *this << std::string_view(digits + first, sizeof digits - first);
    }

    void write_to_standard_error() const noexcept { [[maybe_unused]] auto written = ::write(2, text_, size_); }

private:
    char text_[512];
    std::size_t size_ = 0;
};

void report_overflow(const running_stack& running) noexcept {
    const std::size_t size_bytes = running.memory.size_bytes();
    message text;
    text << "\ncppvaldi: starter '" << running.starter << "' ran out of stack: it has " << size_bytes << " bytes ("
         << size_bytes / 1024 << " KiB). Raise it with execution_options{.stack_size_bytes = " << 4 * size_bytes
         << "}, say cppvaldi::runner run{{.stack_size_bytes = " << 4 * size_bytes
         << "}}; or look for a recursion without end.\n";
    text.write_to_standard_error();
}

void die_of(int signal) noexcept {
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    ::sigaction(signal, &by_default, nullptr); // the faulting instruction runs again and ends the process
}

void pass_on(int signal, siginfo_t* info, void* context) noexcept {
    if (handler_state.passing_on.exchange(true)) { // the previous handler calls its own previous one: us
        die_of(signal);
        return;
    }
    const struct sigaction& previous = handler_state.previous;
    if ((previous.sa_flags & SA_SIGINFO) != 0) {
        previous.sa_sigaction(signal, info, context);
    } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
        die_of(signal);
    } else {
        previous.sa_handler(signal);
    }
    handler_state.passing_on = false;
}

void on_fault(int signal, siginfo_t* info, void* context) noexcept {
    running_stack running;
    const running_stack_lookup lookup = handler_state.lookup;
    if (lookup != nullptr && lookup(running) && running.memory.guards(info->si_addr)) {
        report_overflow(running);
        die_of(signal);
    } else {
        pass_on(signal, info, context);
    }
}

/// A handler that runs because the stack is full needs another one. Freed when the OS thread ends.
class alternate_stack {
public:
    alternate_stack() = default;
    alternate_stack(const alternate_stack&) = delete;
    alternate_stack& operator=(const alternate_stack&) = delete;

    ~alternate_stack() {
        if (memory_ != nullptr) {
            stack_t none{};
            none.ss_flags = SS_DISABLE;
            ::sigaltstack(&none, nullptr);
            ::munmap(memory_, alternate_stack_size_bytes);
        }
    }

    /// True if this OS thread had one when it was last looked at.
    [[nodiscard]] bool provided() const noexcept { return provided_; }

    void provide() noexcept {
        provided_ = true;
        stack_t present{};
        if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) {
            return;
        }
        if (memory_ == nullptr) {
            void* memory =
                ::mmap(nullptr, alternate_stack_size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED) {
                return;
            }
            memory_ = memory;
        }
        stack_t ours{};
        ours.ss_sp = memory_;
        ours.ss_size = alternate_stack_size_bytes;
        ::sigaltstack(&ours, nullptr);
    }

private:
    void* memory_ = nullptr;
    bool provided_ = false;
};

} // namespace

void arm_stack_guard(running_stack_lookup lookup) {
    thread_local alternate_stack alternate;
    struct sigaction present {};
    if (::sigaction(SIGSEGV, nullptr, &present) != 0) {
        return;
    }
    const bool ours_already = present.sa_sigaction == &on_fault;
    if (!ours_already || !alternate.provided()) {
        alternate.provide();
    }
    if (ours_already) {
        return;
    }
    handler_state.lookup = lookup;
    handler_state.previous = present;
    struct sigaction ours {};
    ours.sa_sigaction = &on_fault;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&ours.sa_mask);
    ::sigaction(SIGSEGV, &ours, nullptr);
}

} // namespace cppvaldi
