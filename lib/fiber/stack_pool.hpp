#pragma once

#include <cstddef>
#include <vector>

namespace cppvaldi {

/// The memory that one fiber runs on, a value: `[limit, base)` is usable, growth is downwards from `base`, and a guard of
/// `stack_pool::guard_size_bytes` lies below `limit`.
struct stack {
    std::byte* limit = nullptr;
    std::byte* base = nullptr;

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

    /// REQUIRES: `stack_size_bytes` is positive; it is rounded up to whole pages.
    explicit stack_pool(std::size_t stack_size_bytes);
    stack_pool(const stack_pool&) = delete;
    stack_pool& operator=(const stack_pool&) = delete;
    ~stack_pool();

    /// Returns a stack that nobody uses, the most recently released one if there is one. Throws `std::system_error` with
    /// the number of stacks alive when the operating system gives no more memory or mappings.
    [[nodiscard]] stack acquire();

    /// Takes a stack back. Its pages stay resident for the next user up to a bound, beyond which they are given back.
    void release(const stack& returned) noexcept;

    [[nodiscard]] std::size_t stack_size_bytes() const noexcept { return stack_size_bytes_; }
    [[nodiscard]] std::size_t live() const noexcept { return live_; }

    /// True if guards do not split mappings on this machine, so that a process can have millions of stacks.
    [[nodiscard]] static bool has_light_guards() noexcept;

private:
    struct slab {
        std::byte* memory;
        std::size_t size_bytes;
    };

    [[nodiscard]] stack carve();
    void map_slab();

    std::size_t stack_size_bytes_;
    std::size_t live_ = 0;
    std::size_t carved_in_last_slab_ = 0;
    std::size_t stacks_in_last_slab_ = 0;
    std::vector<slab> slabs_;
    std::vector<stack> free_;
};

} // namespace cppvaldi
