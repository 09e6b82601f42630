// How many executions of a whole program are run in a second of the processor's time, each in a forked child, and in one process whose
// memory is put back in between? Prints a table in Markdown; the start of the command is not counted, nor is what else the machine does.
//
//   whole_programs [--executions n] [--rounds n] <cppvaldi> <program>...
//
// Each figure is the median of the rounds, and the two modes take turns. With fork a tenth of the executions is run.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

double children_seconds() {
    rusage used{};
    (void)::getrusage(RUSAGE_CHILDREN, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Returns what one run of the command takes, in seconds of the processor. Ends the program if something is found.
double seconds_of(const std::string& command, const std::string& program, const char* mode, std::uint64_t executions) {
    std::string words[] = {command, "run", "--mode", mode, "--executions", std::to_string(executions), program};
    std::vector<char*> arguments;
    for (std::string& each : words) {
        arguments.push_back(each.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t quiet;
    ::posix_spawn_file_actions_init(&quiet);
    ::posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const double before = children_seconds();
    pid_t child = 0;
    int status = -1;
    if (::posix_spawn(&child, command.c_str(), &quiet, nullptr, arguments.data(), environ) == 0) {
        (void)::waitpid(child, &status, 0);
    }
    ::posix_spawn_file_actions_destroy(&quiet);
    if (status != 0) {
        std::fprintf(stderr, "%s run --mode %s %s: not clean\n", command.c_str(), mode, program.c_str());
        std::exit(1);
    }
    return children_seconds() - before;
}

double median(std::vector<double> figures) {
    std::sort(figures.begin(), figures.end());
    return figures[figures.size() / 2];
}

/// Executions in a second of one mode, by the difference between many and few.
double rate(const std::string& command, const std::string& program, const char* mode, std::uint64_t executions) {
    const double few = seconds_of(command, program, mode, 2);
    const double many = seconds_of(command, program, mode, executions + 2);
    return static_cast<double>(executions) / std::max(many - few, 1e-9);
}

} // namespace

int main(int count, char** words) {
    std::uint64_t executions = 20'000;
    std::size_t rounds = 5;
    std::vector<std::string> given;
    for (int each = 1; each < count; ++each) {
        const std::string_view word = words[each];
        if (word == "--executions" && each + 1 < count) {
            executions = std::strtoull(words[++each], nullptr, 10);
        } else if (word == "--rounds" && each + 1 < count) {
            rounds = std::strtoull(words[++each], nullptr, 10);
        } else {
            given.emplace_back(word);
        }
    }
    if (given.size() < 2 || executions < 10 || rounds == 0) {
        std::fprintf(stderr, "usage: whole_programs [--executions n] [--rounds n] <cppvaldi> <program>...\n");
        return 2;
    }
    std::printf("| program | fork, executions a second | snapshot, executions a second | ratio |\n");
    std::printf("| --- | ---: | ---: | ---: |\n");
    for (std::size_t each = 1; each < given.size(); ++each) {
        std::vector<double> forked;
        std::vector<double> restored;
        for (std::size_t round = 0; round < rounds; ++round) {
            forked.push_back(rate(given[0], given[each], "fork", executions / 10));
            restored.push_back(rate(given[0], given[each], "snapshot", executions));
        }
        std::printf("| %s | %.0f | %.0f | %.1f |\n", std::filesystem::path(given[each]).filename().c_str(),
                    median(forked), median(restored), median(restored) / median(forked));
        std::fflush(stdout);
    }
    return 0;
}
