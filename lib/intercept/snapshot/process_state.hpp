#pragma once

#include <csignal>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace cppvaldi::intercept {

/// What the operating system keeps for the process that an execution may change, and the way back: descriptors, the working
/// directory, what becomes of signals, the alarm. REQUIRES: this lies in memory that is not put back.
class process_state {
public:
    /// Remembers all. Throws `usage_error` if there is no room for copies of descriptors.
    process_state();
    process_state(const process_state&) = delete;
    process_state& operator=(const process_state&) = delete;
    ~process_state() = default; // it goes with the process

    /// Puts all back; what was opened meanwhile is closed. Throws `usage_error` if that is not possible: a child process is left.
    /// REQUIRES: memory has not been put back yet.
    void put_back();

    /// Descriptors from this one on are the library's own.
    [[nodiscard]] int first_own_descriptor() const noexcept { return first_own_; }

private:
    struct descriptor {
        int number;
        int kept; ///< a copy
        int flags;
    };

    void put_descriptors_back();
    void put_signals_back() noexcept;

    int first_own_ = 0;
    int folder_ = -1;
    mode_t mask_ = 0;
    sigset_t blocked_{};
    stack_t signal_stack_{};
    std::vector<descriptor> descriptors_;               ///< by number
    std::vector<std::pair<unsigned, unsigned>> closed_; ///< what is closed, first and last
    std::vector<struct sigaction> handlers_;
};

} // namespace cppvaldi::intercept
