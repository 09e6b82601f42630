#pragma once

#include <utility>

namespace cppvaldi::intercept {

/// What a thread has of its own, for a starter: a thread control block with all `thread_local`s, of the program and of its shared
/// objects, and of the C library: `errno`, the exceptions in flight, the locale. A resource; used again by the next starter.
class thread_world {
public:
    thread_world() = default;
    thread_world(thread_world&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    thread_world& operator=(thread_world&&) = delete;
    ~thread_world() { discard(); }

    /// Makes it that of a new thread and returns its control block. REQUIRES: no starter uses it.
    [[nodiscard]] void* renew();

    /// Returns its control block; null before its first use.
    [[nodiscard]] const void* block() const noexcept { return block_; }

    /// Returns where the block says in which memory the thread-locals of shared objects lie that are loaded later. REQUIRES:
    /// there is one.
    [[nodiscard]] const void* table() const noexcept;

    /// Gives it up: a starter has left it in the middle.
    void discard() noexcept;

    /// Runs the destructors of the caller's thread-locals. REQUIRES: it is the one in use.
    static void end() noexcept;

    /// Looks at which `thread_local`s there are, which changes when shared objects are loaded. REQUIRES: called by a driver.
    static void learn_modules();

    /// Why starters cannot have worlds of their own here; null if they can.
    [[nodiscard]] static const char* why_not() noexcept;

private:
    void* block_ = nullptr;
};

} // namespace cppvaldi::intercept
