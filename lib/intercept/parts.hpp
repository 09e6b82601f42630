#pragma once

/// A linker takes from a static library only what something refers to. These are what `start.cpp` refers to, which every program
/// takes: one of each source that takes the place of functions of the C library. They do nothing.
namespace cppvaldi::intercept::parts {

void advisory_locks() noexcept;
void barriers() noexcept;
void c11_threads() noexcept;
void checked_calls() noexcept;
void children() noexcept;
void clock() noexcept;
void conditions() noexcept;
void descriptors() noexcept;
void polling() noexcept;
void file_locks() noexcept;
void keys() noexcept;
void moving_calls() noexcept;
void mutexes() noexcept;
void once_flags() noexcept;
void program() noexcept;
void randomness() noexcept;
void rwlocks() noexcept;
void semaphores() noexcept;
void signals() noexcept;
void spin_locks() noexcept;
void system_calls() noexcept;
void thread_attributes() noexcept;
void thread_exit() noexcept;
void threads() noexcept;
void timers() noexcept;

} // namespace cppvaldi::intercept::parts
