#pragma once

#include <cppvaldi/starter_set.hpp>

#include <chrono>
#include <vector>

#include <poll.h>

namespace cppvaldi {

/// The starters that wait for a descriptor to become ready. The operating system is asked in `poll` only.
class descriptor_set {
public:
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    /// `events` are those of poll(2). REQUIRES: `who` is not in the set.
    void add(starter_id who, int descriptor, short events);

    /// Takes `who` out, if it is there.
    void remove(starter_id who) noexcept;

    /// Asks the operating system, for at most `patience` of real time, and calls `ready(who)` for each whose descriptor is ready
    /// (or in error, or closed: the call that follows will say so). Returns whether there was any.
    template <typename Ready>
    bool poll(std::chrono::milliseconds patience, Ready&& ready) {
        if (!ask(patience)) {
            return false;
        }
        for (std::size_t position = 0; position < waiting_.size(); ++position) {
            if (waiting_[position].revents != 0) {
                ready(who_[position]);
            }
        }
        return true;
    }

    void clear() noexcept;

private:
    [[nodiscard]] bool ask(std::chrono::milliseconds patience);

    std::vector<pollfd> waiting_;
    std::vector<starter_id> who_;
};

} // namespace cppvaldi
