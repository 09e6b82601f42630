#include "explore/environment.hpp"

#include <cstdlib>
#include <iostream>

namespace cppvaldi {

std::optional<schedule> replay_asked_for() {
    const char* const token = std::getenv("CPPVALDI_REPLAY");
    if (token == nullptr || *token == '\0') {
        return std::nullopt;
    }
    schedule asked = schedule::parse(token);
    std::cerr << "cppvaldi: CPPVALDI_REPLAY is set, so one schedule is replayed and nothing is explored\n";
    return asked;
}

} // namespace cppvaldi
