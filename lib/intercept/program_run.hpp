#pragma once

namespace cppvaldi::intercept {

using main_function = int (*)(int, char**, char**);

/// Runs a program as `cppvaldi run` asks for it, or, if it does not, once; returns the exit status of the process.
int run_program(main_function main, int count, char** arguments, char** environment);

/// Set by the preloaded library: whole programs are run under executions. Null in a program that this library is linked to.
using program_runner = int (*)(main_function main, int count, char** arguments, char** environment);
extern constinit program_runner whole_program;

} // namespace cppvaldi::intercept
