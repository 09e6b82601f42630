#include "runner/session.hpp"

#include "reading/report.hpp"
#include "reading/tracing.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <numeric>

namespace cppvaldi::detail {

namespace {

/// An error message shows this much of what was played, and of what is due.
constexpr std::size_t most_timeline_steps = 40;
constexpr std::size_t most_due = 20;

std::vector<std::unique_ptr<session>>& idle_sessions() {
    thread_local std::vector<std::unique_ptr<session>> idle;
    return idle;
}

bool is_at_function(const std::string& name) { return name.starts_with("before ") || name.starts_with("after "); }

} // namespace

session& session::acquire(const execution_options& options) {
    auto& idle = idle_sessions();
    std::unique_ptr<session> taken;
    if (idle.empty()) {
        taken = std::make_unique<session>();
        idle.reserve(idle.capacity() + 1); // so that release() does not allocate
    } else {
        taken = std::move(idle.back());
        idle.pop_back();
    }
    taken->world_.begin(taken->order_, options, {});
    return *taken.release();
}

void session::release() noexcept {
    std::unique_ptr<session> self(this);
    world_.end();
    order_.clear();
    declared_.clear();
    resolved_.clear();
    idle_sessions().push_back(std::move(self));
}

starter_id session::start(std::string_view name, job_shape shape, job_maker maker) {
    if (name.empty()) {
        throw usage_error(
            "runner::start(\"\"): a starter needs a name, so that orders and reports can say whom they mean");
    }
    if (world_.find(name) != nobody) {
        throw usage_error("runner::start(\"" + std::string(name) +
                          "\"): there is a starter of this name already; give each a name of its own");
    }
    if (!world_.on_its_thread()) {
        throw usage_error("runner::start(\"" + std::string(name) +
                          "\"): a runner is used by the OS thread that made it");
    }
    return world_.spawn(name, shape, maker);
}

// --- names to numbers ---

starter_id session::find(std::string_view call, const checkpoint_ref& ref) const {
    const starter_id found = world_.find(ref.starter());
    if (found != nobody) {
        return found;
    }
    std::string known;
    for (std::size_t id = 0; id < std::min(world_.starters().size(), most_due); ++id) {
        known += (known.empty() ? "" : ", ") + std::string(world_.name_of(static_cast<starter_id>(id)));
    }
    throw usage_error(std::string(call) + ": " + ref.text() + " names a starter '" + ref.starter() +
                      "' that this runner does not have (" + (known.empty() ? "none was started" : "it has " + known) +
                      "); start it first, or mend the name");
}

std::uint32_t session::passed(starter_id starter, label_id label) const {
    std::uint32_t count = 0;
    for (const step& noted : world_.steps()) {
        count += noted.event == step::what::reached && noted.starter == starter && noted.label == label ? 1 : 0;
    }
    return count;
}

/// The occurrence is left as the ref has it: counted from the beginning, or 0 for the next.
mention session::resolve(const checkpoint_ref& ref) {
    const starter_id starter = find("runner::declare", ref);
    const auto refuse = [&ref](const std::string& why) {
        throw usage_error("runner::declare: " + ref.text() + " " + why);
    };
    if (ref.name().empty()) {
        refuse("has no name; say which checkpoint, or started(), finished() or blocked()");
    }
    if (is_at_function(ref.name())) {
        refuse("is a checkpoint at a function; this version cannot see functions of code under test, call "
               "checkpoint(name) there instead");
    }
    const mention made{starter, world_.labels().intern(ref.name()), ref.occurrence()};
    if (world_.starters()[starter].ended()) {
        refuse("is behind: " + ref.starter() + " has ended");
    }
    if (made.label == implicit_label::started && world_.starters()[starter].state != starter_state::not_begun) {
        refuse("is behind: " + ref.starter() + " has begun");
    }
    if (made.label <= implicit_label::blocked && ref.occurrence() > (made.label == implicit_label::blocked ? 0 : 1)) {
        refuse(made.label == implicit_label::blocked ? "has a number; each mention of it is the next time"
                                                     : "has a number; it is reached only once");
    }
    return made;
}

/// Gives each mention without a number the occurrence after the one that the mention before it stands for.
void session::number_occurrences() {
    sort_by_starter();
    latest_.assign(world_.labels().size(), {});
    base_.assign(resolved_.size(), 0);
    for (std::uint32_t position : by_starter_) {
        mention& mine = resolved_[position];
        latest& before = latest_[static_cast<std::size_t>(mine.label)];
        const bool first = before.starter != mine.starter;
        if (!first && (mine.label == implicit_label::started || mine.label == implicit_label::finished)) {
            throw usage_error("runner::declare: " + declared_[position].text() +
                              " is declared twice; it is reached only once");
        }
        if (first) {
            base_[position] = world_.steps().empty() ? 0 : passed(mine.starter, mine.label);
        } else {
            base_[position] = base_[before.position];
        }
        if (mine.occurrence == 0) {
            mine.occurrence = first ? 1 : resolved_[before.position].occurrence + 1;
        } else if (mine.occurrence <= base_[position]) {
            throw usage_error("runner::declare: " + declared_[position].text() +
                              " is behind: " + declared_[position].starter() + " has been there " +
                              std::to_string(base_[position]) + " times");
        } else {
            mine.occurrence -= base_[position];
        }
        before = {mine.starter, position};
    }
}

/// Fills `by_starter_`: a counting sort.
void session::sort_by_starter() {
    next_of_starter_.assign(world_.starters().size() + 1, 0);
    for (const mention& each : resolved_) {
        ++next_of_starter_[index(each.starter) + 1];
    }
    std::partial_sum(next_of_starter_.begin(), next_of_starter_.end(), next_of_starter_.begin());
    by_starter_.resize(resolved_.size());
    for (std::uint32_t position = 0; position < resolved_.size(); ++position) {
        by_starter_[next_of_starter_[index(resolved_[position].starter)]++] = position;
    }
}

void session::declare(const order& declared) {
    check_caller("runner::declare");
    if (!order_.used_up() || (!declared_.empty() && world_.steps().empty())) {
        throw usage_error("runner::declare: an order is under way, due is " + due_text() +
                          "; declare one order with all checkpoints in it, or play this one first");
    }
    resolved_.clear();
    declared_.assign(declared.begin(), declared.end());
    try {
        for (const checkpoint_ref& ref : declared) {
            resolved_.push_back(resolve(ref));
        }
        number_occurrences();
    } catch (...) {
        declared_.clear();
        resolved_.clear();
        throw;
    }
    order_.declare(resolved_, world_.starters().size());
}

// --- driving ---

std::optional<checkpoint_ref> session::next() {
    check_caller("runner::next");
    order_.aim(declared_order::goal::next_checkpoint);
    drive();
    if (order_.result() != declared_order::verdict::reached) {
        return std::nullopt;
    }
    const std::size_t reached = order_.due() - 1;
    world_.note_pause(resolved_[reached].starter);
    return declared_[reached];
}

checkpoint_ref session::run_to(const checkpoint_ref& target) {
    check_caller("runner::run_to");
    const starter_id owner = find("runner::run_to", target);
    for (std::size_t position = order_.due(); position < declared_.size(); ++position) {
        if (means(target, position)) {
            order_.aim(declared_order::goal::target, position);
            drive();
            world_.note_pause(owner);
            return declared_[position];
        }
    }
    mention detour{owner, world_.labels().intern(target.name()), 1};
    const std::uint32_t already = passed(owner, detour.label);
    bool behind = world_.starters()[owner].ended();
    if (detour.label == implicit_label::started) {
        behind = world_.starters()[owner].state != starter_state::not_begun;
    } else if (target.occurrence() != 0) {
        behind = behind || target.occurrence() <= already;
        detour.occurrence = target.occurrence() - already;
    }
    for (std::size_t position = 0; position < order_.due() && target.occurrence() == 0; ++position) {
        behind = behind || means(target, position);
    }
    if (behind) {
        throw usage_error(
            "runner::run_to: " + target.text() +
            " is behind; ask for one that is still to come, or for a later occurrence by its number: at(name, n)");
    }
    detour_ = target.text();
    order_.aim_at_detour(detour);
    drive();
    world_.note_pause(owner);
    return target;
}

void session::finish() {
    check_caller("runner::finish");
    order_.aim(declared_order::goal::end);
    drive();
}

bool session::means(const checkpoint_ref& target, std::size_t position) const {
    const checkpoint_ref& here = declared_[position];
    return here.starter() == target.starter() && here.name() == target.name() &&
           (target.occurrence() == 0 || target.occurrence() == base_[position] + resolved_[position].occurrence);
}

void session::refuse_caller(std::string_view call) const {
    if (!world_.on_its_thread()) {
        throw usage_error(std::string(call) + ": a runner is used by the OS thread that made it");
    }
    throw usage_error(std::string(call) + " is called by starter '" + std::string(world_.name_of(world_.running())) +
                      "', which this runner drives; call it outside, where the runner was made");
}

void session::drive() {
    using verdict = declared_order::verdict;
    const execution::outcome outcome = world_.run();
    verdict why = order_.result();
    if (outcome == execution::outcome::raised) {
        std::rethrow_exception(world_.take_exception());
    }
    if (outcome == execution::outcome::livelocked) {
        throw livelock(
            "livelock: the starters that can run go round in circles, for thousands of steps none has changed "
            "anything\n" +
            picture());
    }
    if (outcome == execution::outcome::out_of_steps) {
        throw step_limit_reached(
            "step limit reached: " + std::to_string(world_.options().step_limit) +
            " steps, and no starter began or ended meanwhile; if that is not a loop without end, raise "
            "execution_options::step_limit\n" +
            picture());
    }
    if (outcome != execution::outcome::held) {
        scheduling_point last = world_.point();
        last.running = world_.last_running();
        why = order_.settle(last);
        const bool stuck = outcome == execution::outcome::stuck || outcome == execution::outcome::deadlocked;
        if (stuck && (why == verdict::none || why == verdict::infeasible)) {
            const std::string cycle = cycle_of(world_);
            throw deadlock("deadlock: " + (cycle.empty() ? "every starter that has not finished is blocked" : cycle) +
                           '\n' + picture());
        }
    }
    if (why != verdict::none && why != verdict::reached) {
        throw_verdict(why);
    }
}

// --- what went wrong ---

void session::throw_verdict(declared_order::verdict why) const {
    const std::string culprit(world_.name_of(order_.culprit()));
    const mention& fault = order_.at_fault();
    const std::string name(world_.labels().text(fault.label));
    const std::string which = name + (fault.label <= implicit_label::blocked || fault.occurrence == 1
                                          ? ""
                                          : "' for time " + std::to_string(fault.occurrence) + " '");
    switch (why) {
    case declared_order::verdict::infeasible:
        throw infeasible_order("infeasible order: " + due_text() + " is due, but " + culprit +
                               " is blocked, and nobody else may go on\n" + picture());
    case declared_order::verdict::missed:
        throw missed_checkpoint("missed checkpoint: " + culprit + " ended before it reached '" + name +
                                "', which is declared\n" + picture());
    case declared_order::verdict::out_of_order:
        throw out_of_order("out of order: " + culprit + " reached '" + which +
                           "', but another checkpoint of its own is declared "
                           "to come first: " +
                           due_text() + " is due\n" + picture());
    case declared_order::verdict::none:
    case declared_order::verdict::reached: break;
    }
    throw std::logic_error("no verdict");
}

std::string session::due_text() const {
    return order_.used_up() ? (detour_.empty() ? "nothing" : detour_) : declared_[order_.due()].text();
}

std::string session::picture() const {
    std::string text = status_of(world_);
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
