#pragma once

#include "fiber/jump.hpp"
#include "fiber/sanitizer.hpp"
#include "fiber/stack_pool.hpp"
#include "fiber/thread_block.hpp"

#include <cstddef>

namespace cppvaldi {

/// One flow of control: a stack, the registers to go on with, and what C++ and C keep per thread (the exceptions being
/// handled and thrown, `errno`). A resource; it stays where it is.
///
/// A default-constructed fiber stands for the flow that is already running: the first switch away from it fills it in. All
/// fibers that switch to each other belong to one OS thread, the one that constructed or last prepared them.
///
/// Contexts are made in place on a pooled stack with Boost.Context's own two primitives. Its `boost::context::fiber` object
/// would cost a further round trip when a fiber begins and another when it ends, and would unwind by an exception of its own.
class fiber {
public:
    using entry_function = void (*)(void* argument);

    fiber() noexcept;
    fiber(const fiber&) = delete;
    fiber& operator=(const fiber&) = delete;
    ~fiber() = default;

    /// Makes a default-constructed fiber stand for the flow that is running now, on whichever stack that is.
    void stand_here() noexcept {
        memory_ = {};
        thread_block_ = thread_block::current();
    }

    /// Makes this fiber begin with `entry(argument)` when it is first switched to, on `memory`, of which the part above
    /// `top` is left alone. REQUIRES: `entry` ends with `leave_to`, it never returns.
    void prepare(const stack& memory, std::byte* top, entry_function entry, void* argument) noexcept;

    /// Has a thread control block of its own from its first step to its last: a thread's exception state and `errno` are there,
    /// and all that is `thread_local`. REQUIRES: it is prepared, and has not begun.
    void run_with(void* own_thread_block) noexcept { thread_block_ = own_thread_block; }

    /// Goes on with `next` and returns when somebody switches back. REQUIRES: this fiber is the one that runs.
    void switch_to(fiber& next) noexcept;

    /// Goes on with `next` for good: this fiber's stack may be reused as soon as `next` runs.
    [[noreturn]] void leave_to(fiber& next) noexcept;

    /// Ends all handlers that the running fiber is in, so that what they handle is destroyed: for one that leaves for good from
    /// the middle of them.
    static void end_handlers() noexcept;

    [[nodiscard]] const stack& memory() const noexcept { return memory_; }

    /// Returns the end of its stack in use. REQUIRES: it has begun, and another one runs.
    [[nodiscard]] const void* stands_at() const noexcept { return context_; }

private:
    /// The Itanium C++ ABI's `__cxa_eh_globals`: the innermost exception being handled, and how many are in flight.
    struct exception_state {
        void* caught = nullptr;
        unsigned int uncaught = 0;
    };

    struct begin; // the one function that Boost.Context calls

    void depart(fiber& next, bool for_good) noexcept;
    void belong_to_this_thread() noexcept;
    void arrive(void* previous_context, fiber& previous) noexcept;
    void learn_own_stack(const void* limit, std::size_t size_bytes) noexcept;

    void* context_ = nullptr;
    void* thread_block_ = nullptr;                 // with the same one, what it keeps goes with the fiber
    exception_state* thread_exceptions_ = nullptr; // where this OS thread keeps them; the same for all fibers that meet
    int* thread_errno_ = nullptr;
    exception_state exceptions_;
    int errno_ = 0;
    fiber* next_ = nullptr; // whom this fiber switched to last: how a beginning fiber learns who it is
    entry_function entry_ = nullptr;
    void* argument_ = nullptr;
    stack memory_;
    void* fake_stack_ = nullptr; // AddressSanitizer's
};

inline void fiber::switch_to(fiber& next) noexcept {
    depart(next, false);
    const auto from = jump(next.context_, this);
    arrive(from.fctx, *static_cast<fiber*>(from.data));
}

inline void fiber::depart(fiber& next, bool for_good) noexcept {
    next_ = &next;
    sanitizer::start_switch(&fake_stack_, for_good, next.memory_.limit, next.memory_.size_bytes());
    if (thread_block_ != next.thread_block_) [[unlikely]] {
        thread_block::enter(next.thread_block_);
        return;
    }
    exceptions_ = *thread_exceptions_;
    *thread_exceptions_ = next.exceptions_;
    errno_ = *thread_errno_;
    *thread_errno_ = next.errno_;
}

inline void fiber::arrive(void* previous_context, fiber& previous) noexcept {
    previous.context_ = previous_context;
    const void* limit = nullptr;
    std::size_t size_bytes = 0;
    sanitizer::finish_switch(fake_stack_, &limit, &size_bytes);
    if (limit != nullptr) {
        previous.learn_own_stack(limit, size_bytes);
    }
}

} // namespace cppvaldi
