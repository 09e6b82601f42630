#include <cppvaldi/finding.hpp>

#include "reading/palette.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>

namespace cppvaldi {

namespace {

/// The end of a longer timeline is shown.
constexpr std::size_t most_timeline_steps = 60;

std::string switches_text(std::uint64_t switches) {
    return std::to_string(switches) + (switches == 1 ? " switch" : " switches");
}

/// Gives each starter's line the colour that its column has.
std::string painted_status(const finding& of, const palette& paint) {
    std::string painted;
    std::istringstream lines(of.status);
    std::string line;
    for (std::size_t number = 0; std::getline(lines, line); ++number) {
        const bool is_of_starter =
            number < of.shown.starters.size() && line.starts_with("  " + of.shown.starters[number]);
        painted += (is_of_starter ? paint.of_starter(number, line) : line) + '\n';
    }
    return painted;
}

} // namespace

std::string_view to_string(finding::kind kind) noexcept {
    switch (kind) {
    case finding::kind::exception: return "exception";
    case finding::kind::requirement: return "failed requirement";
    case finding::kind::invariant: return "broken invariant";
    case finding::kind::check: return "failed check";
    case finding::kind::data_race: return "data race";
    case finding::kind::assertion: return "failed assertion";
    case finding::kind::aborted: return "abort";
    case finding::kind::exit_status: return "exit status";
    case finding::kind::freed_memory: return "use of freed memory";
    case finding::kind::leak: return "leak";
    case finding::kind::deadlock: return "deadlock";
    case finding::kind::livelock: return "livelock";
    case finding::kind::step_limit: return "step limit reached";
    case finding::kind::infeasible_order: return "infeasible order";
    case finding::kind::misuse: return "misuse";
    case finding::kind::divergence: return "divergence";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, finding::kind shown) { return out << to_string(shown); }

std::string finding::report(colours how) const {
    const palette paint(how);
    return paint.heading(std::string(to_string(what)) + ": " + message) + '\n' + race + painted_status(*this, paint) +
           "what happened" + (cost.steps == 0 ? "" : ", with " + switches_text(cost.switches)) + ":\n" +
           shown.digest(most_timeline_steps, how) +
           "to see it again: " + paint.command("CPPVALDI_REPLAY=" + played.token()) + '\n';
}

std::string finding::shrunk() const {
    return cost == cost_as_found
               ? ""
               : switches_text(cost.switches) + ", from " + std::to_string(cost_as_found.switches) + "; " +
                     std::to_string(cost.steps) + " steps, from " + std::to_string(cost_as_found.steps);
}

std::string finding::regression_test() const {
    const order reached = shown.checkpoints();
    const bool has_checkpoint =
        std::any_of(reached.begin(), reached.end(), [](const checkpoint_ref& ref) { return ref.name() != "finished"; });
    std::string text = "// " + std::string(to_string(what)) + ": " + message + '\n';
    if (has_checkpoint) {
        return text + "cppvaldi::check(body, cppvaldi::exhaustive{.preemptions = " + std::to_string(cost.preemptions) +
               "}, {},\n                cppvaldi::given(cppvaldi::order::parse(R\"(" + reached.text() +
               ")\")).if_possible());\n";
    }
    return text + "cppvaldi::check(body, cppvaldi::tolerant_replay{cppvaldi::schedule::parse(R\"(" + recorded.text() +
           ")\")});\n";
}

namespace {

std::string with_remark(const finding& shown, colours how) {
    const std::string shrunk = shown.shrunk();
    return shown.report(how) + (shrunk.empty() ? "" : "shrunk to " + shrunk + '\n');
}

} // namespace

std::string to_string(const finding& shown) { return with_remark(shown, colours::none); }

std::ostream& operator<<(std::ostream& out, const finding& shown) {
    return out << with_remark(shown, colours_for(out));
}

} // namespace cppvaldi
