/// How descriptions of strategies print: as they are written.

#include <cppvaldi/strategies.hpp>

#include <ostream>
#include <string_view>

namespace cppvaldi {

namespace {

std::string_view word_of(surw::events interesting) noexcept {
    switch (interesting) {
    case surw::events::one_object: return "one_object";
    case surw::events::checkpoints: return "checkpoints";
    case surw::events::all: return "all";
    }
    return "?";
}

std::ostream& print_bound(std::ostream& out, const std::optional<std::uint32_t>& preemptions) {
    if (preemptions) {
        out << ".preemptions = " << *preemptions;
    }
    return out << '}';
}

} // namespace

std::ostream& operator<<(std::ostream& out, const exhaustive& described) {
    return print_bound(out << "exhaustive{", described.preemptions);
}

std::ostream& operator<<(std::ostream& out, const dpor& described) {
    return print_bound(out << "dpor{", described.preemptions);
}

std::ostream& operator<<(std::ostream& out, const random& described) {
    return out << "random{.seed = " << described.seed << '}';
}

std::ostream& operator<<(std::ostream& out, const sticky& described) {
    return out << "sticky{.seed = " << described.seed << ", .run_length = " << described.run_length << '}';
}

std::ostream& operator<<(std::ostream& out, const pct& described) {
    out << "pct{.depth = " << described.depth << ", .seed = " << described.seed;
    if (described.steps) {
        out << ", .steps = " << *described.steps;
    }
    return out << '}';
}

std::ostream& operator<<(std::ostream& out, const pos& described) {
    return out << "pos{.seed = " << described.seed << '}';
}

std::ostream& operator<<(std::ostream& out, const surw& described) {
    return out << "surw{.seed = " << described.seed
               << ", .interesting = surw::events::" << word_of(described.interesting) << '}';
}

std::ostream& operator<<(std::ostream& out, const round_robin& described) {
    return out << "round_robin{.turn = " << described.turn << '}';
}

std::ostream& operator<<(std::ostream& out, const replay& described) {
    return out << "replay{schedule::parse(\"" << described.played << "\")}";
}

std::ostream& operator<<(std::ostream& out, const tolerant_replay& described) {
    out << "tolerant_replay{schedule::parse(\"" << described.played << "\"), ";
    std::visit([&](const auto& other) { out << other; }, described.then);
    return out << '}';
}

std::ostream& operator<<(std::ostream& out, const description& described) {
    std::visit([&out](const auto& one) { out << one; }, described);
    return out;
}

std::ostream& operator<<(std::ostream& out, const portfolio& described) {
    out << "portfolio{{";
    std::string_view before;
    for (const description& member : described.members) {
        out << before << member;
        before = ", ";
    }
    return out << "}}";
}

} // namespace cppvaldi
