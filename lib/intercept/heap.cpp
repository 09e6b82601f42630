/// Blocks are of some sizes: multiples of 16 bytes up to 1 KiB, and four in each doubling beyond. What is freed is handed out
/// again to who asks for that size next. Before each block stands of what class it is, and whether it is in use.

#include "intercept/heap.hpp"

#include "fiber/signal_text.hpp"
#include "intercept/next.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>
#include <sys/mman.h>

// The C library's own, under the names that it keeps for those who replace them.
extern "C" {
void* __libc_malloc(std::size_t size_bytes);
void* __libc_calloc(std::size_t count, std::size_t size_bytes);
void* __libc_realloc(void* block, std::size_t size_bytes);
void* __libc_memalign(std::size_t alignment_bytes, std::size_t size_bytes);
void __libc_free(void* block);
}

namespace cppvaldi::intercept {

constinit heap_choice heaps;

namespace {

CPPVALDI_NEXT(malloc_usable_size);
CPPVALDI_NEXT(abort);

constexpr std::size_t smallest_step_bytes = 16;
constexpr std::size_t largest_small_bytes = 1024;
constexpr std::size_t small_classes = largest_small_bytes / smallest_step_bytes;
constexpr std::size_t largest_block_bytes = std::size_t{1} << 35;

/// More than this is given back to the operating system by `clear`; less is quicker to overwrite.
constexpr std::size_t most_overwritten_bytes = std::size_t{4} << 20;

constexpr std::uint32_t in_use = 0x6c6c'6163;
constexpr std::uint32_t is_free = 0x6565'7266;

/// What stands before a block.
struct block_head {
    std::uint32_t state;
    std::uint32_t size_class;
    std::size_t shift; ///< how far the block begins behind where it would without alignment
};
static_assert(sizeof(block_head) == smallest_step_bytes);

block_head& head_of(void* block) noexcept { return static_cast<block_head*>(block)[-1]; }
const block_head& head_of(const void* block) noexcept { return static_cast<const block_head*>(block)[-1]; }

struct block_size {
    std::size_t size_class;
    std::size_t size_bytes;
};

/// REQUIRES: `wanted_bytes` is at most `largest_block_bytes`.
block_size size_for(std::size_t wanted_bytes) noexcept {
    const std::size_t rounded =
        (std::max<std::size_t>(wanted_bytes, 1) + smallest_step_bytes - 1) / smallest_step_bytes * smallest_step_bytes;
    if (rounded <= largest_small_bytes) {
        return {rounded / smallest_step_bytes - 1, rounded};
    }
    const auto doubling = static_cast<std::size_t>(std::bit_width(rounded - 1)) - 1;
    const std::size_t below = std::size_t{1} << doubling;
    const std::size_t quarters = (rounded - below + below / 4 - 1) / (below / 4);
    return {small_classes + (doubling - 10) * 4 + quarters - 1, below + quarters * (below / 4)};
}

std::size_t size_of_class(std::size_t size_class) noexcept {
    if (size_class < small_classes) {
        return (size_class + 1) * smallest_step_bytes;
    }
    const std::size_t below = std::size_t{1} << (10 + (size_class - small_classes) / 4);
    return below + ((size_class - small_classes) % 4 + 1) * (below / 4);
}

std::byte* address_of(const arena* of, std::size_t offset) noexcept {
    return reinterpret_cast<std::byte*>(const_cast<arena*>(of)) + offset;
}

constexpr std::size_t first_block_offset = 4096;

[[noreturn]] void end_because(const char* what) noexcept {
    signal_text(2) << "free(): " << what << "\n";
    next_abort();
    __builtin_trap();
}

} // namespace

arena* arena::create() noexcept {
    static_assert(sizeof(arena) <= first_block_offset);
    void* const memory =
        ::mmap(nullptr, address_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return nullptr;
    }
    (void)::madvise(memory, address_bytes, MADV_NOHUGEPAGE); // so that little of it is touched
    auto* const made = ::new (memory) arena;
    made->next_ = address_of(made, first_block_offset);
    return made;
}

void* arena::allocate(std::size_t size_bytes, std::size_t alignment_bytes, bool zeroed) noexcept {
    const std::size_t slack = alignment_bytes <= smallest_step_bytes ? 0 : alignment_bytes;
    if (size_bytes > largest_block_bytes || slack > largest_block_bytes - size_bytes) {
        return nullptr;
    }
    const block_size size = size_for(size_bytes + slack);
    auto* block = static_cast<std::byte*>(free_[size.size_class]);
    const bool is_fresh = block == nullptr;
    if (is_fresh) {
        const auto left = static_cast<std::size_t>(address_of(this, arena::address_bytes) - next_);
        if (left < sizeof(block_head) + size.size_bytes) {
            return nullptr;
        }
        block = next_ + sizeof(block_head);
        next_ = block + size.size_bytes;
    } else {
        std::memcpy(&free_[size.size_class], block, sizeof(void*));
    }
    std::size_t shift = 0;
    if (slack != 0) {
        const std::size_t beyond = reinterpret_cast<std::uintptr_t>(block) % alignment_bytes;
        shift = beyond == 0 ? 0 : alignment_bytes - beyond;
        block += shift;
    }
    head_of(block) = {in_use, static_cast<std::uint32_t>(size.size_class), shift};
    if (zeroed && !is_fresh) {
        std::memset(block, 0, size_bytes);
    }
    return block;
}

void arena::release(void* block) noexcept {
    block_head& head = head_of(block);
    if (head.state != in_use || reinterpret_cast<std::uintptr_t>(block) % smallest_step_bytes != 0 ||
        head.size_class >= classes) {
        end_because(head.state == is_free ? "double free" : "invalid pointer");
    }
    head.state = is_free;
    constexpr std::ptrdiff_t most_wasted_bytes = std::ptrdiff_t{256} << 20;
    if (is_wasteful_ && next_ - address_of(this, first_block_offset) < most_wasted_bytes) {
        return;
    }
    auto* const whole = static_cast<std::byte*>(block) - head.shift;
    void*& first = free_[head.size_class];
    std::memcpy(whole, &first, sizeof first);
    first = whole;
}

std::size_t arena::size_of(const void* block) noexcept {
    const block_head& head = head_of(block);
    return size_of_class(head.size_class) - head.shift;
}

bool arena::contains(const void* block) const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    const auto begin = reinterpret_cast<std::uintptr_t>(this);
    return address >= begin && address - begin < address_bytes;
}

