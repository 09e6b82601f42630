#pragma once

#include "intercept/advisory_locks.hpp"
#include "intercept/in_place.hpp"
#include "intercept/thread_world.hpp"
#include "intercept/timers.hpp"
#include "kernel/execution.hpp"
#include "strategies/generator.hpp"

#include <cppvaldi/detail/barrier_state.hpp>
#include <cppvaldi/detail/condition_state.hpp>
#include <cppvaldi/detail/mutex_state.hpp>
#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/detail/once_state.hpp>
#include <cppvaldi/detail/semaphore_state.hpp>
#include <cppvaldi/detail/shared_mutex_state.hpp>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <pthread.h>
#include <unwind.h>

namespace cppvaldi::intercept {

/// What is kept about a starter as a thread.
struct thread_record {
    thread_world world;
    void* result = nullptr;       ///< what it has returned
    bool detached = false;        ///< nobody may join it
    bool joined = false;          ///< somebody has
    bool has_left = false;        ///< its destructors have run
    starter_id joins = nobody;    ///< whom it is waiting for
    int cancel_state = 0;         ///< PTHREAD_CANCEL_ENABLE
    int cancel_type = 0;          ///< PTHREAD_CANCEL_DEFERRED
    unsigned int clock_reads = 0; ///< that have shown the same time
    virtual_time clock_read_at{};
    const void* base = nullptr;                    ///< of the frames that `pthread_exit` unwinds
    void** exit = nullptr;                         ///< where it comes out then
    std::vector<__pthread_unwind_buf_t*> cleanups; ///< of pthread_cleanup_push in C, the innermost last
    _Unwind_Exception exiting{};                   ///< for the unwinder
    std::vector<void*> values;                     ///< by key
    int lock_descriptor = -1;                      ///< what it wants to lock by flock
    int lock_operation = 0;
    char name[16] = ""; ///< as pthread_setname_np has set it

    void renew() noexcept;
};

/// Who calls, as far as a place in the code says that.
struct known_caller {
    place known_place{};
    bool is_library = false;            ///< its own caller is of interest
    bool calls_code_under_test = false; ///< or it has become a part of it, by inlining
    std::ptrdiff_t frame_size = 0;      ///< how much further up the stack its own caller stands; 0 if that is not known
};

/// What has been found out about callers, by return address.
struct caller_book {
    address_table where;
    std::vector<known_caller> all;
};

/// Who waits for a word of memory.
struct futex_waiter {
    const void* word;
    std::uint32_t bits;
    starter_id who;
};

/// A `pthread_mutex_t`, which its owner may leave behind.
struct taken_mutex final : detail::mutex_state {
    using mutex_state::mutex_state;

    enum class robustness : unsigned char { none, robust, owner_died, not_recoverable };
    robustness left_behind = robustness::none;
};

/// Something that is kept by address, because it has no room for more than its own number.
template <typename State>
class kept_by_address {
public:
    /// Returns what is kept for `address`, after `renew(it)` if that is new.
    template <typename Renew>
    State& at(const void* address, Renew&& renew) {
        object_id& position = where_.at(address);
        if (position == object_id{}) {
            State& fresh = states_.take();
            renew(fresh);
            position = static_cast<object_id>(states_.size());
        }
        return states_[static_cast<std::uint32_t>(position) - 1];
    }

    /// Returns what is kept for `address`, or null.
    [[nodiscard]] State* find(const void* address) {
        const object_id position = where_.at(address);
        return position == object_id{} ? nullptr : &states_[static_cast<std::uint32_t>(position) - 1];
    }

    /// Something else begins to live there.
    void forget(const void* address) { where_.at(address) = object_id{}; }

    void clear() {
        where_.clear();
        states_.clear();
    }

private:
    address_table where_;
    state_pool<State> states_;
};

/// All that this library keeps for an execution object. Its parts are used again by the next execution.
struct ledger final : front_door_state {
    /// Returns that of `in`.
    [[nodiscard]] static ledger& of(execution& in) { return static_cast<ledger&>(*in.front_door_keeps()); }

    /// Forgets the execution before.
    void renew(const execution& in);

    [[nodiscard]] std::string left_behind_text() const override;

    [[nodiscard]] thread_record& thread(starter_id id) { return *threads[index(id)]; }

    std::uint64_t serial = 0; ///< of the execution that it is about
    std::vector<std::unique_ptr<thread_record>> threads;

    state_pool<taken_mutex> mutexes;
    state_pool<detail::condition_state> conditions;
    state_pool<detail::shared_mutex_state> shared_mutexes;
    state_pool<detail::semaphore_state> semaphores;
    state_pool<detail::barrier_state> barriers;
    kept_by_address<detail::mutex_state> spin_locks;
    kept_by_address<detail::mutex_state> file_locks;
    kept_by_address<detail::once_state> onces;
    std::vector<futex_waiter> futex_waiters;
    virtual_timers timers;
    state_pool<advisory_lock> advisory_locks;
    unsigned int suspended = 0; ///< how many wait for any signal
    sigset_t blocked_before{};  ///< what was blocked before the first of them did

    std::unique_ptr<caller_book> callers = std::make_unique<caller_book>(); ///< of all executions
    std::string first_left_behind;                                          ///< of all executions

    // What draws lots, the same in every execution.
    generator numbers{1};
    random_data random{};
    char random_state[128]{};
    drand48_data random48{};
};

} // namespace cppvaldi::intercept
