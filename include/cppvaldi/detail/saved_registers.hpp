#pragma once

/// Has the function that it stands in save all registers that it has to leave as they are, next to its return address; and where
/// they lie then, the lowest one first: below them is nothing of its callers'. Null where that is not known for the processor.
#if defined(__x86_64__) && defined(__GNUC__)
#define CPPVALDI_SAVED_REGISTERS() \
    (__builtin_unwind_init(),      \
     static_cast<const void*>(static_cast<const char*>(__builtin_frame_address(0)) - 5 * sizeof(void*)))
#else
#define CPPVALDI_SAVED_REGISTERS() (static_cast<const void*>(nullptr))
#endif

/// For functions that a loop may wait by: keeps the compiler from turning the loop round, so that it looks once before and then
/// in it, which are two places.
#if defined(__clang__)
#define CPPVALDI_LOOK [[clang::convergent]]
#else
#define CPPVALDI_LOOK
#endif
