/// `malloc` and its kin, for the race detector: memory that is allocated is new, and memory that is freed by a starter is kept aside until
/// its execution has ended, so that who uses it then is found.

#include "intercept/accesses/quarantine.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <malloc.h>

// The C library's own, under the names that it keeps for those who replace them.
extern "C" {
void* __libc_malloc(std::size_t size_bytes);
void* __libc_calloc(std::size_t count, std::size_t size_bytes);
void* __libc_realloc(void* block, std::size_t size_bytes);
void* __libc_memalign(std::size_t alignment_bytes, std::size_t size_bytes);
void cppvaldi_take_over_memory();
}

namespace {

using cppvaldi::intercept::allocated;
using cppvaldi::intercept::is_watched;
using cppvaldi::intercept::put_aside;

void* aligned(std::size_t alignment_bytes, std::size_t size_bytes) noexcept {
    return allocated(__libc_memalign(alignment_bytes, size_bytes));
}

} // namespace

extern "C" {

void cppvaldi_take_over_memory() {}

void* malloc(std::size_t size_bytes) { return allocated(__libc_malloc(size_bytes)); }
void* calloc(std::size_t count, std::size_t size_bytes) { return allocated(__libc_calloc(count, size_bytes)); }
void free(void* block) { put_aside(block, __builtin_extract_return_addr(__builtin_return_address(0))); }

void* realloc(void* block, std::size_t size_bytes) {
    if (!is_watched() || block == nullptr || size_bytes == 0) {
        return allocated(__libc_realloc(block, size_bytes));
    }
    void* const moved = malloc(size_bytes);
    if (moved != nullptr) {
        std::memcpy(moved, block, std::min(size_bytes, ::malloc_usable_size(block)));
        put_aside(block, __builtin_extract_return_addr(__builtin_return_address(0)));
    }
    return moved;
}

void* memalign(std::size_t alignment_bytes, std::size_t size_bytes) { return aligned(alignment_bytes, size_bytes); }
void* aligned_alloc(std::size_t alignment_bytes, std::size_t size_bytes) {
    return aligned(alignment_bytes, size_bytes);
}

int posix_memalign(void** block, std::size_t alignment_bytes, std::size_t size_bytes) {
    if (alignment_bytes % sizeof(void*) != 0 || (alignment_bytes & (alignment_bytes - 1)) != 0 ||
        alignment_bytes == 0) {
        return EINVAL;
    }
    void* const made = aligned(alignment_bytes, size_bytes);
    if (made == nullptr) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}
}
