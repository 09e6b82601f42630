/// `memcpy` and its kin, which instrumented code calls as any other does. Everybody else's calls are no business of the race
/// detector's: so who calls is looked at once for each place, and counts if its function says that it is entered, as instrumented
/// ones do.

#include "intercept/accesses/accesses.hpp"
#include "intercept/accesses/lines.hpp"
#include "intercept/symbols.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <unordered_map>

extern "C" {

// The C library's own, under names that nobody replaces.
void* __memcpy_chk(void* to, const void* from, std::size_t size_bytes, std::size_t room_bytes);
void* __memmove_chk(void* to, const void* from, std::size_t size_bytes, std::size_t room_bytes);
void* __memset_chk(void* to, int value, std::size_t size_bytes, std::size_t room_bytes);

void __tsan_func_entry(void* call);
void cppvaldi_take_over_copies();
}

namespace {

using cppvaldi::intercept::access_plain_memory;
using cppvaldi::intercept::watch;

/// As much room as there can be. A compiler that knew the number would make of `__memcpy_chk` the `memcpy` that calls it.
std::size_t any_room() noexcept {
    std::size_t room = std::numeric_limits<std::size_t>::max();
    asm("" : "+r"(room));
    return room;
}

/// Looks for a call of `__tsan_func_entry` in the machine code: E8 and the distance from the next instruction.
bool is_entered_by_hook(const cppvaldi::intercept::function_symbol& function) {
    constexpr std::size_t call_bytes = 5;
    const auto* const code = static_cast<const unsigned char*>(function.address);
    const auto hook = reinterpret_cast<std::uintptr_t>(&__tsan_func_entry);
    for (std::size_t at = 0; at + call_bytes <= function.size_bytes; ++at) {
        std::int32_t distance = 0;
        std::memcpy(&distance, code + at + 1, sizeof distance);
        if (code[at] == 0xe8 && reinterpret_cast<std::uintptr_t>(code + at + call_bytes) +
                                        static_cast<std::uintptr_t>(static_cast<std::intptr_t>(distance)) ==
                                    hook) {
            return true;
        }
    }
    return false;
}

/// Nothing depends on the order of the table.
bool is_instrumented(const void* code) {
    static auto* const known = new std::unordered_map<const void*, bool>(); // used until the very end
    const auto [found, is_new] = known->try_emplace(code, false);
    if (is_new) {
        const auto* const function = cppvaldi::intercept::function_at(code);
        found->second = function != nullptr && is_entered_by_hook(*function);
    }
    return found->second;
}

bool counts(const void* code) noexcept {
    const cppvaldi::execution* const in = cppvaldi::detail::current_execution;
    if (in == nullptr || in->serial() != watch.serial || watch.inside || cppvaldi::detail::own_calls != 0 ||
        in->running() == cppvaldi::nobody || cppvaldi::intercept::offset_of_code(code) == 0) {
        return false;
    }
    const cppvaldi::intercept::own_work now;
    return is_instrumented(code);
}

void reads(const void* from, std::size_t size_bytes, const void* code) noexcept {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(from), size_bytes, false, code);
}

void writes(const void* to, std::size_t size_bytes, const void* code) noexcept {
    access_plain_memory(reinterpret_cast<std::uintptr_t>(to), size_bytes, true, code);
}

} // namespace

#define CPPVALDI_CODE __builtin_extract_return_addr(__builtin_return_address(0))

extern "C" {

void cppvaldi_take_over_copies() {}

void* memcpy(void* to, const void* from, std::size_t size_bytes) {
    if (counts(CPPVALDI_CODE)) {
        reads(from, size_bytes, CPPVALDI_CODE);
        writes(to, size_bytes, CPPVALDI_CODE);
    }
    return __memcpy_chk(to, from, size_bytes, any_room());
}

void* memmove(void* to, const void* from, std::size_t size_bytes) {
    if (counts(CPPVALDI_CODE)) {
        reads(from, size_bytes, CPPVALDI_CODE);
        writes(to, size_bytes, CPPVALDI_CODE);
    }
    return __memmove_chk(to, from, size_bytes, any_room());
}

void* memset(void* to, int value, std::size_t size_bytes) {
    if (counts(CPPVALDI_CODE)) {
        writes(to, size_bytes, CPPVALDI_CODE);
    }
    return __memset_chk(to, value, size_bytes, any_room());
}
}
