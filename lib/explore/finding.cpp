#include <cppvaldi/finding.hpp>

#include <algorithm>
#include <ostream>

namespace cppvaldi {

namespace {

/// The end of a longer timeline is shown.
constexpr std::size_t most_timeline_steps = 60;

std::string switches_text(std::uint64_t switches) {
    return std::to_string(switches) + (switches == 1 ? " switch" : " switches");
}

} // namespace

std::string_view to_string(finding::kind kind) noexcept {
    switch (kind) {
    case finding::kind::exception: return "exception";
    case finding::kind::requirement: return "failed requirement";
    case finding::kind::invariant: return "broken invariant";
    case finding::kind::check: return "failed check";
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

std::string finding::report() const {
    return std::string(to_string(what)) + ": " + message + '\n' + status + "what happened" +
           (cost.steps == 0 ? "" : ", with " + switches_text(cost.switches)) + ":\n" +
           shown.digest(most_timeline_steps) + "to see it again: CPPVALDI_REPLAY=" + played.token() + '\n';
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

std::string to_string(const finding& shown) {
    const std::string shrunk = shown.shrunk();
    return shown.report() + (shrunk.empty() ? "" : "shrunk to " + shrunk + '\n');
}

std::ostream& operator<<(std::ostream& out, const finding& shown) { return out << to_string(shown); }

} // namespace cppvaldi
