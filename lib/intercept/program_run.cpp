/// An unchanged program, its own `main` included, as the body of executions. Each is in a forked child, so that files, descriptors,
/// memory and crashes are a process's own; the parent stands before `main` and keeps the strategy. What the strategy was asked in
/// the child it is asked again in the parent, so that it knows.

#include "intercept/program_run.hpp"

#include "explore/environment.hpp"
#include "explore/judge.hpp"
#include "explore/progress.hpp"
#include "explore/time_limit.hpp"
#include "intercept/accesses/lines.hpp"
#include "intercept/point_log.hpp"
#include "intercept/run_options.hpp"
#include "intercept/symbols.hpp"
#include "intercept/taken_over.hpp"
#include "intercept/threads.hpp"
#include "reading/crash_report.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/finding.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

constexpr std::uint64_t executions_unless_asked = 1'000;

/// What main is called with.
struct program {
    main_function main;
    int count;
    char** arguments;
    char** environment;
};

/// What came of one execution.
struct ending {
    std::optional<finding> found;
    int status = 0; ///< what the program has ended with
};

void* run_main(void* given) {
    const program& of = *static_cast<const program*>(given);
    std::exit(of.main(of.count, of.arguments, of.environment)); // as the C library does, and all threads end with it
}

/// Returns the status that an execution has ended with, if that is how it has ended.
std::optional<int> exit_status(const std::optional<verdict>& judged) {
    if (!judged || judged->what != finding::kind::exit_status) {
        return std::nullopt;
    }
    try {
        std::rethrow_exception(judged->exception);
    } catch (const program_ended& end) {
        return end.status();
    } catch (...) {
        return std::nullopt;
    }
}

/// One execution, in this process. Nothing is unwound: the process is about to end.
ending execute(program& of, strategy& decides, const run_options& options, bool tracing) {
    static execution* const world = new execution(); // it goes with the process
    world->begin(decides, options.each,
                 {.tracing = tracing, .timeouts_are_decisions = true, .on_crash = &report_crash});
    const auto start = [](detail::job_shape shape, detail::job_maker maker) {
        return world->spawn("main", shape, maker);
    };
    (void)detail::with_job(start, [&of] { (void)run_thread(&run_main, &of); });
    const std::optional<verdict> judged = judge(*world, world->run());
    ending came_to;
    came_to.status = exit_status(judged).value_or(judged ? 1 : 0);
    const bool is_right = (!judged || exit_status(judged)) && came_to.status == options.status;
    if (judged && !is_right) {
        came_to.found = describe(*world, *judged);
    } else if (!is_right) {
        came_to.found.emplace();
        came_to.found->what = finding::kind::exit_status;
        came_to.found->message = "the program has ended with status 0, not " + std::to_string(options.status);
        came_to.found->played = schedule_of(*world);
    }
    return came_to;
}

/// Takes what children print, until it is asked for.
class captured_output {
public:
    captured_output() : file_(::memfd_create("output", MFD_CLOEXEC)) {}
    captured_output(const captured_output&) = delete;
    captured_output& operator=(const captured_output&) = delete;
    ~captured_output() { ::close(file_); }

    /// In the child: from now on all goes there.
    void take() const {
        (void)::ftruncate(file_, 0);
        (void)::lseek(file_, 0, SEEK_SET);
        (void)::dup2(file_, STDOUT_FILENO);
        (void)::dup2(file_, STDERR_FILENO);
    }

    /// Returns what the last one has printed.
    [[nodiscard]] std::string text() const {
        std::string all;
        std::array<char, 4096> part{};
        off_t from = 0;
        for (ssize_t got = 0; (got = ::pread(file_, part.data(), part.size(), from)) > 0; from += got) {
            all.append(part.data(), static_cast<std::size_t>(got));
        }
        return all;
    }

private:
    int file_;
};

/// The executions of a program under a strategy.
class program_search {
public:
    program_search(program of, const run_options& options)
        : of_(of), options_(options), decides_(make_strategy(options.described())) {
        if (!options_.executions && !options_.time) {
            options_.executions = executions_unless_asked;
        }
        // Reads symbols and lines once, for all children.
        (void)function_at(reinterpret_cast<const void*>(of.main));
        (void)place_of_code(offset_of_code(reinterpret_cast<const void*>(of.main)));
    }

