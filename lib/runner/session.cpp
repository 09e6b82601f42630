#include "runner/session.hpp"

#include "reading/crash_report.hpp"
#include "reading/report.hpp"
#include "runner/schedule_player.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <tuple>

namespace cppvaldi::detail {

namespace {

/// An error message names so many starters.
constexpr std::size_t most_named = 20;

/// A process has addresses for thousands of stacks of this size, and no machine has the memory for one.
constexpr std::size_t most_stack_bytes = std::size_t{1} << 36;

thread_local session* latest_session = nullptr;

/// Set when this thread's idle sessions are destroyed: a runner that lives longer, a global say, has nowhere to return its own.
thread_local bool thread_ends = false;

struct idle_list {
    std::vector<std::shared_ptr<session>> sessions;
    ~idle_list() { thread_ends = true; }
};

std::vector<std::shared_ptr<session>>& idle_sessions() {
    thread_local idle_list idle;
    return idle.sessions;
}

} // namespace

std::shared_ptr<session> session::acquire(const execution_options& options) {
    if (options.stack_size_bytes > most_stack_bytes) {
        throw usage_error("runner: execution_options::stack_size_bytes is " + std::to_string(options.stack_size_bytes) +
                          ", and at most " + std::to_string(most_stack_bytes) + " can be had; lower it");
    }
    std::shared_ptr<session> taken;
    if (thread_ends || idle_sessions().empty()) {
        taken = std::make_shared<session>();
        if (!thread_ends) {
            idle_sessions().reserve(idle_sessions().capacity() + 1); // so that release() does not allocate
        }
    } else {
        taken = std::move(idle_sessions().back());
        idle_sessions().pop_back();
    }
    taken->world_.begin(taken->order_, options,
                        {.asks_before_waiting = true,
                         .races = options.data_races.value_or(false),
                         .names = &taken->names_,
                         .on_crash = options.crash_reports ? &report_crash : nullptr});
    taken->used_by_ = taken->world_.serial();
    taken->earlier_in_use_ = latest_session;
    taken->later_in_use_ = nullptr;
    if (latest_session != nullptr) {
        latest_session->later_in_use_ = taken.get();
    }
    latest_session = taken.get();
    return taken;
}

void session::release(const std::shared_ptr<session>& ended) noexcept {
    if (ended->world_.driving()) {
        const std::string_view name = ended->world_.name_of(ended->world_.running());
        std::fprintf(
            stderr,
            "cppvaldi: a runner is destroyed by its own starter '%.*s', which would go on without a world; destroy "
            "it outside, where it was made\n",
            static_cast<int>(name.size()), name.data());
        std::abort();
    }
    ended->world_.end();
    ended->used_by_ = 0;
    ended->order_.clear();
    ended->declared_.clear();
    ended->resolved_.clear();
    ended->detour_.clear();
    (ended->later_in_use_ == nullptr ? latest_session : ended->later_in_use_->earlier_in_use_) = ended->earlier_in_use_;
    if (ended->earlier_in_use_ != nullptr) {
        ended->earlier_in_use_->later_in_use_ = ended->later_in_use_;
    }
    if (!thread_ends) {
        idle_sessions().push_back(ended);
    }
}

const session* session::latest_in_use() noexcept { return latest_session; }

session::census session::count() {
    census counted;
    for (const session* each = latest_session; each != nullptr; each = each->earlier_in_use()) {
        ++counted.in_use;
    }
    if (!thread_ends) {
        for (const auto& each : idle_sessions()) {
            counted.live_stacks += each->world_.live_stacks();
        }
    }
    return counted;
}

starter_id session::start(std::string_view name, job_shape shape, job_maker maker) {
    check_thread("runner::start");
    const auto refuse = [&](const char* why) {
        throw usage_error("runner::start(\"" + std::string(name) + "\"): " + why);
    };
    if (name.empty()) {
        refuse("a starter needs a name, so that orders and reports can say whom they mean");
    }
    if (world_.unwinding()) {
        refuse("the runner is being destroyed; start while it lives");
    }
    if (world_.find(name) != nobody) {
        refuse("there is a starter of this name already; give each a name of its own");
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
    for (std::size_t id = 0; id < std::min(world_.starters().size(), most_named); ++id) {
        known += (known.empty() ? "" : ", ") + std::string(world_.name_of(static_cast<starter_id>(id)));
    }
    if (world_.starters().size() > most_named) {
        known += " and " + std::to_string(world_.starters().size() - most_named) + " more";
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

/// Refuses names and numbers that no checkpoint can have.
void session::check_name(std::string_view call, const checkpoint_ref& ref) const {
    const auto refuse = [&](const char* why) { throw usage_error(std::string(call) + ": " + ref.text() + ' ' + why); };
    if (ref.name().empty()) {
        refuse("has no name; say which checkpoint, or started(), finished() or blocked()");
    }
    label_id watched{};
    if (is_at_function(ref.name()) && !world_.labels().find(ref.name(), watched)) {
        refuse(
            "is a checkpoint at a function that this runner does not watch; make it with starter::before<&function>() or "
            "starter::after<&function>()");
    }
    if (ref.occurrence() > 0 && ref.name() == world_.labels().text(implicit_label::blocked)) {
        refuse("has a number; each mention of it is the next time, leave the number out");
    }
    if (ref.occurrence() > 1 && (ref.name() == world_.labels().text(implicit_label::started) ||
                                 ref.name() == world_.labels().text(implicit_label::finished))) {
        refuse("has a number; it is reached only once, leave the number out");
    }
}

/// The occurrence is left as the ref has it: counted from the beginning, or 0 for the next.
mention session::resolve(const checkpoint_ref& ref) {
    const starter_id starter = find("runner::declare", ref);
    check_name("runner::declare", ref);
    const mention made{starter, world_.labels().intern(ref.name()), ref.occurrence()};
    const auto refuse = [&](const std::string& why) {
        throw usage_error("runner::declare: " + ref.text() + ' ' + why);
    };
    if (world_.starters()[starter].ended()) {
        refuse("is behind: " + ref.starter() + " has ended; declare what is still to come");
    }
    if (made.label == implicit_label::started && world_.starters()[starter].state != starter_state::not_begun) {
        refuse("is behind: " + ref.starter() + " has begun; declare what is still to come");
    }
    return made;
}

/// Gives each mention without a number the occurrence after the one that the mention before it stands for.
void session::number_occurrences() {
    sort_by_starter();
    latest_.assign(world_.labels().size(), {});
    base_.assign(resolved_.size(), 0);
    bool numbered = false;
    starter_id previous = nobody;
    for (std::uint32_t position : by_starter_) {
        mention& mine = resolved_[position];
        latest& before = latest_[static_cast<std::size_t>(mine.label)];
        const bool first = before.starter != mine.starter;
        if (mine.label == implicit_label::started && previous == mine.starter) {
            throw usage_error("runner::declare: " + declared_[position].text() +
                              " is declared after another checkpoint of " + declared_[position].starter() +
                              "; it is reached first, so put it first");
        }
        previous = mine.starter;
        if (!first && mine.label == implicit_label::finished) {
            throw usage_error("runner::declare: " + declared_[position].text() +
                              " is declared twice; it is reached only once, so leave one of them out");
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
                              times(base_[position]) + "; declare what is still to come");
        } else {
            mine.occurrence -= base_[position];
            numbered = true;
        }
        before = {mine.starter, position};
    }
    if (numbered) { // else they follow each other
        refuse_twins();
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

/// Refuses two mentions that stand for one occurrence.
void session::refuse_twins() {
    const auto key = [this](std::uint32_t position) {
        const mention& each = resolved_[position];
        return std::tuple(index(each.starter), each.label, each.occurrence, position);
    };
    std::sort(by_starter_.begin(), by_starter_.end(),
              [&](std::uint32_t left, std::uint32_t right) { return key(left) < key(right); });
    const auto twin =
        std::adjacent_find(by_starter_.begin(), by_starter_.end(), [this](std::uint32_t left, std::uint32_t right) {
            return resolved_[left] == resolved_[right];
        });
    if (twin != by_starter_.end()) {
        throw usage_error("runner::declare: " + declared_[*std::next(twin)].text() +
                          " is declared twice; leave one of them out, or say which times are meant: at(name, n)");
    }
}

void session::declare(const order& declared) {
    check_caller("runner::declare");
    if (!order_.used_up()) {
        throw usage_error("runner::declare: another order is under way, " + declared_[order_.due()].text() +
                          " is due; declare one order with all checkpoints in it, or play that one to its end first");
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
    detour_.clear();
    order_.aim(declared_order::goal::next_checkpoint);
    drive();
    if (order_.result() != declared_order::verdict::reached) {
        return std::nullopt;
    }
    const std::size_t reached = order_.due() - 1;
    world_.note_pause(resolved_[reached].starter, resolved_[reached].label);
    return declared_[reached];
}

checkpoint_ref session::run_to(const checkpoint_ref& target) {
    check_caller("runner::run_to");
    const starter_id owner = find("runner::run_to", target);
    check_name("runner::run_to", target);
    detour_.clear();
    for (std::size_t position = order_.due(); position < declared_.size(); ++position) {
        if (means(target, position)) {
            order_.aim(declared_order::goal::target, position);
            drive();
            world_.note_pause(owner, resolved_[position].label);
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
    world_.note_pause(owner, detour.label);
    return target;
}

void session::finish() {
    check_caller("runner::finish");
    detour_.clear();
    order_.aim(declared_order::goal::end);
    drive();
}

void session::play(const schedule& recorded, std::size_t last_step) {
    check_caller("runner::play");
    if (!world_.decisions().empty()) {
        throw usage_error(
            "runner::play: this runner has begun, and a schedule is played from its beginning; play it on a "
            "new runner, with the same starters");
    }
    if (!order_.used_up()) {
        throw usage_error(
            "runner::play: an order is declared, and a schedule has one of its own; declare what is to come "
            "after the schedule");
    }
    order_.clear(); // of an order that was empty
    declared_.clear();
    resolved_.clear();
    schedule_player player(recorded, world_, last_step);
    world_.decide_by(player);
    world_.behave_as_in_search(true);
    const auto go_on_by_hand = [this] {
        world_.behave_as_in_search(false);
        world_.decide_by(order_);
    };
    try {
        drive();
    } catch (const divergence& differs) {
        go_on_by_hand();
        throw divergence(differs.what() + ('\n' + picture()));
    } catch (...) {
        go_on_by_hand();
        throw;
    }
    go_on_by_hand();
    if (!done() && !world_.steps().empty()) {
        world_.note_pause(world_.steps().back().starter, world_.steps().back().label);
    }
}

bool session::means(const checkpoint_ref& target, std::size_t position) const {
    const checkpoint_ref& here = declared_[position];
    return here.starter() == target.starter() && here.name() == target.name() &&
           (target.occurrence() == 0 || target.occurrence() == base_[position] + resolved_[position].occurrence);
}

void session::check_thread(std::string_view call) const {
    if (!world_.on_its_thread()) {
        throw usage_error(std::string(call) +
                          ": a runner is used by the OS thread that made it; make one in each thread");
    }
}

void session::refuse_caller(std::string_view call) const {
    check_thread(call);
    if (world_.unwinding()) {
        throw usage_error(std::string(call) + ": the runner is being destroyed; drive it while it lives");
    }
    throw usage_error(std::string(call) + " is called by starter '" + std::string(world_.name_of(world_.running())) +
                      "', which this runner drives; call it outside, where the runner was made");
}

void session::drive() {
    using verdict = declared_order::verdict;
    const execution::outcome outcome = world_.run();
    verdict why = order_.result();
    if (outcome == execution::outcome::raised) {
        raise();
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
            throw deadlock("deadlock: " + deadlock_of(world_) + '\n' + picture());
        }
    }
    if (why != verdict::none && why != verdict::reached) {
        throw_verdict(why);
    }
}

} // namespace cppvaldi::detail
