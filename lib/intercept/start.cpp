/// __libc_start_main, which the first object of every program refers to. So whatever else a program uses, and wherever this
/// library stands on its link line, this source is taken from it, and with it all the others.

#include "intercept/accesses/mistaken_link.hpp"
#include "intercept/front_door.hpp"
#include "intercept/next.hpp"
#include "intercept/parts.hpp"
#include "intercept/program_run.hpp"

#include <utility>

namespace cppvaldi::intercept {

constinit program_runner whole_program = nullptr;

namespace {

using start_function = int (*)(main_function, int, char**, void (*)(), void (*)(), void (*)(), void*);

constinit next_function<start_function> next_start{"__libc_start_main"};

[[gnu::used]] constexpr void (*all_parts[])() noexcept = {
    &parts::barriers,    &parts::c11_threads,  &parts::checked_calls, &parts::clock,          &parts::conditions,
    &parts::descriptors, &parts::moving_calls, &parts::polling,       &parts::file_locks,     &parts::keys,
    &parts::mutexes,     &parts::once_flags,   &parts::program,       &parts::randomness,     &parts::rwlocks,
    &parts::semaphores,  &parts::signals,      &parts::spin_locks,    &parts::system_calls,   &parts::thread_attributes,
    &parts::thread_exit, &parts::threads,      &parts::timers,        &parts::advisory_locks, &parts::children,
};

/// Before constructors that may run executions.
[[gnu::constructor(101)]] void open_early() noexcept {
    refuse_mistaken_link();
    open_front_door();
}

/// The program's own, where a whole program is run.
main_function program_main = nullptr;

int run_whole_program(int count, char** arguments, char** environment) {
    return whole_program(program_main, count, arguments, environment);
}

} // namespace

} // namespace cppvaldi::intercept

extern "C" {

int __libc_start_main(cppvaldi::intercept::main_function main, int count, char** arguments, void (*initialise)(),
                      void (*finish)(), void (*unload)(), void* stack_end);

int __libc_start_main(cppvaldi::intercept::main_function main, int count, char** arguments, void (*initialise)(),
                      void (*finish)(), void (*unload)(), void* stack_end) {
    if (cppvaldi::intercept::whole_program != nullptr) {
        cppvaldi::intercept::program_main = std::exchange(main, &cppvaldi::intercept::run_whole_program);
    }
    return cppvaldi::intercept::next_start(main, count, arguments, initialise, finish, unload, stack_end);
}
}
