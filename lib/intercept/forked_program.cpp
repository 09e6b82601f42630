#include "intercept/forked_program.hpp"

#include "intercept/kept_words.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

/// Says of a finding how short its schedule has been made.
void make_as_short(finding& shown, const run_request& request) {
    if (request.shorter != nullptr) {
        shown.played = request.shorter->played;
        shown.cost = request.shorter->cost;
        shown.cost_as_found = request.shorter->cost_as_found;
    }
}

/// Says how a process has ended that has not said so itself.
std::string what_ended(int how) {
    if (WIFSIGNALED(how)) {
        return "signal: the program was ended by SIG" + std::string(::sigabbrev_np(WTERMSIG(how)));
    }
    return "exit status: the program has left its execution with status " + std::to_string(WEXITSTATUS(how)) +
           ", by exec or a system call that is not taken over";
}

} // namespace

captured_output::captured_output() : file_(::memfd_create("output", MFD_CLOEXEC)) {}

captured_output::~captured_output() { ::close(file_); }

void captured_output::clear() const {
    (void)::ftruncate(file_, 0);
    (void)::lseek(file_, 0, SEEK_SET);
}

void captured_output::take() const {
    (void)::dup2(file_, STDOUT_FILENO);
    (void)::dup2(file_, STDERR_FILENO);
}

std::string captured_output::text() const {
    std::string all;
    std::array<char, 4096> part{};
    off_t from = 0;
    for (ssize_t got = 0; (got = ::pread(file_, part.data(), part.size(), from)) > 0; from += got) {
        all.append(part.data(), static_cast<std::size_t>(got));
    }
    return all;
}

forked_program::forked_program(const program& of, const run_options& options) : of_(of), options_(options) {
    share_kept_words();
}

program_sight forked_program::run(strategy& decides, const run_request& request) {
    log_.clear();
    output_.clear();
    std::fflush(nullptr);
    (void)::lseek(STDIN_FILENO, 0, SEEK_SET); // where it can be read again, it is
    const pid_t child = ::fork();
    if (child == 0) {
        live_as_child(decides, request);
    }
    int how = 0;
    while (child > 0 && ::waitpid(child, &how, 0) < 0 && errno == EINTR) {}
    if (child < 0) {
        throw std::system_error(errno, std::generic_category(), "cppvaldi run: fork");
    }
    program_sight seen;
    seen.is_new = log_.ask_again(decides);
    if (WIFSIGNALED(how) || !log_.is_over()) {
        seen.played = log_.decisions();
        seen.wrong = what_ended(how);
        finding shown;
        shown.played = seen.played;
        make_as_short(shown, request);
        const std::string shrunk = shown.shrunk();
        seen.report = seen.wrong + "\nto see it again: CPPVALDI_REPLAY=" + shown.played.token() + '\n' +
                      (shrunk.empty() ? "" : "shrunk to " + shrunk + '\n');
    } else if (!log_.text().empty()) {
        seen.played = log_.decisions();
        seen.report = log_.text();
        seen.wrong = seen.report.substr(0, seen.report.find('\n'));
    }
    return seen;
}

void forked_program::live_as_child(strategy& decides, const run_request& request) {
    if (!request.passes_output_on) {
        output_.take();
    }
    noting_strategy noting(decides, log_);
    program_ending came_to = execute(of_, noting, options_, request.tracing);
    std::fflush(nullptr);
    if (came_to.found) {
        make_as_short(*came_to.found, request);
        const std::string report = to_string(*came_to.found);
        log_.set_text(report.data(), report.size());
    }
    log_.set_over();
    ::_exit(0);
}

} // namespace cppvaldi::intercept