void arena::clear() noexcept {
    std::byte* const first = address_of(this, first_block_offset);
    const auto used = static_cast<std::size_t>(next_ - first);
    std::memset(first, 0, std::min(used, most_overwritten_bytes));
    if (used > most_overwritten_bytes) {
        (void)::madvise(first + most_overwritten_bytes, used - most_overwritten_bytes, MADV_DONTNEED);
    }
    next_ = first;
    std::fill(std::begin(free_), std::end(free_), nullptr);
}

namespace {

arena& chosen() noexcept { return heaps.lasts ? *heaps.lasting : *heaps.passing; }

/// Returns the arena that a block is of; null if it is the C library's.
arena* arena_of(const void* block) noexcept {
    return heaps.passing->contains(block) ? heaps.passing : heaps.lasting->contains(block) ? heaps.lasting : nullptr;
}

void* or_no_memory(void* block) noexcept {
    if (block == nullptr) {
        errno = ENOMEM;
    }
    return block;
}

} // namespace

void* heap_allocate(std::size_t size_bytes) noexcept {
    return heaps.passing == nullptr ? __libc_malloc(size_bytes)
                                    : or_no_memory(chosen().allocate(size_bytes, smallest_step_bytes, false));
}

void* heap_allocate_zeroed(std::size_t count, std::size_t size_bytes) noexcept {
    if (heaps.passing == nullptr) {
        return __libc_calloc(count, size_bytes);
    }
    std::size_t all_bytes = 0;
    const bool is_too_much = __builtin_mul_overflow(count, size_bytes, &all_bytes);
    return or_no_memory(is_too_much ? nullptr : chosen().allocate(all_bytes, smallest_step_bytes, true));
}

void* heap_allocate_aligned(std::size_t alignment_bytes, std::size_t size_bytes) noexcept {
    return heaps.passing == nullptr
               ? __libc_memalign(alignment_bytes, size_bytes)
               : or_no_memory(chosen().allocate(size_bytes, std::bit_ceil(alignment_bytes), false));
}

void* heap_reallocate(void* block, std::size_t size_bytes) noexcept {
    if (heaps.passing == nullptr) {
        return __libc_realloc(block, size_bytes);
    }
    if (block == nullptr) {
        return heap_allocate(size_bytes);
    }
    if (size_bytes == 0) {
        heap_release(block);
        return nullptr;
    }
    const std::size_t before_bytes = heap_size_of(block);
    if (size_bytes <= before_bytes && arena_of(block) != nullptr) {
        return block;
    }
    void* const moved = heap_allocate(size_bytes);
    if (moved != nullptr) {
        std::memcpy(moved, block, std::min(size_bytes, before_bytes));
        heap_release(block);
    }
    return moved;
}

void heap_release(void* block) noexcept {
    if (heaps.passing == nullptr) {
        __libc_free(block);
    } else if (block != nullptr) {
        if (arena* const of = arena_of(block)) {
            of->release(block);
        } // else it was there before the first execution, and will be there again before the next
    }
}

std::size_t heap_size_of(void* block) noexcept {
    return block != nullptr && heaps.passing != nullptr && arena_of(block) != nullptr ? arena::size_of(block)
                                                                                      : next_malloc_usable_size(block);
}

} // namespace cppvaldi::intercept
