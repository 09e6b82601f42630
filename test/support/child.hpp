#pragma once

#include <string>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

namespace test {

/// How a child process ended, and what it left on standard error.
struct ended {
    int signal = 0; ///< 0 if it exited
    int status = -1;
    std::string standard_error;
};

/// Runs `body` in a child process and waits for its end: for what ends a process. A body that returns exits with status 0.
template <typename Body>
ended in_a_child(Body&& body) {
    int ends[2];
    if (::pipe(ends) != 0) {
        return {};
    }
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], 2);
        ::close(ends[0]);
        ::close(ends[1]);
        std::forward<Body>(body)();
        ::_exit(0); // the parent's buffers and exit handlers are not the child's to run
    }
    ::close(ends[1]);
    ended result;
    char piece[4096];
    for (::ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;) {
        result.standard_error.append(piece, static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
        result.signal = WTERMSIG(status);
    } else {
        result.status = WEXITSTATUS(status);
    }
    return result;
}

} // namespace test
