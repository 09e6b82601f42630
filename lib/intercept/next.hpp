#pragma once

#include "intercept/heap.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace cppvaldi::intercept {

/// The function of that name that would have been called if this library had not taken its place. It is looked up when it is first
/// needed, which may be before any constructor has run.
template <typename Pointer>
class next_function {
public:
    constexpr explicit next_function(const char* name) noexcept : name_(name) {}

    template <typename... Arguments>
    auto operator()(Arguments... arguments) {
        Pointer found = found_.load(std::memory_order_relaxed);
        if (found == nullptr) [[unlikely]] {
            found = look_up();
        }
        return found(arguments...);
    }

private:
    [[gnu::noinline, gnu::cold]] Pointer look_up() {
        void* const address = ::dlsym(RTLD_NEXT, name_);
        if (address == nullptr) {
            std::fprintf(stderr, "cppvaldi: this C library has no function '%s', which the program calls\n", name_);
            std::abort();
        }
        Pointer found = nullptr;
        static_assert(sizeof found == sizeof address);
        std::memcpy(&found, &address, sizeof found);
        found_.store(found, std::memory_order_relaxed);
        keep_beyond_executions(&found_, sizeof found_);
        return found;
    }

    const char* name_;
    std::atomic<Pointer> found_{nullptr};
};

/// Its type is that of a function without what its declaration says beside.
template <typename Result, typename... Arguments>
auto plain(Result (*)(Arguments...)) -> Result (*)(Arguments...);
template <typename Result, typename... Arguments>
auto plain(Result (*)(Arguments..., ...)) -> Result (*)(Arguments..., ...);

} // namespace cppvaldi::intercept

/// Makes `next_NAME`, which calls the function that this library has taken the place of.
#define CPPVALDI_NEXT(function)                                                                                \
    static constinit ::cppvaldi::intercept::next_function<decltype(::cppvaldi::intercept::plain(&::function))> \
        next_##function {                                                                                      \
#function                                                                                              \
    }
