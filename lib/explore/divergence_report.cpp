#include "explore/divergence_report.hpp"

#include <cppvaldi/strategies.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

namespace cppvaldi {

namespace {

/// How often a schedule is played again to see whether the body always does the same.
constexpr int attempts = 5;

std::string step_text(const trace& of, std::size_t position) {
    if (position >= of.steps.size()) {
        return "the end";
    }
    const trace::step& step = of.steps[position];
    std::string text = "'" + of.starters[step.starter] + ": " + step.text + "'";
    if (step.line != 0) {
        text += " at " + step.file + ":" + std::to_string(step.line);
    }
    return text;
}

/// Returns what two traces of one schedule begin to differ with, or nothing.
std::string difference(const trace& one, const trace& other) {
    const auto [left, right] =
        std::mismatch(one.steps.begin(), one.steps.end(), other.steps.begin(), other.steps.end());
    if (left == one.steps.end() && right == other.steps.end()) {
        return "";
    }
    const auto position = static_cast<std::size_t>(left - one.steps.begin());
    return "step " + std::to_string(position + 1) + " is " + step_text(one, position) + " once, and " +
           step_text(other, position) + " another time";
}

finding played_again(trial& on, const schedule& found) {
    const std::unique_ptr<strategy> again = make_strategy(replay{found});
    (void)again->begin_execution();
    const execution::outcome outcome = on.run(*again, true);
    return describe(on.world(), judge(on.world(), outcome).value_or(verdict{}));
}

finding told(trial& on, const schedule& found, const std::string& message) {
    finding shown = played_again(on, found);
    std::string differs;
    for (int attempt = 1; attempt < attempts && differs.empty(); ++attempt) {
        differs = difference(shown.shown, played_again(on, found).shown);
    }
    shown.what = finding::kind::divergence;
    shown.message = message;
    if (!differs.empty()) {
        const bool has_cause = message.find("the body depends on") != std::string::npos;
        shown.message += "; under the same decisions " + differs;
        shown.message += has_cause
                             ? ""
                             : ", so the body depends on something that is not a decision: time, addresses, chance, "
                               "the last execution";
    }
    shown.played = found;
    return shown;
}

} // namespace

finding diverged(trial& on, const verdict& judged, const schedule& found) { return told(on, found, judged.message); }

finding not_seen_again(trial& on, const verdict& judged, const schedule& found) {
    return told(on, found,
                std::string(to_string(judged.what)) + " '" + judged.message +
                    "' was found, and is not seen again under the same decisions");
}

} // namespace cppvaldi
