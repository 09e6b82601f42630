#include "kernel/execution.hpp"

#include "assert.hpp"
#include "fiber/stack_guard.hpp"
#include "kernel/static_memory.hpp"

#include <cppvaldi/errors.hpp>

#include <atomic>
#include <string>
#include <utility>

namespace cppvaldi {

constinit thread_local execution* detail::current_execution = nullptr;
constinit thread_local unsigned int detail::own_calls = 0;
constinit const front_door* linked_front_door = nullptr;

namespace {

/// After so many rests between which nothing has changed a starter rests until something does.
constexpr std::uint32_t most_vain_rests = 3;

/// Identifies executions for objects that outlive them. Nothing that can be seen depends on its value.
std::uint64_t next_serial() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace

execution::execution()
    : asked_{.enabled = enabled_, .pending = {}, .resting = &resting_, .early = &could_time_out_, .forced = &forced_} {}

execution::~execution() { end(); }

// --- the driver's side ---

void execution::begin(strategy& decides, const execution_options& options, mode how) {
    CPPVALDI_ASSERT(strategy_ == nullptr, ==, true, "one execution at a time on one object");
    strategy_ = &decides;
    options_ = options;
    mode_ = how;
    asked_.names = how.names;
    races_.begin(how.races);
    noted_elsewhere_ = how.results ? &unread_ : nullptr;
    if (how.results) {
        (void)is_static(nullptr); // it learns what is loaded, the same for all executions
    }
    serial_ = next_serial();
    thread_mark_ = &detail::current_execution;
    choose_pool();
    if (how.arms_stack_guard) {
        arm_stack_guard(&describe_running, &report_crash);
    }
}

void execution::end() noexcept {
    if (strategy_ == nullptr) {
        return;
    }
    last_completed_ = unfinished_ == 0 && !some_raised_ ? serial_ : 0;
    some_raised_ = false;
    unwind_all();
    if (linked_front_door != nullptr) {
        linked_front_door->execution_ends(*this);
    }
    for (std::size_t position = 0; position < starters_.size(); ++position) {
        starter_by_label_[static_cast<std::size_t>(starters_[static_cast<starter_id>(position)].name)] = nobody;
    }
    starters_.clear();
    pending_.clear();
    enabled_.clear();
    could_time_out_.clear();
    forced_.clear();
    resting_.clear();
    dormant_.clear();
    watched_.clear();
    functions_.clear();
    unfinished_ = 0;
    running_ = nobody;
    exception_ = nullptr;
    now_ = virtual_time{0};
    timers_.clear();
    descriptors_.clear();
    last_changed_nothing_ = false;
    idle_steps_ = 0;
    last_changing_step_ = 0;
    cycle_member_ = nobody;
    plain_reads_ = 0;
    labels_.clear();
    objects_at_.clear();
    change_waiters_.clear();
    asked_.pending = {};
    asked_.last = {};
    asked_.origins = {};
    asked_.states = {};
    asked_.watched = false;
    origins_.clear();
    births_.clear();
    states_.clear();
    namesakes_.clear();
    object_names_.clear();
    decisions_.clear();
    steps_.clear();
    strategy_ = nullptr;
}

execution::outcome execution::run() {
    CPPVALDI_ASSERT(running_ == nobody, ==, true, "a driver drives only while no starter runs");
    outer_ = detail::current_execution;
    driver_flow_.stand_here();
    driver_ = &driver_flow_;
    detail::current_execution = this;
    allow_more_steps();
    last_running_ = nobody;
    faulted_ = nobody;
    const starter_id next = decide();
    if (next != nobody) {
        running_ = next;
        driver_flow_.switch_to(starters_[next].flow);
    }
    detail::current_execution = std::exchange(outer_, nullptr);
    driver_ = nullptr;
    return outcome_;
}

std::exception_ptr execution::take_exception() noexcept { return std::exchange(exception_, nullptr); }

void execution::note_pause(starter_id reached, label_id label) {
    step& pause = steps_.append();
    pause = step{};
    pause.event = step::what::paused;
    pause.starter = reached;
    pause.label = label;
}

void execution::behave_as_in_search(bool wanted) noexcept {
    mode_.timeouts_are_decisions = wanted;
    mode_.asks_before_waiting = !wanted;
    if (!wanted) {
        for (starter_id id = could_time_out_.first(); id != nobody; id = could_time_out_.after(id)) {
            enabled_.erase(id);
        }
        could_time_out_.clear();
    }
}

// --- decisions ---

starter_id execution::stop(outcome why) noexcept {
    outcome_ = why;
    last_running_ = running_;
    return nobody;
}

/// Nobody can run, and that will not change.
starter_id execution::stop_idle() noexcept {
    if (exception_ != nullptr) {
        return stop(outcome::raised);
    }
    return stop(unfinished_ == 0 ? outcome::all_finished : outcome::stuck);
}

/// Where something may be in the way of just asking.
starter_id execution::decide_with_care() {
    if (cycle_member_ != nobody) {
        if (closes_cycle(starters_[cycle_member_])) {
            return stop(outcome::deadlocked);
        }
        cycle_member_ = nobody;
    }
    if (!watched_.empty() && !watched_all_hold()) {
        return stop(outcome::raised);
    }
    if (enabled_.size() == could_time_out_.size() && !asks_before_waiting() && !make_someone_ready() &&
        enabled_.empty()) {
        return stop_idle();
    }
    if (decisions_.size() >= last_step_allowed_) {
        return stop(outcome::out_of_steps);
    }
    if (decisions_.size() - last_changing_step_ >= most_quiet_steps) {
        return stop(outcome::livelocked);
    }
    return ask_strategy();
}

starter_id execution::ask_strategy() {
    try {
        asked_.running = running_;
        asked_.step = decisions_.size();
        starter_id next = strategy_->next(asked_);
        if (mode_.results) {
            asked_.last = {};
            opaque_ = false;
        }
        if (!enabled_.contains(next)) [[unlikely]] {
            next = ask_further(next);
        }
        if (index(next) < states_.size()) {
            states_[index(next)] = 0; // it goes on from there
        }
        if (!forced_.empty()) {
            forced_.erase(next);
        }
        if (next != nobody) {
            take(decision::kind::starter, index(next));
        }
        return next;
    } catch (...) {
        exception_ = std::current_exception();
        return stop(outcome::raised);
    }
}

/// The strategy has answered something else than who goes on.
starter_id execution::ask_further(starter_id answer) {
    while (answer == somebody_else && make_someone_ready()) {
        asked_.running = nobody; // what it announced has been seen
        answer = strategy_->next(asked_);
    }
    if (answer == somebody_else && enabled_.empty()) {
        (void)stop_idle();
        last_running_ = nobody; // what it announced has been seen
        return nobody;
    }
    if (answer == nobody || answer == somebody_else) {
        return stop(outcome::held);
    }
    if (!enabled_.contains(answer)) {
        wake_resting(answer);
    }
    return answer;
}

void execution::watch(std::function<void()> check) {
    watched_.push_back({running_, std::move(check)});
    asked_.watched = true;
}

bool execution::watched_all_hold() {
    looking_ = true;
    try {
        std::erase_if(watched_, [this](const watched& each) { return starters_[each.by].ended(); });
        asked_.watched = !watched_.empty();
        for (const watched& each : watched_) {
            each.check();
        }
    } catch (...) {
        exception_ = std::current_exception();
    }
    looking_ = false;
    return exception_ == nullptr;
}

/// It need not rest, if the strategy knows better.
[[gnu::noinline]] void execution::wake_resting(starter_id chosen) {
    if (!resting_.contains(chosen)) {
        refuse_choice(chosen);
    }
    resting_.erase(chosen);
    dormant_.erase(chosen);
    enabled_.insert(chosen);
}

void execution::refuse_choice(starter_id chosen) {
    throw usage_error("strategy::next returned starter " + std::to_string(index(chosen)) +
                      ", which is not enabled; return one of scheduling_point::enabled, or nobody");
}

inline void execution::take(decision::kind what, std::uint32_t chosen) {
    decision& taken = decisions_.append();
    taken.what = what;
    taken.chosen = chosen;
}

std::uint32_t execution::choose(std::uint32_t count) {
    if (count == 1 || unwinding_) {
        return 0;
    }
    const std::uint32_t value = strategy_->value({count, running_, decisions_.size()});
    if (value >= count) {
        throw usage_error("strategy::value returned " + std::to_string(value) + ", which is not below " +
                          std::to_string(count));
    }
    take(decision::kind::value, value);
    return value;
}

// --- when nobody is enabled, or nobody who may go on ---

/// Rule 6. Returns true if there is somebody now who could not run before. Those who rest are not blocked, but as long as they
/// only go round in circles, time may move, and what they wait for may come from outside. Who could only time out early cannot
/// run either: time moves, lest those with earlier deadlines never come before it.
bool execution::make_someone_ready() {
    const auto could_run = [this] { return enabled_.size() - could_time_out_.size(); };
    const std::size_t before = could_run();
    while (could_run() == before && exception_ == nullptr) {
        std::chrono::milliseconds patience = options_.patience_before_deadlock;
        if (!timers_.empty() || !resting_.empty()) { // others will act: all such waits in vain together get that much
            patience =
                std::min(options_.patience_before_time_moves, patience - std::min(patience, descriptors_.waited()));
        }
        if (!descriptors_.empty() && is_ready_outside(patience)) {
            break;
        }
        if (timers_.empty()) {
            break;
        }
        move_time();
    }
    stop_resting(true);
    return could_run() > before;
}

/// Returns true if the strategy is to be asked before the world outside is waited for. By then it knows who is ready there.
bool execution::asks_before_waiting() noexcept {
    if (!mode_.asks_before_waiting || descriptors_.empty()) {
        return false;
    }
    (void)is_ready_outside(std::chrono::milliseconds{0});
    return exception_ == nullptr;
}

/// Asks the operating system. What goes wrong there is handed to the driver.
bool execution::is_ready_outside(std::chrono::milliseconds patience) noexcept {
    const auto ready = [this](starter_id who) {
        starters_[who].ready = true;
        descriptors_.remove(who);
        timers_.remove(who);
        enable(who);
    };
    try {
        return descriptors_.poll(patience, ready);
    } catch (...) {
        exception_ = std::current_exception();
        return false;
    }
}

void execution::move_time() noexcept {
    now_ = std::max(now_, timers_.earliest());
    wake_who_is_due();
    if (!timers_.empty()) {
        last_changing_step_ = decisions_.size(); // somebody else's time will come
    }
}

void execution::wake_who_is_due() noexcept {
    while (!timers_.empty() && timers_.earliest() <= now_) {
        const starter_id due = timers_.pop();
        starters_[due].timed_out = true;
        descriptors_.remove(due);
        enable(due);
    }
}

void execution::enable(starter_id who) noexcept {
    enabled_.insert(who);
    if (pending_[index(who)].kind == operation_kind::join) {
        forced_.insert(who);
    }
    could_time_out_.erase(who);
}

// --- who goes round in circles ---

/// Whoever only looks and rests, again and again, rests until there is something new to see. Otherwise two of them could wake each
/// other for ever, while a third, who has what they wait for, is never chosen.
void execution::rest() noexcept {
    starter_record& self = starters_[running_];
    self.vain_rests = self.rested_after == last_changing_step_ ? self.vain_rests + 1 : 0;
    self.rested_after = last_changing_step_;
    enabled_.erase(running_);
    resting_.insert(running_);
    if (self.vain_rests > most_vain_rests) {
        dormant_.insert(running_);
    }
}

void execution::stop_resting(bool something_has_changed) noexcept {
    if (something_has_changed) {
        dormant_.clear();
    }
    for (starter_id each = resting_.first(); each != nobody; each = resting_.after(each)) {
        if (!dormant_.contains(each)) {
            enabled_.insert(each);
            resting_.erase(each);
        }
    }
}

// --- names and notes ---

starter_id execution::find(std::string_view name) const noexcept {
    label_id label{};
    const bool known = labels_.find(name, label) && static_cast<std::size_t>(label) < starter_by_label_.size();
    return known ? starter_by_label_[static_cast<std::size_t>(label)] : nobody;
}

std::uint32_t& execution::namesakes_of(std::string_view name) {
    const auto position = static_cast<std::size_t>(labels_.intern(name));
    namesakes_.resize(std::max(namesakes_.size(), position + 1));
    return namesakes_[position];
}

void execution::rename(starter_id of, std::string_view name) {
    const label_id label = labels_.intern(name);
    if (static_cast<std::size_t>(label) >= starter_by_label_.size()) {
        starter_by_label_.resize(2 * static_cast<std::size_t>(label) + 1, nobody);
    }
    starter_record& renamed = starters_[of];
    starter_by_label_[static_cast<std::size_t>(renamed.name)] = nobody;
    starter_by_label_[static_cast<std::size_t>(label)] = of;
    renamed.name = label;
    renamed.end.name = labels_.text(label);
}

} // namespace cppvaldi
