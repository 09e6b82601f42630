#pragma once

#include "intercept/point_log.hpp"
#include "intercept/program_execution.hpp"
#include "intercept/program_vehicle.hpp"

#include <string>

namespace cppvaldi::intercept {

/// Takes what children print, until it is asked for.
class captured_output {
public:
    captured_output();
    captured_output(const captured_output&) = delete;
    captured_output& operator=(const captured_output&) = delete;
    ~captured_output();

    /// Forgets what was printed.
    void clear() const;

    /// In the child: from now on all goes there.
    void take() const;

    /// Returns what has been printed.
    [[nodiscard]] std::string text() const;

private:
    int file_;
};

/// Each execution is in a forked child, so that files, descriptors, memory and crashes are a process's own; the parent stands
/// before `main` and keeps the strategy. What the strategy was asked in the child it is asked again in the parent, so that it
/// knows.
class forked_program final : public program_vehicle {
public:
    forked_program(const program& of, const run_options& options);

    [[nodiscard]] program_sight run(strategy& decides, const run_request& request) override;
    [[nodiscard]] std::string printed() const override { return output_.text(); }

private:
    [[noreturn]] void live_as_child(strategy& decides, const run_request& request);

    program of_;
    const run_options& options_;
    point_log log_;
    captured_output output_;
};

} // namespace cppvaldi::intercept
