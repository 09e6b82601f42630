#pragma once

#include <boost/context/detail/fcontext.hpp>

#if defined(__x86_64__) && !defined(__ILP32__) && !(defined(__CET__) && __CET__ & 2)
#define CPPVALDI_BALANCED_JUMP 1
#else
#define CPPVALDI_BALANCED_JUMP 0
#endif

namespace cppvaldi {

/// Goes on with the flow that stands at `to`, and hands it `data`. Returns when another flow comes back here, with what that one
/// has handed over and where it stands itself. This is Boost.Context's `jump_fcontext`, entered in its own way.
///
/// A processor predicts each return by the call that it belongs to. For x86-64 `jump_fcontext` is called, but left by a jump;
/// one call remains over, and every return up the stack that was switched to is predicted one off: several times the cost of
/// the switch. So here it is entered by a jump as well, below the 128 bytes that a function may use under its stack pointer,
/// with the address to come back to pushed by hand. A shadow stack would notice: where there may be one, and on other
/// machines, it is called.
#if CPPVALDI_BALANCED_JUMP

inline boost::context::detail::transfer_t jump(void* to, void* data) noexcept {
    boost::context::detail::transfer_t here;
    asm volatile("leaq -128(%%rsp), %%rsp\n\t"
                 "leaq 1f(%%rip), %%rax\n\t"
                 "pushq %%rax\n\t"
                 "jmp *jump_fcontext@GOTPCREL(%%rip)\n"
                 "1:\n\t"
                 "leaq 128(%%rsp), %%rsp"
                 : "=a"(here.fctx), "=d"(here.data), "+D"(to), "+S"(data)
                 :
                 : "rcx", "r8", "r9", "r10", "r11", "cc", "memory", // all that a call may change
                   "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
                   "xmm12", "xmm13", "xmm14", "xmm15",
#ifdef __AVX512F__
                   "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26",
                   "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7",
#endif
                   "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
    return here;
}

#else

inline boost::context::detail::transfer_t jump(void* to, void* data) noexcept {
    return boost::context::detail::jump_fcontext(to, data);
}

#endif

} // namespace cppvaldi
