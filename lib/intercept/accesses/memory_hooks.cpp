/// `malloc` and its kin, for the race detector: memory that is allocated is new, and memory that is freed by a starter is kept
/// aside until its execution has ended, so that who uses it then is found.

#include "intercept/accesses/quarantine.hpp"
#include "intercept/heap.hpp"
#include "intercept/leaks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <malloc.h>

extern "C" void cppvaldi_take_over_memory();

namespace {

using cppvaldi::intercept::allocated;
using cppvaldi::intercept::is_watched;
using cppvaldi::intercept::put_aside;
namespace intercept = cppvaldi::intercept;

void* aligned(std::size_t alignment_bytes, std::size_t size_bytes) noexcept {
    return allocated(intercept::heap_allocate_aligned(alignment_bytes, size_bytes));
}

void released(void* block) noexcept {
    if (intercept::looks_for_leaks) [[unlikely]] {
        intercept::note_released(block);
    }
}

} // namespace

/// Returns a new block, which is noted where leaks are looked for.
#define CPPVALDI_NOTED(block, size_bytes)                                                                       \
    [&](void* fresh, const void* code, const void* frame) {                                                     \
        return !intercept::looks_for_leaks ? fresh : intercept::note_allocated(fresh, size_bytes, code, frame); \
    }(block, __builtin_return_address(0), __builtin_frame_address(0))

extern "C" {

void cppvaldi_take_over_memory() {}

void* malloc(std::size_t size_bytes) {
    return CPPVALDI_NOTED(allocated(intercept::heap_allocate(size_bytes)), size_bytes);
}

void* calloc(std::size_t count, std::size_t size_bytes) {
    return CPPVALDI_NOTED(allocated(intercept::heap_allocate_zeroed(count, size_bytes)), count * size_bytes);
}

void free(void* block) {
    released(block);
    put_aside(block, __builtin_extract_return_addr(__builtin_return_address(0)));
}

void* realloc(void* block, std::size_t size_bytes) {
    if (!is_watched() || block == nullptr || size_bytes == 0) {
        void* const again = allocated(intercept::heap_reallocate(block, size_bytes));
        if (again != nullptr || size_bytes == 0) {
            released(block);
        }
        return CPPVALDI_NOTED(again, size_bytes);
    }
    void* const moved = CPPVALDI_NOTED(allocated(intercept::heap_allocate(size_bytes)), size_bytes);
    if (moved != nullptr) {
        released(block);
        std::memcpy(moved, block, std::min(size_bytes, intercept::heap_size_of(block)));
        put_aside(block, __builtin_extract_return_addr(__builtin_return_address(0)));
    }
    return moved;
}

std::size_t malloc_usable_size(void* block) { return intercept::heap_size_of(block); }

void* memalign(std::size_t alignment_bytes, std::size_t size_bytes) {
    return CPPVALDI_NOTED(aligned(alignment_bytes, size_bytes), size_bytes);
}

void* aligned_alloc(std::size_t alignment_bytes, std::size_t size_bytes) {
    return CPPVALDI_NOTED(aligned(alignment_bytes, size_bytes), size_bytes);
}

int posix_memalign(void** block, std::size_t alignment_bytes, std::size_t size_bytes) {
    if (alignment_bytes % sizeof(void*) != 0 || (alignment_bytes & (alignment_bytes - 1)) != 0 ||
        alignment_bytes == 0) {
        return EINVAL;
    }
    void* const made = CPPVALDI_NOTED(aligned(alignment_bytes, size_bytes), size_bytes);
    if (made == nullptr) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}
}
