#pragma once

namespace cppvaldi {

class execution;

namespace detail {

/// The execution whose starter is running on this OS thread; null in ordinary code and while a runner is paused.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local execution* current_execution;

} // namespace detail
} // namespace cppvaldi
