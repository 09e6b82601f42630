#include "runner/session.hpp"

#include "reading/plain_text.hpp"
#include "reading/race_report.hpp"
#include "reading/report.hpp"
#include "reading/tracing.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>

namespace cppvaldi::detail {

namespace {

/// An error message shows this much of what was played, and of what is due.
constexpr std::size_t most_timeline_steps = 40;
constexpr std::size_t most_due = 20;

} // namespace

std::string session::times(std::uint32_t count) { return std::to_string(count) + (count == 1 ? " time" : " times"); }

bool session::is_at_function(const std::string& name) {
    return (name.starts_with("before ") || name.starts_with("after ")) && name.ends_with("()");
}

/// Of a race there is more to say than the kernel can.
void session::raise() {
    try {
        std::rethrow_exception(world_.take_exception());
    } catch (const data_race& found) {
        if (world_.found_race() == nullptr) { // of an execution inside this one
            throw;
        }
        throw data_race("data race: " + std::string(found.what()) + '\n' + race_of(world_) + picture());
    }
}

void session::throw_verdict(declared_order::verdict why) const {
    switch (why) {
    case declared_order::verdict::infeasible: throw infeasible_order(infeasible_text() + '\n' + picture());
    case declared_order::verdict::missed: throw missed_checkpoint(missed_text() + '\n' + picture());
    case declared_order::verdict::out_of_order: throw out_of_order(out_of_order_text() + '\n' + picture());
    case declared_order::verdict::none:
    case declared_order::verdict::reached: break;
    }
    throw std::logic_error("no verdict");
}

/// Returns what the driver waits for: "alice:read is due", or what `run_to` was asked for.
std::string session::wanted_text() const {
    return detour_.empty() ? declared_[order_.due()].text() + " is due" : "run_to wants " + detour_;
}

/// Returns a mention of the order as it was declared, and what was asked of `run_to` as it was asked.
std::string session::declared_text(const mention& wanted) const {
    for (std::size_t position = order_.due(); position < resolved_.size(); ++position) {
        if (resolved_[position] == wanted) {
            return declared_[position].text();
        }
    }
    return detour_;
}

std::string session::missed_text() const {
    const starter_id culprit = order_.culprit();
    const mention& fault = order_.at_fault();
    const std::string name = on_one_line(world_.name_of(culprit));
    const std::uint32_t already = passed(culprit, fault.label);
    const bool raised = world_.starters()[culprit].state == starter_state::raised;
    const bool never_seen = already == 0 && is_at_function(std::string(world_.labels().text(fault.label)));
    return "missed checkpoint: " + declared_text(fault) + " was to come, but " + name +
           (raised ? " ended by an exception" : " finished") + " before it got there" +
           (never_seen ? "; functions are seen in code that is compiled with -finstrument-functions" : "") +
           (already == 0 ? ""
                         : "; it was at '" + on_one_line(world_.labels().text(fault.label)) + "' " + times(already));
}

std::string session::out_of_order_text() const {
    const starter_id culprit = order_.culprit();
    std::size_t first = order_.due();
    while (resolved_[first].starter != culprit) {
        ++first;
    }
    return "out of order: " + on_one_line(world_.name_of(culprit)) + " reached " + declared_text(order_.at_fault()) +
           " before " + declared_[first].text() + ", which is declared to come first";
}

std::string session::infeasible_text() const {
    return "infeasible order: " + wanted_text() + ", but " + wait_of(world_, order_.culprit()) +
           ", and nobody may go on who could change that";
}

std::string session::picture() const {
    starter_set held;
    for (std::size_t number = 0; number < world_.starters().size(); ++number) {
        const auto id = static_cast<starter_id>(number);
        if (order_.holds(id)) {
            held.insert(id);
        }
    }
    std::string text = status_of(world_, held);
    if (!order_.used_up()) {
        text += "still due:";
        const std::size_t shown = std::min(declared_.size(), order_.due() + most_due);
        for (std::size_t position = order_.due(); position < shown; ++position) {
            text += ' ' + declared_[position].text();
        }
        text += shown < declared_.size() ? " ... and " + std::to_string(declared_.size() - shown) + " more\n" : "\n";
    }
    return text + "played so far:\n" + trace_of(world_).timeline(most_timeline_steps);
}

} // namespace cppvaldi::detail
