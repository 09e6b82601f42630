#pragma once

#include <cstddef>
#include <utility>

namespace cppvaldi::intercept {

/// A heap in a range of addresses of its own, which can be emptied at once. It hands out the same addresses for the same calls.
/// REQUIRES: one OS thread uses it.
class arena {
public:
    /// How many addresses one occupies, from its own on.
    static constexpr std::size_t address_bytes = std::size_t{1} << 36;

    /// Returns one that occupies addresses, and memory only where it is used; null if there are not so many addresses.
    [[nodiscard]] static arena* create() noexcept;

    /// Returns a block, or null if there is no room. `alignment_bytes` is a power of two. With `zeroed`, all of it is zero.
    [[nodiscard]] void* allocate(std::size_t size_bytes, std::size_t alignment_bytes, bool zeroed) noexcept;

    /// Takes a block back. One that is none, or has been freed before, ends the process, as it does with the C library's heap.
    void release(void* block) noexcept;

    /// Returns how many bytes of a block may be used.
    [[nodiscard]] static std::size_t size_of(const void* block) noexcept;

    [[nodiscard]] bool contains(const void* block) const noexcept;

    /// From now on addresses are not handed out again before 256 MiB have been, so that a pointer to what has been freed is no
    /// other's.
    void be_wasteful() noexcept { is_wasteful_ = true; }

    /// Forgets all blocks; memory reads as zero again.
    void clear() noexcept;

private:
    static constexpr std::size_t classes = 192;

    arena() = default;

    bool is_wasteful_ = false;
    std::byte* next_ = nullptr; ///< what lies behind has never been handed out
    void* free_[classes]{};     ///< by class, the last one that was freed first
};

/// Whose heap the program's calls lead to. Without arenas it is the C library's.
struct heap_choice {
    arena* passing = nullptr; ///< of one execution
    arena* lasting = nullptr; ///< of what outlives the executions that are run by restoring memory
    bool lasts = false;       ///< which of them is used now
    void (*keep)(const void* at, std::size_t size_bytes) noexcept = nullptr;
};

extern constinit heap_choice heaps;

/// Says that what stands there now, outside of the heap, holds for all executions: something has been looked up.
inline void keep_beyond_executions(const void* at, std::size_t size_bytes) noexcept {
    if (heaps.keep != nullptr) {
        heaps.keep(at, size_bytes);
    }
}

/// While it lives, what is allocated outlives the execution.
class lasting_memory {
public:
    explicit lasting_memory(bool lasts = true) noexcept
        : before_(heaps.passing != nullptr && std::exchange(heaps.lasts, lasts)) {}
    lasting_memory(const lasting_memory&) = delete;
    lasting_memory& operator=(const lasting_memory&) = delete;
    ~lasting_memory() {
        if (heaps.passing != nullptr) {
            heaps.lasts = before_;
        }
    }

private:
    bool before_;
};

// malloc and its kin, before the race detector is told. `errno` is theirs to set.
[[nodiscard]] void* heap_allocate(std::size_t size_bytes) noexcept;
[[nodiscard]] void* heap_allocate_zeroed(std::size_t count, std::size_t size_bytes) noexcept;
[[nodiscard]] void* heap_allocate_aligned(std::size_t alignment_bytes, std::size_t size_bytes) noexcept;
[[nodiscard]] void* heap_reallocate(void* block, std::size_t size_bytes) noexcept;
void heap_release(void* block) noexcept;
[[nodiscard]] std::size_t heap_size_of(void* block) noexcept;

} // namespace cppvaldi::intercept
