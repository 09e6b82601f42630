/// An unchanged program, its own `main` included, as the body of executions.

#include "intercept/program_run.hpp"

#include "explore/environment.hpp"
#include "intercept/accesses/lines.hpp"
#include "intercept/forked_program.hpp"
#include "intercept/program_execution.hpp"
#include "intercept/program_search.hpp"
#include "intercept/run_options.hpp"
#include "intercept/snapshot/restored_program.hpp"
#include "intercept/symbols.hpp"
#include "strategies/outline.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace cppvaldi::intercept {

namespace {

/// One execution in this process, whose status becomes the process's.
int run_once(program of, const run_options& options, strategy& decides) {
    outlining_strategy drawing(decides);
    (void)drawing.begin_execution();
    program_ending came_to = execute(of, drawing, options, decides.plays_one_schedule());
    std::fflush(nullptr);
    if (came_to.found) {
        const std::vector<decision>& all = came_to.found->played.decisions();
        const std::size_t needed = std::min(drawing.needed_decisions(), all.size());
        came_to.found->played = schedule({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(needed)});
        came_to.found->cost = came_to.found->cost_as_found = drawing.cost();
        std::cerr << came_to.found->report();
    }
    return came_to.found && came_to.status == options.status ? 1 : came_to.status;
}

/// Reads symbols and lines once, for all executions.
void know_places(const program& of) {
    (void)function_at(reinterpret_cast<const void*>(of.main));
    (void)place_of_code(offset_of_code(reinterpret_cast<const void*>(of.main)));
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace

int run_program(main_function main, int count, char** arguments, char** environment) {
    const program of{main, count, arguments, environment};
    try {
        const std::optional<std::string> asked = run_asked_for();
        std::size_t used = 0;
        const run_options options = parse_run_options(lines_of(asked.value_or("")), used);
        const std::unique_ptr<strategy> replayed = replay_asked_for();
        leave_environment_without("libcppvaldi-preload.so");
        if (replayed != nullptr) {
            return run_once(of, options, *replayed);
        }
        if (!asked || !options.replay.empty()) {
            return run_once(of, options, *options.decides());
        }
        know_places(of);
        std::optional<restored_program> ahead;
        if (options.mode == run_mode::snapshot) {
            ahead.emplace(of, options);
        }
        forked_program in_children(of, options);
        return program_search(in_children, options).run(ahead ? &*ahead : nullptr);
    } catch (const std::exception& problem) {
        std::cerr << "cppvaldi run: " << problem.what() << '\n';
        return 2;
    }
}

} // namespace cppvaldi::intercept
