#pragma once

#include "intercept/accesses/lines.hpp"
#include "intercept/accesses/shadow.hpp"
#include "objects/here.hpp"

#include <cppvaldi/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

/// What the hooks of instrumented code lead to: the accesses of the running starter, for the race detector and as scheduling
/// points.
///
/// There is one shadow: of the executions that run at the same time, on several OS threads or one inside another, each begins anew
/// when the other has been looked at, and misses races across that.

namespace cppvaldi::intercept {

/// What is known of the execution that was looked at last.
struct access_watch {
    shadow memory;
    std::uint64_t serial = 0; ///< of the execution; 0 is none
    std::uint32_t one_of = 0; ///< how many of its accesses are one scheduling point; 0 is none
    std::uint64_t accesses = 0;
    std::uint32_t starters = 0; ///< how many have been seen
    bool inside = false;        ///< what follows is the library's own
};

extern constinit access_watch watch;

/// While it lives, the hooks let everything pass, and so do the functions that are taken over.
class own_work {
public:
    own_work() noexcept : before_(std::exchange(watch.inside, true)) {}
    own_work(const own_work&) = delete;
    own_work& operator=(const own_work&) = delete;
    ~own_work() { watch.inside = before_; }

private:
    bool before_;
    detail::calls_of_its_own own_;
};

/// What an access does to the bytes.
enum class plain_effect : std::uint8_t {
    read,
    write,
    same_again, ///< it writes what is there already, which is a write for traces, and for the race detector a read
};

/// Reads or writes these bytes, at `code`, the hook's return address. It does not throw: instrumented code is not ready for that.
/// MAY SWITCH: where the options ask for that.
void access_plain_memory(std::uintptr_t address, std::size_t size_bytes, plain_effect effect,
                         const void* code) noexcept;
inline void access_plain_memory(std::uintptr_t address, std::size_t size_bytes, bool writes,
                                const void* code) noexcept {
    access_plain_memory(address, size_bytes, writes ? plain_effect::write : plain_effect::read, code);
}

/// Looks at the execution for the first time.
void begin_to_watch(execution& in) noexcept;

/// The same for a hook of known size: most accesses are like the one before, and end here.
template <std::size_t SizeBytes, bool Writes>
[[gnu::always_inline]] inline void access_plain(const void* at, const void* code) noexcept {
    execution* const in = detail::current_execution;
    if (in == nullptr) {
        return;
    }
    if (in->serial() != watch.serial) [[unlikely]] {
        begin_to_watch(*in);
    }
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    if (watch.one_of == 0) [[likely]] {
        if (!in->races().watching()) {
            return;
        }
        const unsigned first = address & 7;
        if (SizeBytes <= 8 && first + SizeBytes <= 8) {
            const auto bytes = static_cast<std::uint8_t>(((1U << SizeBytes) - 1) << first);
            granule* const remembers = watch.memory.find(address);
            const std::uint64_t base = shadow::base_of(in->running(), in->races().now_of(in->running()));
            if (remembers != nullptr) [[likely]] {
                if (shadow::is_known(*remembers, base, bytes, Writes)) [[likely]] {
                    return;
                }
                if (index(in->running()) < watch.starters && !watch.inside &&
                    shadow::renew(*remembers, {in->running(), base, bytes, Writes, offset_of_code(code),
                                               static_cast<std::uint32_t>(in->steps().size())})) {
                    return;
                }
            }
        }
    }
    access_plain_memory(address, SizeBytes, Writes, code);
}

/// Announces an operation on an atomic. Returns false if there is no execution, or it takes no notice. MAY SWITCH.
[[nodiscard]] bool announce_atomic(const volatile void* at, std::size_t size_bytes, operation_kind kind,
                                   access_kind access, const void* code) noexcept;

/// What an atomic operation has come to.
enum class atomic_outcome : std::uint8_t { done, unchanged, failed };

/// Says that the operation that was announced has been performed. REQUIRES: `announce_atomic` returned true.
void atomic_is_done(const volatile void* at, access_kind access, atomic_outcome outcome) noexcept;

void announce_fence(const void* code) noexcept;

/// Says that nothing has been done to memory yet.
void forget_memory(const void* block, std::size_t size_bytes) noexcept;

/// Takes note that memory is about to be freed. Returns false if it has been freed before, which is reported.
[[nodiscard]] bool note_freed(void* block, std::size_t size_bytes, const void* code) noexcept;

} // namespace cppvaldi::intercept
