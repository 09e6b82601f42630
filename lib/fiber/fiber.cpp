#include "fiber/fiber.hpp"

#include "fiber/sanitizer.hpp"

#include <boost/context/detail/fcontext.hpp>

#include <cerrno>
#include <cxxabi.h>

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

fiber::fiber() noexcept
    : thread_exceptions_(reinterpret_cast<exception_state*>(abi::__cxa_get_globals())), thread_errno_(&errno) {}

void fiber::prepare(const stack& memory, std::byte* top, entry_function entry, void* argument) noexcept {
    memory_ = memory;
    entry_ = entry;
    argument_ = argument;
    exceptions_ = {};
    errno_ = 0;
    fake_stack_ = nullptr;
    context_ = context::make_fcontext(top, static_cast<std::size_t>(top - memory.limit), &begin::here);
}

void fiber::switch_to(fiber& next) noexcept {
    swap_thread_state(next);
    next_ = &next;
    sanitizer::start_switch(&fake_stack_, false, next.memory_.limit, next.memory_.size_bytes());
    const context::transfer_t transfer = context::jump_fcontext(next.context_, this);
    arrive(transfer.fctx, *static_cast<fiber*>(transfer.data));
}

void fiber::leave_to(fiber& next) noexcept {
    swap_thread_state(next);
    next_ = &next;
    sanitizer::start_switch(&fake_stack_, true, next.memory_.limit, next.memory_.size_bytes());
    context::jump_fcontext(next.context_, this);
    __builtin_unreachable();
}

void fiber::swap_thread_state(fiber& next) noexcept {
    exceptions_ = *thread_exceptions_;
    *thread_exceptions_ = next.exceptions_;
    errno_ = *thread_errno_;
    *thread_errno_ = next.errno_;
}

void fiber::arrive(void* previous_context, fiber& previous) noexcept {
    previous.context_ = previous_context;
    const void* limit = nullptr;
    std::size_t size_bytes = 0;
    sanitizer::finish_switch(fake_stack_, &limit, &size_bytes);
    if (limit != nullptr &&
        previous.memory_.base == nullptr) { // the OS thread's own stack: only the sanitizer knows it
        auto* lowest = static_cast<std::byte*>(const_cast<void*>(limit));
        previous.memory_ = {lowest, lowest + size_bytes};
    }
}

} // namespace cppvaldi
