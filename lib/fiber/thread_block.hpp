#pragma once

#include <cstdint>

#if defined(__x86_64__) && defined(__linux__) && !defined(__ILP32__)
#define CPPVALDI_THREAD_BLOCKS 1
#else
#define CPPVALDI_THREAD_BLOCKS 0
#endif

/// The thread control block: what the C library and `thread_local` find everything by that is a thread's own. On x86-64 the FS base
/// says where it lies, and its first word, too.
namespace cppvaldi::thread_block {

#if CPPVALDI_THREAD_BLOCKS

/// Returns the one that is in use.
[[nodiscard]] inline void* current() noexcept {
    void* block = nullptr;
    asm("movq %%fs:0, %0" : "=r"(block));
    return block;
}

/// True if the processor and the operating system let a program write the FS base itself.
[[nodiscard]] bool can_be_written() noexcept;

/// How `enter` does it. The system call costs ten times as much.
extern constinit bool written_by_instruction;

/// Uses `block` from now on. REQUIRES: the next thing that happens is a switch to the flow that it belongs to.
inline void enter(void* block) noexcept {
    if (written_by_instruction) [[likely]] {
        asm volatile("wrfsbase %0" : : "r"(block) : "memory");
        return;
    }
    constexpr long set_fs =
        0x1002; // ARCH_SET_FS of arch_prctl(2), which is system call 158; by hand, as `syscall` may be taken over
    long result = 158;
    asm volatile("syscall" : "+a"(result) : "D"(set_fs), "S"(block) : "rcx", "r11", "memory");
}

#else

[[nodiscard]] inline void* current() noexcept { return nullptr; }
inline void enter(void*) noexcept {}

#endif

} // namespace cppvaldi::thread_block