    /// Returns the exit status of `cppvaldi run`.
    int run() {
        const time_limit clock(options_.time);
        progress_line line(std::cerr, errors_go_to_terminal());
        std::uint64_t executions = 0;
        bool complete = false;
        while (!found_) {
            complete = !decides_->begin_execution();
            if (complete || (executions > 0 && is_over(executions, clock))) {
                break;
            }
            run_child(executions++ == 0);
            if (line.is_due(clock.spent())) {
                line.show({executions, clock.spent(), std::nullopt, options_.executions, options_.time});
            }
        }
        line.erase();
        tell(executions, complete, clock.spent());
        return found_ ? 1 : 0;
    }

private:
    [[nodiscard]] bool is_over(std::uint64_t executions, const time_limit& clock) const {
        return (options_.executions && executions >= *options_.executions) || (options_.time && clock.is_over());
    }

    void run_child(bool is_first) {
        log_.clear();
        std::fflush(nullptr);
        (void)::lseek(STDIN_FILENO, 0, SEEK_SET); // where it can be read again, it is
        const pid_t child = ::fork();
        if (child == 0) {
            live_as_child(is_first);
        }
        int how = 0;
        while (child > 0 && ::waitpid(child, &how, 0) < 0 && errno == EINTR) {}
        if (child < 0) {
            throw std::system_error(errno, std::generic_category(), "cppvaldi run: fork");
        }
        if (WIFSIGNALED(how)) {
            found_ = "signal: the program was ended by SIG" + std::string(::sigabbrev_np(WTERMSIG(how))) +
                     "\nto see it again: CPPVALDI_REPLAY=" + log_.decisions().token() + '\n';
        } else if (!log_.text().empty()) {
            found_ = log_.text();
        } else {
            log_.ask_again(*decides_);
        }
    }

    [[noreturn]] void live_as_child(bool is_first) {
        if (!is_first) {
            output_.take();
        }
        noting_strategy noting(*decides_, log_);
        const ending came_to = execute(of_, noting, options_, true);
        std::fflush(nullptr);
        if (came_to.found) {
            const std::string report = came_to.found->report();
            log_.set_text(report.data(), report.size());
        }
        ::_exit(0);
    }

    void tell(std::uint64_t executions, bool complete, std::chrono::nanoseconds spent) const {
        std::ostringstream told;
        if (found_) {
            told << *found_;
            const std::string printed = output_.text();
            told << (printed.empty() ? "" : "what the program printed:\n") << printed;
        }
        told << "cppvaldi: "
             << (found_     ? "found in execution "
                 : complete ? "complete: "
                            : "")
             << text_of(executions)
             << (found_            ? ""
                 : executions == 1 ? " execution, nothing found"
                                   : " executions, nothing found")
             << ", " << text_of(spent) << '\n';
        std::cerr << told.str();
        if (!options_.report.empty()) {
            std::ofstream(options_.report) << told.str();
        }
    }

    program of_;
    run_options options_;
    std::unique_ptr<strategy> decides_;
    point_log log_;
    captured_output output_;
    std::optional<std::string> found_;
};

/// One execution in this process, whose status becomes the process's.
int run_once(program of, const run_options& options, strategy& decides) {
    const ending came_to = execute(of, decides, options, decides.plays_one_schedule());
    std::fflush(nullptr);
    if (came_to.found) {
        std::cerr << came_to.found->report();
    }
    return came_to.found && came_to.status == options.status ? 1 : came_to.status;
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
        if (const std::unique_ptr<strategy> replayed = replay_asked_for()) {
            return run_once(of, options, *replayed);
        }
        if (!asked || !options.replay.empty()) {
            return run_once(of, options, *make_strategy(options.described()));
        }
        return program_search(of, options).run();
    } catch (const std::exception& problem) {
        std::cerr << "cppvaldi run: " << problem.what() << '\n';
        return 2;
    }
}

} // namespace cppvaldi::intercept
