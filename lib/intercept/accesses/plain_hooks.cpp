/// What code that is compiled with `-fsanitize=thread` calls at each access to memory, under the names that g++ and clang++ give
/// it. It is linked without that flag: then these take the place of the sanitizer's own.
///
/// The address of a hook's caller says where in the source it is.

#include "intercept/accesses/accesses.hpp"

#include <sys/single_threaded.h>

using cppvaldi::intercept::access_plain;
using cppvaldi::intercept::access_plain_memory;
using cppvaldi::intercept::plain_effect;
using cppvaldi::intercept::watch;

#define CPPVALDI_CODE __builtin_extract_return_addr(__builtin_return_address(0))

// Each hook is declared, as the compiler warns otherwise, and then defined.
#define CPPVALDI_HOOK(name, size_bytes, writes) \
    void name(void* address);                   \
    void name(void* address) { access_plain<size_bytes, writes>(address, CPPVALDI_CODE); }

#define CPPVALDI_HOOK_OF_CODE(name, size_bytes, writes) \
    void name(void* address, void* code);               \
    void name(void* address, void* code) { access_plain<size_bytes, writes>(address, code); }

// A read and a write of the same bytes, by one statement. Who conflicts with the read conflicts with the write.
#define CPPVALDI_HOOKS(size_bytes)                                         \
    CPPVALDI_HOOK(__tsan_read##size_bytes, size_bytes, false)              \
    CPPVALDI_HOOK(__tsan_write##size_bytes, size_bytes, true)              \
    CPPVALDI_HOOK(__tsan_read_write##size_bytes, size_bytes, true)         \
    CPPVALDI_HOOK(__tsan_volatile_read##size_bytes, size_bytes, false)     \
    CPPVALDI_HOOK(__tsan_volatile_write##size_bytes, size_bytes, true)     \
    CPPVALDI_HOOK_OF_CODE(__tsan_read##size_bytes##_pc, size_bytes, false) \
    CPPVALDI_HOOK_OF_CODE(__tsan_write##size_bytes##_pc, size_bytes, true)

#define CPPVALDI_UNALIGNED_HOOKS(size_bytes)                                     \
    CPPVALDI_HOOK(__tsan_unaligned_read##size_bytes, size_bytes, false)          \
    CPPVALDI_HOOK(__tsan_unaligned_write##size_bytes, size_bytes, true)          \
    CPPVALDI_HOOK(__tsan_unaligned_read_write##size_bytes, size_bytes, true)     \
    CPPVALDI_HOOK(__tsan_unaligned_volatile_read##size_bytes, size_bytes, false) \
    CPPVALDI_HOOK(__tsan_unaligned_volatile_write##size_bytes, size_bytes, true)

extern "C" {

CPPVALDI_HOOKS(1)
CPPVALDI_HOOKS(2)
CPPVALDI_HOOKS(4)
CPPVALDI_HOOKS(8)
CPPVALDI_HOOKS(16)
CPPVALDI_UNALIGNED_HOOKS(2)
CPPVALDI_UNALIGNED_HOOKS(4)
CPPVALDI_UNALIGNED_HOOKS(8)
CPPVALDI_UNALIGNED_HOOKS(16)
CPPVALDI_HOOK(__tsan_vptr_read, 8, false)

// A destructor of the class that an object is of already writes what is there: no race with those who read it. But a step of its
// own it is all the same, for in new memory it is by chance whether that is there.
void __tsan_vptr_update(void** of, void* becomes);
void __tsan_vptr_update(void** of, void* becomes) {
    if (*of != becomes) {
        access_plain<8, true>(of, CPPVALDI_CODE);
    } else if (watch.one_of == 0) {
        access_plain<8, false>(of, CPPVALDI_CODE);
    } else {
        access_plain_memory(reinterpret_cast<std::uintptr_t>(of), sizeof *of, plain_effect::same_again, CPPVALDI_CODE);
    }
}

void __tsan_read_range(void* address, unsigned long size_bytes);
void __tsan_read_range(void* address, unsigned long size_bytes) {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(address), size_bytes, false, CPPVALDI_CODE);
}

void __tsan_write_range(void* address, unsigned long size_bytes);
void __tsan_write_range(void* address, unsigned long size_bytes) {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(address), size_bytes, true, CPPVALDI_CODE);
}

void __tsan_read_range_pc(void* address, unsigned long size_bytes, void* code);
void __tsan_read_range_pc(void* address, unsigned long size_bytes, void* code) {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(address), size_bytes, false, code);
}

void __tsan_write_range_pc(void* address, unsigned long size_bytes, void* code);
void __tsan_write_range_pc(void* address, unsigned long size_bytes, void* code) {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(address), size_bytes, true, code);
}

// What newer compilers call in place of the C library.

void* __tsan_memcpy(void* to, const void* from, unsigned long size_bytes);
void* __tsan_memcpy(void* to, const void* from, unsigned long size_bytes) {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(from), size_bytes, false, CPPVALDI_CODE);
    access_plain_memory(reinterpret_cast<std::uintptr_t>(to), size_bytes, true, CPPVALDI_CODE);
    return __builtin_memcpy(to, from, size_bytes);
}

void* __tsan_memmove(void* to, const void* from, unsigned long size_bytes);
void* __tsan_memmove(void* to, const void* from, unsigned long size_bytes) {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(from), size_bytes, false, CPPVALDI_CODE);
    access_plain_memory(reinterpret_cast<std::uintptr_t>(to), size_bytes, true, CPPVALDI_CODE);
    return __builtin_memmove(to, from, size_bytes);
}

void* __tsan_memset(void* to, int value, unsigned long size_bytes);
void* __tsan_memset(void* to, int value, unsigned long size_bytes) {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(to), size_bytes, true, CPPVALDI_CODE);
    return __builtin_memset(to, value, size_bytes);
}

// Functions and threads are known to the kernel from elsewhere.

void __tsan_func_entry(void* call);
void __tsan_func_entry(void*) {}
void __tsan_func_exit();
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin();
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end();
void __tsan_ignore_thread_end() {}

/// What is pulled in by the hooks alone would be missing otherwise.
void cppvaldi_take_over_memory();
void cppvaldi_take_over_copies();

/// Called at the beginning of the program by each object file.
void __tsan_init();
void __tsan_init() {
    cppvaldi_take_over_memory();
    cppvaldi_take_over_copies();
    __libc_single_threaded = 0; // else `std::shared_ptr` counts by plain accesses
}
}
