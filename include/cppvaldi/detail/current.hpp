#pragma once

namespace cppvaldi {

class execution;

namespace detail {

/// The execution whose starter is running on this OS thread; null in ordinary code and while a runner is paused.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local execution* current_execution;

/// Positive while the library itself is at work for the caller: the calls that it makes are its own, whatever takes over calls of
/// the code under test.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local unsigned int own_calls;

/// While it lives, calls are the library's own.
class calls_of_its_own {
public:
    calls_of_its_own() noexcept { ++own_calls; }
    calls_of_its_own(const calls_of_its_own&) = delete;
    calls_of_its_own& operator=(const calls_of_its_own&) = delete;
    ~calls_of_its_own() { --own_calls; }
};

} // namespace detail
} // namespace cppvaldi
