/// The command `cppvaldi`. Its one subcommand, `run`, starts a program with the preloaded library, and says there what was asked
/// for.

#include "explore/environment.hpp"
#include "intercept/program_file.hpp"
#include "intercept/run_options.hpp"

#include <cppvaldi/errors.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

using namespace cppvaldi::intercept;

constexpr int usage_status = 2;

/// Returns where the library is: beside the command where it was built, in the library folder where it is installed.
std::string preloaded_library() {
    const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    for (const std::filesystem::path& tried :
         {folder / CPPVALDI_PRELOADED, folder / CPPVALDI_TO_LIBRARIES / CPPVALDI_PRELOADED}) {
        if (std::filesystem::exists(tried)) {
            return std::filesystem::canonical(tried).string();
        }
    }
    throw cppvaldi::usage_error(std::string(CPPVALDI_PRELOADED) +
                                " is not where it was installed, beside this command");
}

int run(std::vector<std::string> words) {
    if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
        std::cout << run_help();
        return 0;
    }
    std::size_t used = 0;
    const run_options options = parse_run_options(words, used);
    if (used == words.size()) {
        throw cppvaldi::usage_error("no program is given; see cppvaldi run --help");
    }
    const program_file file = look_at_program(words[used]);
    if (!file.why_not.empty()) {
        throw cppvaldi::usage_error(words[used] + ": " + file.why_not);
    }
    if (file.is_script) {
        std::cerr << "cppvaldi run: " << words[used]
                  << " is a script: its interpreter is run, and the programs that it starts are left alone\n";
    }
    std::string asked;
    for (std::size_t position = 0; position < used; ++position) {
        asked += words[position] + '\n';
    }
    const std::string others = cppvaldi::preloaded_already();
    const std::string preloaded = preloaded_library() + (others.empty() ? "" : ':' + others);
    (void)::setenv(run_variable, asked.c_str(), 1);
    (void)::setenv("LD_PRELOAD", preloaded.c_str(), 1);
    if (options.mode == run_mode::snapshot) {
        (void)::setenv("LD_BIND_NOW", "1", 1); // or functions are looked up again in each execution
    }
    std::vector<char*> arguments;
    for (std::size_t position = used; position < words.size(); ++position) {
        arguments.push_back(words[position].data());
    }
    arguments.push_back(nullptr);
    (void)::execvp(arguments.front(), arguments.data());
    std::cerr << "cppvaldi run: " << arguments.front() << ": " << std::strerror(errno) << '\n';
    return usage_status;
}

} // namespace

int main(int count, char** arguments) {
    try {
        std::vector<std::string> words(arguments + 1, arguments + count);
        if (words.empty() || words.front() == "--help" || words.front() == "help") {
            std::cout << "usage: cppvaldi run [options] program [arguments]\n\ncppvaldi run --help tells more.\n";
            return words.empty() ? usage_status : 0;
        }
        if (words.front() != "run") {
            throw cppvaldi::usage_error("'" + words.front() + "' is no command; there is cppvaldi run");
        }
        words.erase(words.begin());
        return run(std::move(words));
    } catch (const std::exception& problem) {
        std::cerr << "cppvaldi: " << problem.what() << '\n';
        return usage_status;
    }
}
