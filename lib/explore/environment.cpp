#include "explore/environment.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategies.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

namespace cppvaldi {

namespace {

schedule schedule_in(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file.is_open() || text.str().empty()) {
        throw usage_error(
            "CPPVALDI_REPLAY=@" + path +
            ": there is no such file, or nothing in it; give a file with a schedule, or a token without '@'");
    }
    std::string read = text.str();
    read.erase(read.find_last_not_of(" \t\r\n") + 1); // it may be a token, which ends with the line
    return schedule::parse(read);
}

} // namespace

std::unique_ptr<strategy> replay_asked_for() {
    const char* const asked = std::getenv("CPPVALDI_REPLAY");
    if (asked == nullptr || *asked == '\0') {
        return nullptr;
    }
    const std::string text = asked;
    const schedule played = text.front() == '@' ? schedule_in(text.substr(1)) : schedule::parse(text);
    const char* const mode = std::getenv("CPPVALDI_REPLAY_MODE");
    const std::string_view how = mode == nullptr || *mode == '\0' ? "strict" : mode;
    if (how != "strict" && how != "tolerant") {
        throw usage_error("CPPVALDI_REPLAY_MODE=" + std::string(how) + ": is neither 'strict' nor 'tolerant'");
    }
    std::cerr << "cppvaldi: CPPVALDI_REPLAY is set, so one schedule is replayed and nothing is explored\n";
    if (how == "tolerant") {
        return make_strategy(tolerant_replay{.played = played});
    }
    return make_strategy(replay{played});
}

std::optional<std::string> run_asked_for() {
    const char* const asked = std::getenv("CPPVALDI_RUN");
    return asked == nullptr ? std::nullopt : std::optional<std::string>(asked);
}

std::string preloaded_already() {
    const char* const others = std::getenv("LD_PRELOAD");
    return others == nullptr ? "" : others;
}

std::string program_folders() {
    const char* const folders = std::getenv("PATH");
    return folders == nullptr ? "/bin:/usr/bin" : folders;
}

void leave_environment_without(std::string_view library) {
    for (const char* const name : {"CPPVALDI_RUN", "CPPVALDI_REPLAY", "CPPVALDI_REPLAY_MODE"}) {
        (void)::unsetenv(name);
    }
    std::string others;
    std::string all = preloaded_already();
    std::replace(all.begin(), all.end(), ' ', ':'); // both are allowed between them
    std::istringstream rest(all);
    for (std::string each; std::getline(rest, each, ':');) {
        if (!each.empty() && std::string_view(each).substr(each.rfind('/') + 1) != library) {
            others += (others.empty() ? "" : ":") + each;
        }
    }
    (void)(others.empty() ? ::unsetenv("LD_PRELOAD") : ::setenv("LD_PRELOAD", others.c_str(), 1));
}

} // namespace cppvaldi
