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

/// No single stack is larger than this, so that sums of sizes do not wrap around. No machine has as many addresses.
constexpr std::size_t largest_size_bytes = std::size_t{1} << 60;

std::size_t page_size_bytes() noexcept { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

bool make_light_guard(std::byte* where, std::size_t size_bytes) noexcept {
    return ::madvise(where, size_bytes, madvise_guard_install) == 0;
}

} // namespace

bool stack::guards(const void* address) const noexcept {
    const auto where = reinterpret_cast<std::uintptr_t>(address); // no array of ours need be there
    const auto end = reinterpret_cast<std::uintptr_t>(limit);
    return where < end && end - where <= stack_pool::guard_size_bytes;
}

stack_pool::stack_pool(std::size_t stack_size_bytes, guard_kind guards)
    : stack_size_bytes_(rounded_size_bytes(stack_size_bytes)), guards_(guards) {}

stack_pool::~stack_pool() {
    for (const slab& mapped : slabs_) {
        if (live_ != 0) { // released stacks are clean already, and touching the shadow of a large slab costs memory
            sanitizer::unpoison(mapped.memory, mapped.size_bytes);
        }
        ::munmap(mapped.memory, mapped.size_bytes);
    }
}

std::size_t stack_pool::rounded_size_bytes(std::size_t asked_bytes) noexcept {
    const std::size_t page = page_size_bytes();
    return (std::min(asked_bytes, largest_size_bytes) + page - 1) / page * page;
}

stack_pool::guard_kind stack_pool::best_guards() noexcept {
    static const guard_kind best = [] {
        const std::size_t size_bytes = page_size_bytes();
        void* probe = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (probe == MAP_FAILED) {
            return guard_kind::page_protection;
        }
        const bool installed = make_light_guard(static_cast<std::byte*>(probe), size_bytes);
        ::munmap(probe, size_bytes);
        return installed ? guard_kind::light : guard_kind::page_protection;
    }();
    return best;
}

stack stack_pool::acquire() {
    stack given{};
    if (free_.empty()) {
        free_.reserve(free_.capacity() > live_ ? free_.capacity() : 2 * (live_ + 1)); // for release()
        given = carve();
    } else {
        given = free_.back();
        free_.pop_back();
        untouched_ = std::min(untouched_, free_.size());
    }
    ++live_;
    return given;
}

void stack_pool::release(const stack& returned) noexcept {
    sanitizer::unpoison(returned.limit, returned.size_bytes());
    if (free_.size() >= hot_stacks) {
        const std::size_t kept = free_.size() >= warm_stacks ? 0 : std::min(returned.size_bytes(), warm_top_size_bytes);
        if (returned.size_bytes() > kept) {
            ::madvise(returned.limit, returned.size_bytes() - kept, MADV_DONTNEED);
        }
    }
    free_.push_back(returned); // acquire() reserved the room
    if (--live_ == 0) {
        put_in_order();
    }
}

void stack_pool::put_in_order() noexcept {
    const auto was_made_later = [](const stack& one, const stack& other) { return one.number > other.number; };
    const auto first = free_.begin() + static_cast<std::ptrdiff_t>(untouched_);
    if (!std::is_sorted(first, free_.end(), was_made_later)) {
        std::sort(first, free_.end(), was_made_later);
    }
    untouched_ = free_.size();
}

stack stack_pool::carve() {
    if (carved_in_last_slab_ == stacks_in_last_slab_) {
        map_slab();
    }
    const std::size_t slot_size_bytes = guard_size_bytes + stack_size_bytes_;
    std::byte* guard = slabs_.back().memory + carved_in_last_slab_ * slot_size_bytes;
    const bool guarded = guards_ == guard_kind::light ? make_light_guard(guard, guard_size_bytes)
                                                      : ::mprotect(guard, guard_size_bytes, PROT_NONE) == 0;
    if (!guarded) {
        throw_out_of_stacks(errno, guards_ == guard_kind::light ? "madvise" : "mprotect");
    }
    ++carved_in_last_slab_;
    return stack{guard + guard_size_bytes, guard + slot_size_bytes, made_++};
}

void stack_pool::map_slab() {
    const std::size_t slot_size_bytes = guard_size_bytes + stack_size_bytes_;
    std::size_t stacks = std::clamp(2 * stacks_in_last_slab_, smallest_slab_stacks, largest_slab_stacks);
    stacks = std::clamp(largest_size_bytes / slot_size_bytes, std::size_t{1}, stacks);
    slabs_.reserve(slabs_.size() + 1);
    void* memory = MAP_FAILED;
    for (;; stacks /= 2) { // where addresses are scarce there may still be room for a few
        memory = ::mmap(nullptr, stacks * slot_size_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory != MAP_FAILED) {
            break;
        }
        if (stacks == 1) {
            throw_out_of_stacks(errno, "mmap");
        }
    }
    // A huge page under a stack would be 2 MiB resident for one frame.
    ::madvise(memory, stacks * slot_size_bytes, MADV_NOHUGEPAGE);
    slabs_.push_back({static_cast<std::byte*>(memory), stacks * slot_size_bytes});
    carved_in_last_slab_ = 0;
    stacks_in_last_slab_ = stacks;
}

void stack_pool::throw_out_of_stacks(int reason, const char* call) const {
    std::string text = std::string("cppvaldi: ") + call + " gives no further stack of " +
                       std::to_string(stack_size_bytes_) + " bytes, " + std::to_string(live_) + " are alive; ";
    if (guards_ == guard_kind::page_protection) {
        text +=
            "without light guards (Linux 6.13) each takes two of the kernel mappings that a process may have: raise "
            "vm.max_map_count (sysctl), or have fewer starters at a time, or ";
    } else {
        text += "have fewer starters at a time, or ";
    }
    throw std::system_error(reason, std::generic_category(), text + "lower execution_options::stack_size_bytes");
}

} // namespace cppvaldi
