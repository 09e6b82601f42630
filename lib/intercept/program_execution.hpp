#pragma once

#include "intercept/program_run.hpp"
#include "intercept/run_options.hpp"
#include "kernel/execution.hpp"

#include <cppvaldi/finding.hpp>
#include <cppvaldi/strategy.hpp>

#include <optional>

namespace cppvaldi::intercept {

/// What main is called with.
struct program {
    main_function main;
    int count;
    char** arguments;
    char** environment;
};

/// What came of one execution in this process.
struct program_ending {
    std::optional<finding> found;
    int status = 0;     ///< what the program has ended with
    bool is_new = true; ///< what `strategy::end_execution` said
};

/// One execution of a program under `decides`, which has begun it, in this process. Nothing is unwound when it is over.
[[nodiscard]] program_ending execute(program& of, strategy& decides, const run_options& options, bool tracing);

/// What came of one execution that nobody wants described.
struct quick_ending {
    bool is_right = true; ///< nothing is wrong
    bool is_new = true;
};

/// The same without a description, and again and again: whoever calls has run one before.
[[nodiscard]] quick_ending execute_quickly(program& of, strategy& decides, const run_options& options);

/// Returns the execution object that all this is done with.
[[nodiscard]] execution& program_world();

} // namespace cppvaldi::intercept
