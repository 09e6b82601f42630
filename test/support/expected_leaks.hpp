#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define CPPVALDI_TEST_SEES_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CPPVALDI_TEST_SEES_LEAKS 1
#endif
#endif

#ifdef CPPVALDI_TEST_SEES_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

/// While one lives, what is allocated may be lost: a starter is going to be abandoned.
class expected_leaks {
public:
#ifdef CPPVALDI_TEST_SEES_LEAKS
    expected_leaks() { __lsan_disable(); }
    ~expected_leaks() { __lsan_enable(); }
#else
    expected_leaks() {}
    ~expected_leaks() {}
#endif
    expected_leaks(const expected_leaks&) = delete;
    expected_leaks& operator=(const expected_leaks&) = delete;
};
