#include <cppvaldi/finding.hpp>

#include <ostream>

namespace cppvaldi {

namespace {

/// The end of a longer timeline is shown.
constexpr std::size_t most_timeline_steps = 60;

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
    return std::string(to_string(what)) + ": " + message + '\n' + status + "what happened:\n" +
           shown.timeline(most_timeline_steps) + "to see it again: CPPVALDI_REPLAY=" + played.token() + '\n';
}

std::ostream& operator<<(std::ostream& out, const finding& shown) { return out << shown.report(); }

} // namespace cppvaldi
