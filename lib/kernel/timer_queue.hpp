#pragma once

#include <cppvaldi/starter_set.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi {

/// A point of an execution's own time, since it began.
using virtual_time = std::chrono::nanoseconds;

/// Later than every deadline: no deadline.
inline constexpr virtual_time never = virtual_time::max();

/// The starters that wait for a deadline, at most one each, earliest first; of two with the same deadline the one that came
/// first. A binary heap that knows where everybody is, so that a wait that ends early takes its deadline along.
class timer_queue {
public:
    [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
    [[nodiscard]] virtual_time earliest() const noexcept { return heap_.front().deadline; }
    [[nodiscard]] bool contains(starter_id who) const noexcept {
        return index(who) < position_.size() && position_[index(who)] != absent;
    }

    /// REQUIRES: `who` is not in the queue.
    void add(starter_id who, virtual_time deadline);

    /// Takes `who` out, if it is there.
    void remove(starter_id who) noexcept;

    /// Takes the earliest out and returns whose it is. REQUIRES: not empty.
    [[nodiscard]] starter_id pop() noexcept;

    void clear() noexcept;

private:
    static constexpr std::uint32_t absent = 0xffff'ffff;

    struct entry {
        virtual_time deadline;
        std::uint64_t sequence;
        starter_id who;

        [[nodiscard]] bool before(const entry& other) const noexcept {
            return deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence;
        }
    };

    void put(std::size_t position, const entry& moved) noexcept;
    void sift(std::size_t position, const entry& moved) noexcept;

    std::vector<entry> heap_;
    std::vector<std::uint32_t> position_; ///< in the heap, by starter
    std::uint64_t next_sequence_ = 0;
};

} // namespace cppvaldi
