#pragma once

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/starter_set.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <poll.h>

namespace cppvaldi {

/// The starters that wait for a descriptor to become ready, and the objects that stand for descriptors. The operating system is
/// asked in `poll` and `is_ready` only.
class descriptor_set {
public:
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    /// `events` are those of poll(2). A starter may wait for several descriptors at once, and goes on when one is ready.
    void add(starter_id who, int descriptor, short events);

    /// Returns how much real time was waited in vain since one was ready, or since `clear`.
    [[nodiscard]] std::chrono::milliseconds waited() const noexcept { return waited_; }

    /// Asks the operating system about the descriptors of `who`, without waiting.
    [[nodiscard]] bool is_ready(starter_id who) const noexcept;

    /// Returns the object of that number; it stays where it is.
    [[nodiscard]] object& object_of(int descriptor);

    /// Takes `who` out, if it is there.
    void remove(starter_id who) noexcept;

    /// Asks the operating system, for at most `patience` of real time, and calls `ready(who)` for each whose descriptor is ready
    /// (or in error, or closed: the call that follows will say so). Returns whether there was any. Each signal that interrupts it
    /// costs a tenth of a second of the patience.
    template <typename Ready>
    bool poll(std::chrono::milliseconds patience, Ready&& ready) {
        if (!ask(patience)) {
            return false;
        }
        for (std::size_t position = waiting_.size(); position > 0;
             --position) { // `ready` may take it out, and more of the same
            if (position <= waiting_.size() && waiting_[position - 1].revents != 0) {
                ready(who_[position - 1]);
            }
        }
        return true;
    }

    void clear() noexcept;

private:
    [[nodiscard]] bool ask(std::chrono::milliseconds patience);

    struct numbered {
        explicit numbered(int descriptor) : digits(std::to_string(descriptor)), shared("descriptor", digits) {}
        std::string digits;
        object shared;
    };

    std::chrono::milliseconds waited_{0};
    std::map<int, std::unique_ptr<numbered>> objects_;
    std::vector<pollfd> waiting_;
    std::vector<starter_id> who_;
};

} // namespace cppvaldi
