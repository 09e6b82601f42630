#include "fiber/stack_pool.hpp"

#include "fiber/sanitizer.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

namespace cppvaldi {

namespace {

/// From the kernel's `mman-common.h`, which the C library's headers of the day do not all have.
constexpr int madvise_guard_install = 102;

/// The first slab is small, since most executions have a handful of starters; later ones double up to the large size.
constexpr std::size_t smallest_slab_stacks = 8;
constexpr std::size_t largest_slab_stacks = 1024;

/// Free stacks beyond this number give their pages back, so that one execution with a million starters does not keep
/// gigabytes for ever.
constexpr std::size_t warm_stacks = 4096;

std::size_t round_up(std::size_t size_bytes, std::size_t unit) { return (size_bytes + unit - 1) / unit * unit; }

[[noreturn]] void throw_out_of_stacks(const char* call, std::size_t live) {
    int reason = errno;
    throw std::system_error(
        reason, std::generic_category(),
        std::string("cppvaldi: ") + call + " gives no further stack, " + std::to_string(live) +
            " are alive (with page protection a process has about 32,000 guarded stacks: see vm.max_map_count)");
}

} // namespace

bool stack::guards(const void* address) const noexcept {
    const auto* where = static_cast<const std::byte*>(address);
    return where >= limit - stack_pool::guard_size_bytes && where < limit;
}

stack_pool::stack_pool(std::size_t stack_size_bytes)
    : stack_size_bytes_(round_up(stack_size_bytes, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)))) {}

stack_pool::~stack_pool() {
    for (const slab& mapped : slabs_) {
        sanitizer::unpoison(mapped.memory, mapped.size_bytes);
        ::munmap(mapped.memory, mapped.size_bytes);
    }
}

bool stack_pool::has_light_guards() noexcept {
    static const bool supported = [] {
        const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        void* probe = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (probe == MAP_FAILED) {
            return false;
        }
        const bool installed = ::madvise(probe, page, madvise_guard_install) == 0;
        ::munmap(probe, page);
        return installed;
    }();
    return supported;
}

stack stack_pool::acquire() {
    stack given{};
    if (free_.empty()) {
        given = carve();
        free_.reserve(free_.capacity() > live_ ? free_.capacity() : 2 * (live_ + 1));
    } else {
        given = free_.back();
        free_.pop_back();
    }
    ++live_;
    return given;
}

void stack_pool::release(const stack& returned) noexcept {
    sanitizer::unpoison(returned.limit, returned.size_bytes());
    if (free_.size() >= warm_stacks) {
        ::madvise(returned.limit, returned.size_bytes(), MADV_DONTNEED);
    }
    --live_;
    free_.push_back(returned); // acquire() reserved the room
}

stack stack_pool::carve() {
    if (carved_in_last_slab_ == stacks_in_last_slab_) {
        map_slab();
    }
    const std::size_t slot_size_bytes = guard_size_bytes + stack_size_bytes_;
    std::byte* guard = slabs_.back().memory + carved_in_last_slab_ * slot_size_bytes;
    const bool guarded = has_light_guards() ? ::madvise(guard, guard_size_bytes, madvise_guard_install) == 0
                                            : ::mprotect(guard, guard_size_bytes, PROT_NONE) == 0;
    if (!guarded) {
        throw_out_of_stacks(has_light_guards() ? "madvise" : "mprotect", live_);
    }
    ++carved_in_last_slab_;
    return stack{guard + guard_size_bytes, guard + slot_size_bytes};
}

void stack_pool::map_slab() {
    const std::size_t stacks = std::clamp(2 * stacks_in_last_slab_, smallest_slab_stacks, largest_slab_stacks);
    const std::size_t size_bytes = stacks * (guard_size_bytes + stack_size_bytes_);
    slabs_.reserve(slabs_.size() + 1);
    void* memory =
        ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw_out_of_stacks("mmap", live_);
    }
    ::madvise(memory, size_bytes, MADV_NOHUGEPAGE); // a huge page under a stack would be 2 MiB resident for one frame
    slabs_.push_back({static_cast<std::byte*>(memory), size_bytes});
    carved_in_last_slab_ = 0;
    stacks_in_last_slab_ = stacks;
}

} // namespace cppvaldi
