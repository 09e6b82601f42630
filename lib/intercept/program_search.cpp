#include "intercept/program_search.hpp"

#include "explore/progress.hpp"
#include "explore/time_limit.hpp"

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>

namespace cppvaldi::intercept {

namespace {

constexpr std::uint64_t executions_unless_asked = 1'000;

} // namespace

program_search::program_search(program_vehicle& by, const run_options& options)
    : by_(by), options_(options), most_executions_(options.executions), decides_(make_strategy(options.described())) {
    if (!options.executions && !options.time) {
        most_executions_ = executions_unless_asked;
    }
}

int program_search::run() {
    const time_limit clock(options_.time);
    progress_line line(std::cerr, errors_go_to_terminal());
    bool complete = false;
    while (!found_) {
        complete = !decides_->begin_execution();
        if (complete || (executions_ > 0 && is_over(clock.spent()))) {
            break;
        }
        program_sight seen = by_.run(*decides_, {.tracing = true, .passes_output_on = executions_ == 0});
        ++executions_;
        if (!seen.wrong.empty()) {
            found_ = std::move(seen);
        }
        if (line.is_due(clock.spent())) {
            line.show({executions_, clock.spent(), std::nullopt, most_executions_, options_.time});
        }
    }
    line.erase();
    tell(complete, clock.spent());
    return found_ ? 1 : 0;
}

bool program_search::is_over(std::chrono::nanoseconds spent) const {
    return (most_executions_ && executions_ >= *most_executions_) || (options_.time && spent >= *options_.time);
}

void program_search::tell(bool complete, std::chrono::nanoseconds spent) const {
    std::ostringstream told;
    if (found_) {
        told << found_->report;
        const std::string printed = by_.printed();
        told << (printed.empty() ? "" : "what the program printed:\n") << printed;
    }
    told << "cppvaldi: "
         << (found_     ? "found in execution "
             : complete ? "complete: "
                        : "")
         << text_of(executions_)
         << (found_             ? ""
             : executions_ == 1 ? " execution, nothing found"
                                : " executions, nothing found")
         << ", " << text_of(spent) << '\n';
    std::cerr << told.str();
    if (!options_.report.empty()) {
        std::ofstream(options_.report) << told.str();
    }
}

} // namespace cppvaldi::intercept
