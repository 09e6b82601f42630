#include "fiber/fiber.hpp"

#include <boost/context/detail/fcontext.hpp>

#include <cerrno>
#include <cxxabi.h>

namespace cppvaldi {

namespace context = boost::context::detail;

// A processor predicts a return by the call that it belongs to. Boost's `jump_fcontext` for x86-64 is called, but leaves by a
// jump, so after each switch every return up the stack that was switched to is predicted one call off: five or six times the
// cost of the switch. Here it is jumped to, with the address to come back to pushed by hand, and a return of its own balances
// the call. A shadow stack would notice: where there may be one, and on other machines, `jump_fcontext` is called as it is.
#if defined(__x86_64__) && !defined(__ILP32__) && !(defined(__CET__) && __CET__ & 2)
asm(R"(
    .pushsection .text
    .p2align 4
    .globl cppvaldi_jump
    .hidden cppvaldi_jump
    .type cppvaldi_jump, @function
cppvaldi_jump:
    .cfi_startproc
    leaq 1f(%rip), %rax
    pushq %rax
    .cfi_adjust_cfa_offset 8
    jmp *jump_fcontext@GOTPCREL(%rip)
1:  .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size cppvaldi_jump, . - cppvaldi_jump
    .popsection
)");
#else
extern "C" fiber::arrival cppvaldi_jump(void* to, fiber* from) {
    const context::transfer_t transfer = context::jump_fcontext(to, from);
    return {transfer.fctx, static_cast<fiber*>(transfer.data)};
}
#endif

struct fiber::begin {
    static void here(context::transfer_t transfer) {
        auto& previous = *static_cast<fiber*>(transfer.data);
        fiber& self = *previous.next_;
        self.arrive({transfer.fctx, &previous});
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

void fiber::leave_to(fiber& next) noexcept {
    depart(next, true);
    context::jump_fcontext(next.context_, this);
    __builtin_unreachable();
}

/// Only the sanitizer knows where the OS thread's own stack lies, and it says so after the first switch away from it.
void fiber::learn_own_stack(const void* limit, std::size_t size_bytes) noexcept {
    if (memory_.base == nullptr) {
        auto* lowest = static_cast<std::byte*>(const_cast<void*>(limit));
        memory_ = {lowest, lowest + size_bytes};
    }
}

} // namespace cppvaldi
