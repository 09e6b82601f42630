#include "intercept/accesses/quarantine.hpp"

#include "intercept/accesses/accesses.hpp"
#include "intercept/heap.hpp"

#include <cstring>

namespace cppvaldi::intercept {

namespace {

/// The blocks themselves are the list: each begins with where the next one lies.
struct aside {
    void* first = nullptr;
    void* last = nullptr;
    std::size_t size_bytes = 0;
    std::uint64_t serial = 0; ///< of the execution whose starters have freed them
};

constinit aside kept;

void* next_of(const void* block) noexcept {
    void* next = nullptr;
    std::memcpy(&next, block, sizeof next);
    return next;
}

void let_go_of_first() noexcept {
    void* const block = kept.first;
    kept.first = next_of(block);
    kept.last = kept.first == nullptr ? nullptr : kept.last;
    const std::size_t size_bytes = heap_size_of(block);
    kept.size_bytes -= size_bytes;
    forget_memory(block, size_bytes); // whoever gets it next, this library among them
    heap_release(block);
}

void let_go_of_all() noexcept {
    while (kept.first != nullptr) {
        let_go_of_first();
    }
}

void keep(void* block, std::size_t size_bytes) noexcept {
    const void* const none = nullptr;
    std::memcpy(block, &none, sizeof none);
    if (kept.last == nullptr) {
        kept.first = block;
    } else {
        std::memcpy(kept.last, &block, sizeof block);
    }
    kept.last = block;
    kept.size_bytes += size_bytes;
}

} // namespace

bool is_watched() noexcept {
    return detail::own_calls == 0 && detail::current_execution != nullptr && !watch.inside &&
           detail::current_execution->serial() == watch.serial;
}

void* allocated(void* block) noexcept {
    if (detail::current_execution != nullptr &&
        block != nullptr) { // also what this library allocates: thread-locals, say
        forget_memory(block, heap_size_of(block));
    }
    return block;
}

void put_aside(void* block, const void* code) noexcept {
    if (!is_watched() || block == nullptr) {
        if (detail::current_execution == nullptr && kept.first != nullptr) {
            let_go_of_all();
        }
        heap_release(block);
        return;
    }
    if (kept.serial != watch.serial) {
        let_go_of_all();
        kept.serial = watch.serial;
    }
    const std::size_t size_bytes = heap_size_of(block);
    if (!note_freed(block, size_bytes, code)) {
        return;
    }
    keep(block, size_bytes);
    while (kept.size_bytes > most_aside_bytes) {
        let_go_of_first();
    }
}

} // namespace cppvaldi::intercept
