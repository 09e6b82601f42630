/// What makes the preloaded library of it: the program's `main` is run under executions.

#include "intercept/program_run.hpp"

namespace cppvaldi::intercept {

namespace {

[[gnu::constructor(102)]] void take_whole_program() noexcept { whole_program = &run_program; }

} // namespace

} // namespace cppvaldi::intercept
