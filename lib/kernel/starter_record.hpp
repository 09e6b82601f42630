#pragma once

#include "fiber/fiber.hpp"
#include "kernel/timer_queue.hpp"
#include "kernel/watched_functions.hpp"
#include <cppvaldi/detail/object.hpp>

#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/operation.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace cppvaldi {

class execution;

/// Answers whether the pending operation of `who` on `what` could complete now.
using completion_test = bool (*)(const object& what, starter_id who);

enum class starter_state : std::uint8_t { not_begun, alive, finished, raised, abandoned };

/// What the kernel keeps about one starter. Its pending operation lies in `execution::pending()`, close to the others'.
struct starter_record {
    fiber flow;
    execution* owner = nullptr;
    detail::job* work = nullptr;
    starter_id id = nobody;
    label_id name{};
    starter_state state = starter_state::not_begun;
    bool keeps_stack = false; ///< the result lies there
    std::uint32_t swallowed_unwindings = 0;
    std::uint32_t refusals = 0;                    ///< how often its unwinding could not be thrown
    std::uint32_t points_unwound = 0;              ///< scheduling points that it has come to while it is unwound
    object end{"starter"};                         ///< what others wait for that join it
    std::vector<std::function<void()>> at_exit;    ///< to be called at its end, the last one first
    std::vector<std::function<void()>> after_exit; ///< to be called after those, the first one first

    std::vector<open_function> open_functions; ///< watched ones that it has entered and not left

    const void* frames_begin = nullptr; ///< where its code's frames begin on its stack, if the strategy needs to know
    std::uint64_t births = 0;           ///< how many objects it has constructed, if the strategy needs to know
    std::uint64_t rested_after = 0;     ///< the last step that had changed something when it rested last
    std::uint32_t vain_rests = 0;       ///< how often it has rested since, and nothing had changed meanwhile

    // The object that its pending operation is on, while it is not the one that runs.
    object* waits_on = nullptr;
    completion_test can_complete = nullptr;
    virtual_time deadline = never;
    bool timed_out = false;             ///< its deadline has passed
    bool ready = false;                 ///< the descriptor that it waits for is
    bool notified = false;              ///< the condition that it waits on has sent for it, and may be gone since
    bool waits_for_ever = false;        ///< it is blocked, without a deadline
    const void* wait_context = nullptr; ///< the object's own note about this wait
    std::uint64_t wait_ticket = 0;      ///< another one, if that is a number
    starter_id next_waiting = nobody;
    starter_id previous_waiting = nobody;

    [[nodiscard]] bool ended() const noexcept { return state >= starter_state::finished; }
};

/// The records of an execution by id. They stay where they are, and are reused by the next execution.
class starter_table {
public:
    [[nodiscard]] starter_record& operator[](starter_id id) noexcept {
        return chunks_[index(id) / chunk_size][index(id) % chunk_size];
    }
    [[nodiscard]] const starter_record& operator[](starter_id id) const noexcept {
        return chunks_[index(id) / chunk_size][index(id) % chunk_size];
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Adds a record with the next id; its other members are whatever its last user left.
    starter_record& add() {
        if (size_ == chunks_.size() * chunk_size) {
            chunks_.push_back(std::make_unique<starter_record[]>(chunk_size));
        }
        const auto id = static_cast<starter_id>(size_++);
        starter_record& added = (*this)[id];
        added.id = id;
        return added;
    }

    void remove_last() noexcept { --size_; }
    void clear() noexcept { size_ = 0; }

private:
    static constexpr std::size_t chunk_size = 64;

    std::vector<std::unique_ptr<starter_record[]>> chunks_;
    std::size_t size_ = 0;
};

} // namespace cppvaldi
