#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define CPPVALDI_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CPPVALDI_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef CPPVALDI_ADDRESS_SANITIZER
#define CPPVALDI_ADDRESS_SANITIZER 0
#endif

#if CPPVALDI_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/// What AddressSanitizer must be told about stacks. Each call is nothing at all in a build without it.
namespace cppvaldi::sanitizer {

/// Before a switch: where the next stack lies. `leaving_for_good` drops the fake frames of the stack that is left.
inline void start_switch([[maybe_unused]] void** fake_stack, [[maybe_unused]] bool leaving_for_good,
                         [[maybe_unused]] const void* limit, [[maybe_unused]] std::size_t size_bytes) noexcept {
#if CPPVALDI_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(leaving_for_good ? nullptr : fake_stack, limit, size_bytes);
#endif
}

/// After a switch, on the stack that was switched to. The bounds of the stack that was left are written where asked for.
inline void finish_switch([[maybe_unused]] void* fake_stack, [[maybe_unused]] const void** left_limit,
                          [[maybe_unused]] std::size_t* left_size_bytes) noexcept {
#if CPPVALDI_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(fake_stack, left_limit, left_size_bytes);
#endif
}

/// Forgets what frames that never returned have left in the shadow of `[memory, memory + size_bytes)`.
inline void unpoison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size_bytes) noexcept {
#if CPPVALDI_ADDRESS_SANITIZER
    __asan_unpoison_memory_region(memory, size_bytes);
#endif
}

} // namespace cppvaldi::sanitizer
