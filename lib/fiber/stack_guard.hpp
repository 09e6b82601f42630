#pragma once

#include "fiber/stack_pool.hpp"

#include <string_view>

namespace cppvaldi {

/// Who runs on this OS thread at the moment of a fault. A value, filled in inside a signal handler.
struct running_stack {
    stack memory;
    std::string_view starter;
};

/// Fills in who runs and returns true, or returns false if no fiber runs. It is called in a signal handler: no locks, no
/// allocation.
using running_stack_lookup = bool (*)(running_stack& running) noexcept;

/// Is told of a signal that ends the process, before it does. It is called in a signal handler: no locks, no allocation.
using crash_reporter = void (*)(int signal) noexcept;

/// Makes running into a stack's guard end with a message on standard error that names the starter, its stack size and the
/// option that raises it, and then with SIGSEGV's default effect.
///
/// Has `reporter` called for each fault, and for an abort, that nobody else handles.
///
/// Installs handlers for these signals and an alternate stack for this OS thread where there is none. Every other fault goes to
/// whoever handled it before, as does a SIGSEGV that somebody sends. Cheap enough to be repeated (one system call that only
/// asks) whenever somebody else, a test framework say, may have installed a handler since: who does that looks after the
/// alternate stack as well, so the stack is looked at when the handler is another one, and once for each OS thread.
void arm_stack_guard(running_stack_lookup lookup, crash_reporter reporter);

} // namespace cppvaldi
