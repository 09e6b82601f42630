#include "fiber/fiber.hpp"

#include <cerrno>
#include <cxxabi.h>
#include <exception>

namespace cppvaldi {

namespace context = boost::context::detail;

struct fiber::begin {
    static void here(context::transfer_t transfer) {
        auto& previous = *static_cast<fiber*>(transfer.data);
        fiber& self = *previous.next_;
        self.arrive(transfer.fctx, previous);
        self.entry_(self.argument_);
        __builtin_unreachable();
    }
};

fiber::fiber() noexcept { belong_to_this_thread(); }

void fiber::belong_to_this_thread() noexcept {
    thread_exceptions_ = reinterpret_cast<exception_state*>(abi::__cxa_get_globals());
    thread_errno_ = &errno;
    thread_block_ = thread_block::current();
}

void fiber::prepare(const stack& memory, std::byte* top, entry_function entry, void* argument) noexcept {
    belong_to_this_thread(); // a record that is used again may have been another's
    memory_ = memory;
    entry_ = entry;
    argument_ = argument;
    exceptions_ = {};
    errno_ = 0;
    fake_stack_ = nullptr;
    context_ = context::make_fcontext(top, static_cast<std::size_t>(top - memory.limit), &begin::here);
}

void fiber::leave_to(fiber& next) noexcept {
    depart(next, true);
    jump(next.context_, this);
    __builtin_unreachable();
}

void fiber::end_handlers() noexcept {
    while (std::current_exception()) {
        abi::__cxa_end_catch();
    }
}

/// Only the sanitizer knows where the OS thread's own stack lies, and it says so after the first switch away from it.
void fiber::learn_own_stack(const void* limit, std::size_t size_bytes) noexcept {
    if (memory_.base == nullptr) {
        auto* lowest = static_cast<std::byte*>(const_cast<void*>(limit));
        memory_ = {lowest, lowest + size_bytes};
    }
}

} // namespace cppvaldi
