#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi {

/// The memory that one fiber runs on, a value: `[limit, base)` is usable, growth is downwards from `base`, and a guard of
/// `stack_pool::guard_size_bytes` lies below `limit`.
struct stack {
    std::byte* limit = nullptr;
    std::byte* base = nullptr;
    std::size_t number = 0; ///< in its pool

    [[nodiscard]] std::size_t size_bytes() const noexcept { return static_cast<std::size_t>(base - limit); }
    [[nodiscard]] bool guards(const void* address) const noexcept;

    friend bool operator==(const stack&, const stack&) = default;
};

/// Hands out guarded stacks of one size and takes them back for the next fiber.
///
/// Stacks are carved from slabs, one kernel mapping for many stacks. Where the kernel has light guards
/// (`MADV_GUARD_INSTALL`, Linux 6.13) a guard does not split the mapping, so a million stacks are a few thousand mappings;
/// elsewhere the guard is a protected range and costs two mappings a stack, of which a process has about 65,000.
class stack_pool {
public:
    /// Large enough that an ordinary frame does not jump over it; it occupies addresses, not memory.
    static constexpr std::size_t guard_size_bytes = 64 * 1024;

    /// So many free stacks keep all their pages for the next user, ...
    static constexpr std::size_t hot_stacks = 1024;

    /// ... and up to so many those that nearly every starter uses, the topmost. Beyond, all pages are given back. So one
    /// execution with a million starters, or with deep ones, does not keep gigabytes for ever.
    static constexpr std::size_t warm_stacks = 4096;
    static constexpr std::size_t warm_top_size_bytes = 16 * 1024;

    /// How running into the end of a stack is made a fault.
    enum class guard_kind : std::uint8_t {
        light,           ///< markers in the page table; they do not split a mapping
        page_protection, ///< two mappings a stack
    };

    /// REQUIRES: `stack_size_bytes` is positive, and rounded up to whole pages; the kernel has guards of that kind.
    explicit stack_pool(std::size_t stack_size_bytes, guard_kind guards = best_guards());
    stack_pool(const stack_pool&) = delete;
    stack_pool& operator=(const stack_pool&) = delete;
    ~stack_pool();

    /// Returns a stack that nobody uses, the most recently released one if there is one, and where none is in use the one that was
    /// made first: so the same code run again has the same stacks. Throws `std::system_error` when the
    /// operating system gives no more memory or mappings; its text says how many stacks are alive and what to do. The pool
    /// goes on working with those it has.
    [[nodiscard]] stack acquire();

    /// Takes a stack back.
    void release(const stack& returned) noexcept;

    [[nodiscard]] std::size_t stack_size_bytes() const noexcept { return stack_size_bytes_; }

    /// Returns the size of the stacks of a pool that is asked for that size: whole pages.
    [[nodiscard]] static std::size_t rounded_size_bytes(std::size_t asked_bytes) noexcept;
    [[nodiscard]] std::size_t live() const noexcept { return live_; }

    [[nodiscard]] guard_kind guards() const noexcept { return guards_; }

    /// Returns `light` if the kernel has them, so that a process can have millions of stacks.
    [[nodiscard]] static guard_kind best_guards() noexcept;

private:
    struct slab {
        std::byte* memory;
        std::size_t size_bytes;
    };

    [[nodiscard]] stack carve();
    void map_slab();
    void put_in_order() noexcept;
    [[noreturn]] void throw_out_of_stacks(int reason, const char* call) const;

    std::size_t stack_size_bytes_;
    guard_kind guards_;
    std::size_t live_ = 0;
    std::size_t made_ = 0;
    std::size_t untouched_ = 0; ///< so many of the free ones have not been used since all were free
    std::size_t carved_in_last_slab_ = 0;
    std::size_t stacks_in_last_slab_ = 0;
    std::vector<slab> slabs_;
    std::vector<stack> free_; ///< the last one is given out next
};

} // namespace cppvaldi
