#pragma once

#include "explore/shrink.hpp"

#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategy.hpp>

#include <string>

namespace cppvaldi::intercept {

/// How one execution of a program is to be carried out.
struct run_request {
    bool tracing = true;             ///< its steps are wanted in the report
    bool passes_output_on = false;   ///< what the program prints goes where it would go; else it is kept for `printed`
    const shrunk* shorter = nullptr; ///< the report says of its schedule that it has been made so short
};

/// What one execution of a program came to, a value.
struct program_sight {
    std::string wrong{};  ///< in one line; nothing if nothing is wrong
    std::string report{}; ///< all of it, if something is wrong
    schedule played{};    ///< all decisions, if something is wrong
    bool is_new = true;   ///< what `strategy::end_execution` said
};

/// Carries out executions of a whole program, in one way or another. An interface.
class program_vehicle {
public:
    virtual ~program_vehicle() = default;

    /// Runs the program once under `decides`, whose `begin_execution` has been called. Wherever it runs, `decides` has been asked
    /// here, to the end, when it returns; after a crash, as far as that is known.
    [[nodiscard]] virtual program_sight run(strategy& decides, const run_request& request) = 0;

    /// Returns what the program has printed in the last execution, if that was kept.
    [[nodiscard]] virtual std::string printed() const = 0;
};

} // namespace cppvaldi::intercept
