#include "fiber/local_state.hpp"

#include <cppvaldi/detail/saved_registers.hpp>

#include <bit>
#include <cstddef>
#include <cstring>

namespace cppvaldi {

namespace {

constexpr std::uint64_t factor = 0x9e37'79b9'7f4a'7c15;

/// Adds a word to a number for those before.
constexpr std::uint64_t with(std::uint64_t number, std::uint64_t word) noexcept {
    return std::rotl((number ^ word) * factor, 31);
}

/// Numbers for words: one for all of each, and one that leaves addresses out.
struct two_numbers {
    std::uint64_t exact;
    std::uint64_t lasting;

    void add(std::uint64_t word) noexcept {
        exact = with(exact, word);
        lasting = with(lasting, may_be_address(word) ? 0 : word);
    }
};

} // namespace

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CPPVALDI_READS_REDZONES __attribute__((no_sanitize("address")))
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define CPPVALDI_READS_REDZONES __attribute__((no_sanitize_address))
#endif
#ifndef CPPVALDI_READS_REDZONES
#define CPPVALDI_READS_REDZONES
#endif

CPPVALDI_READS_REDZONES std::uint64_t local_state(const void* registers, std::uint64_t more, kernel_frames without,
                                                  const stack& memory) noexcept {
    if (registers == nullptr) {
        return 0;
    }
    const auto base = reinterpret_cast<std::uintptr_t>(memory.base);
    const auto size = static_cast<std::uintptr_t>(memory.base - memory.limit);
    const auto* at = static_cast<const std::uint64_t*>(registers);
    const auto* end = static_cast<const std::uint64_t*>(without.begin);
    const auto relative = [base, size](std::uint64_t word) { return base - word <= size ? base - word : word; };
    two_numbers even{(more + 1) * factor, (more + 1) * factor}; // two chains, which the processor follows side by side
    two_numbers odd{0, 0};
    for (int part = 0; part < 2; ++part) {
        for (; at + 1 < end; at += 2) {
            even.add(relative(at[0]));
            odd.add(relative(at[1]));
        }
        if (at < end) {
            even.add(relative(*at));
        }
        at = static_cast<const std::uint64_t*>(without.end);
        end = static_cast<const std::uint64_t*>(static_cast<const void*>(memory.base));
    }
    const std::uint64_t upper = with(even.exact, odd.exact) >> 32 | std::uint64_t{1} << 31;
    return upper << 32 | with(even.lasting, odd.lasting) >> 32;
}

[[gnu::noinline]] void call_afresh(void (*function)(void*), void* argument, const void*& base) {
    base = static_cast<const char*>(CPPVALDI_SAVED_REGISTERS());
#if defined(__x86_64__) && defined(__GNUC__)
    asm volatile("xorl %%ebx, %%ebx\n\txorl %%r12d, %%r12d\n\txorl %%r13d, %%r13d\n\t"
                 "xorl %%r14d, %%r14d\n\txorl %%r15d, %%r15d"
                 : "+D"(function), "+S"(argument)
                 :
                 : "rbx", "r12", "r13", "r14", "r15", "cc", "memory");
#endif
    function(argument);
    asm volatile("" ::: "memory"); // it is no tail call
}

void clear_below(std::byte* top) noexcept {
    constexpr std::size_t bytes = 1024;
    std::memset(top - bytes, 0, bytes);
}

} // namespace cppvaldi
