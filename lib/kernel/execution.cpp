#include "kernel/execution.hpp"

#include "assert.hpp"
#include "fiber/stack_guard.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>

namespace cppvaldi {

constinit thread_local execution* detail::current_execution = nullptr;

namespace {

/// A starter that keeps swallowing its unwinding is given up after so many times.
constexpr std::uint32_t most_swallowed_unwindings = 100;

/// Identifies executions for objects that outlive them. Nothing that can be seen depends on its value.
std::uint64_t next_serial() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::byte* align_down(std::byte* address, std::size_t alignment_bytes) noexcept {
    return address - reinterpret_cast<std::uintptr_t>(address) % alignment_bytes;
}

} // namespace

execution::execution() = default;

execution::~execution() { end(); }

void execution::begin(strategy& decides, const execution_options& options) {
    CPPVALDI_ASSERT(strategy_ == nullptr, ==, true, "one execution at a time on one object");
    strategy_ = &decides;
    options_ = options;
    serial_ = next_serial();
    thread_mark_ = &detail::current_execution;
    arm_stack_guard(&describe_running);
}

void execution::end() noexcept {
    if (strategy_ == nullptr) {
        return;
    }
    unwinding_ = true;
    bool some_are_alive = false;
    for (std::size_t below = starters_.size(); below > 0 && !some_are_alive; --below) {
        some_are_alive = starters_[static_cast<starter_id>(below - 1)].state == starter_state::alive;
    }
    std::terminate_handler previous = some_are_alive ? std::set_terminate(&on_terminate) : nullptr;
    for (std::size_t below = starters_.size(); below > 0; --below) { // starters begun meanwhile are refused by spawn
        unwind(starters_[static_cast<starter_id>(below - 1)]);
    }
    if (some_are_alive) {
        std::set_terminate(previous);
    }
    for (std::size_t position = 0; position < starters_.size(); ++position) {
        starter_record& ended = starters_[static_cast<starter_id>(position)];
        if (ended.work != nullptr) {
            ended.work->~job();
            ended.work = nullptr;
            release_stack(ended);
        }
    }
    if (retired_.base != nullptr) {
        pool().release(retired_);
        retired_ = {};
    }
    starters_.clear();
    pending_.clear();
    enabled_.clear();
    unfinished_ = 0;
    running_ = nobody;
    exception_ = nullptr;
    labels_.clear();
    starter_by_label_.clear();
    object_names_.clear();
    decisions_.clear();
    steps_.clear();
    unwinding_ = false;
    strategy_ = nullptr;
}

starter_id execution::spawn(std::string_view name, detail::job_shape shape, detail::job_maker maker) {
    if (unwinding_) {
        throw usage_error("starter '" + std::string(name) + "' cannot start: its execution is being unwound");
    }
    if (shape.size_bytes + shape.alignment_bytes > options_.stack_size_bytes / 2) {
        throw usage_error(
            "starter '" + std::string(name) + "': its callable and arguments take " + std::to_string(shape.size_bytes) +
            " bytes, more than half of its stack of " + std::to_string(options_.stack_size_bytes) +
            "; raise execution_options::stack_size_bytes, or pass large arguments by std::ref or pointer");
    }
    const label_id label = labels_.intern(name);
    const stack memory = pool().acquire();
    std::byte* top = align_down(memory.base - shape.size_bytes, shape.alignment_bytes);
    detail::job* work = nullptr;
    try {
        pending_.reserve(starters_.size() + 1 > pending_.capacity() ? 2 * (starters_.size() + 4) : 0);
        starter_by_label_.resize(std::max(starter_by_label_.size(), static_cast<std::size_t>(label) + 1), nobody);
        enabled_.insert(static_cast<starter_id>(starters_.size()));
        work = maker.make(top, maker.context);
    } catch (...) {
        enabled_.erase(static_cast<starter_id>(starters_.size()));
        pool().release(memory);
        throw;
    }
    starter_record& born = starters_.add();
    born.owner = this;
    born.work = work;
    born.name = label;
    born.state = starter_state::not_begun;
    born.keeps_stack = work->result_type() != typeid(void);
    born.swallowed_unwindings = 0;
    born.waits_on = nullptr;
    born.flow.prepare(memory, align_down(top, 16), &live, &born);
    starter_by_label_[static_cast<std::size_t>(label)] = born.id;
    pending_.push_back(operation{});
    ++unfinished_;
    return born.id;
}

execution::outcome execution::run() {
    CPPVALDI_ASSERT(running_ == nobody, ==, true, "a driver drives only while no starter runs");
    execution* const outer = detail::current_execution;
    fiber driver;
    driver_ = &driver;
    detail::current_execution = this;
    allow_more_steps();
    last_running_ = nobody;
    const starter_id next = decide();
    if (next != nobody) {
        running_ = next;
        driver.switch_to(starters_[next].flow);
    }
    detail::current_execution = outer;
    driver_ = nullptr;
    return outcome_;
}

std::exception_ptr execution::take_exception() noexcept { return std::exchange(exception_, nullptr); }

void execution::note_pause(starter_id reached) {
    step pause;
    pause.event = step::what::paused;
    pause.starter = reached;
    steps_.push_back(pause);
}

void execution::reach(std::string_view name, operation announced) {
    if (unwinding_) {
        keep_unwinding();
        return;
    }
    announced.label = labels_.intern(name);
    if (announced.label <= implicit_label::blocked) {
        throw usage_error("checkpoint(\"" + std::string(name) + "\") at " + announced.where.text() + ": '" +
                          std::string(name) +
                          "' is a checkpoint that every starter has of itself; choose another name");
    }
    announced.kind = operation_kind::checkpoint;
    operation& mine = pending_[index(running_)];
    mine = announced;
    note(step::what::reached, mine);
    reschedule();
    if (unwinding_) {
        keep_unwinding();
    }
}

void execution::perform(object& on, const operation& announced, completion_test can_complete) {
    if (!try_perform(on, announced, can_complete)) {
        keep_unwinding();
    }
}

bool execution::try_perform(object& on, operation announced, completion_test can_complete) {
    if (unwinding_) {
        return false;
    }
    adopt(on);
    announced.object = on.id;
    starter_record& self = starters_[running_];
    pending_[index(self.id)] = announced;
    if (can_complete == nullptr) {
        reschedule();
    } else {
        if (!can_complete(on, self.id)) {
            enabled_.erase(self.id);
            note(step::what::blocked, announced);
        }
        link(on, self, can_complete);
        reschedule();
        unlink(self);
    }
    if (unwinding_) {
        return false;
    }
    note(step::what::did, announced);
    return true;
}

void execution::changed(object& on) {
    for (starter_id waiting = on.first_waiting; waiting != nobody; waiting = starters_[waiting].next_waiting) {
        if (starters_[waiting].can_complete(on, waiting)) {
            enabled_.insert(waiting);
        } else {
            enabled_.erase(waiting);
        }
    }
}

void execution::adopt(object& met) {
    if (met.execution_serial == serial_) {
        return;
    }
    met.met_by = this;
    met.execution_serial = serial_;
    met.id = static_cast<object_id>(object_names_.size() + 1);
    met.holder = nobody;
    met.first_waiting = nobody;
    met.last_waiting = nobody;
    object_names_.push_back(
        {labels_.intern(met.kind), met.name.empty() ? implicit_label::started : labels_.intern(met.name)});
}

starter_id execution::find(std::string_view name) const noexcept {
    label_id label{};
    const bool known = labels_.find(name, label) && static_cast<std::size_t>(label) < starter_by_label_.size();
    return known ? starter_by_label_[static_cast<std::size_t>(label)] : nobody;
}

std::string execution::object_text(object_id id) const {
    const object_name& named = object_names_[static_cast<std::size_t>(id) - 1];
    const std::string after = named.name == implicit_label::started ? std::to_string(static_cast<std::size_t>(id))
                                                                    : std::string(labels_.text(named.name));
    return std::string(labels_.text(named.kind)) + ' ' + after;
}

std::size_t execution::live_stacks() const noexcept {
    std::size_t live = 0;
    for (const auto& each : pools_) {
        live += each->live();
    }
    return live;
}

// --- the life of a starter ---

void execution::live(void* record) {
    auto& self = *static_cast<starter_record*>(record);
    self.owner->live_here(self);
}

void execution::live_here(starter_record& self) {
    self.state = starter_state::alive;
    allow_more_steps();
    note(step::what::began, pending_[index(self.id)]);
    starter_state ended_as = starter_state::finished;
    try {
        self.work->run();
    } catch (const unwinding_signal&) {
        ended_as = starter_state::abandoned;
    } catch (...) {
        if (!unwinding_) {
            exception_ = std::current_exception();
        }
        ended_as = starter_state::raised;
    }
    self.state = ended_as;
    finish(self);
}

void execution::finish(starter_record& self) {
    enabled_.erase(self.id);
    --unfinished_;
    allow_more_steps();
    if (unwinding_) {
        running_ = nobody;
        self.flow.leave_to(*driver_);
    }
    operation& last = pending_[index(self.id)];
    last = operation{};
    last.kind = operation_kind::finished;
    last.label = implicit_label::finished;
    const bool raised = self.state == starter_state::raised;
    note(raised ? step::what::raised : step::what::finished, last);
    if (!self.keeps_stack) {
        // What runs here runs on the stack that is given back, so it is given back by the next one to end.
        self.work->~job();
        self.work = nullptr;
        if (retired_.base != nullptr) {
            pool().release(retired_);
        }
        retired_ = self.flow.memory();
    }
    const starter_id next = raised ? stop(outcome::raised) : decide();
    running_ = next;
    self.flow.leave_to(next == nobody ? *driver_ : starters_[next].flow);
}

starter_id execution::stop(outcome why) noexcept {
    outcome_ = why;
    return nobody;
}

starter_id execution::decide() {
    if (enabled_.empty()) {
        last_running_ = running_;
        return stop(unfinished_ == 0 ? outcome::all_finished : outcome::stuck);
    }
    if (decisions_.size() >= last_step_allowed_) {
        return stop(outcome::out_of_steps);
    }
    starter_id next = nobody;
    try {
        next = strategy_->next(point());
        if (next != nobody && !enabled_.contains(next)) {
            throw usage_error("strategy::next returned starter " + std::to_string(index(next)) +
                              ", which is not enabled; return one of scheduling_point::enabled, or nobody");
        }
        if (next != nobody) {
            decisions_.push_back({decision::kind::starter, index(next)});
        }
    } catch (...) {
        exception_ = std::current_exception();
        return stop(outcome::raised);
    }
    return next == nobody ? stop(outcome::held) : next;
}

void execution::reschedule() {
    const starter_id next = decide();
    if (next != running_) {
        suspend(next);
    }
}

void execution::suspend(starter_id next) {
    fiber& self = starters_[running_].flow;
    running_ = next;
    self.switch_to(next == nobody ? *driver_ : starters_[next].flow);
}

// --- waiting ---

void execution::link(object& on, starter_record& waiting, completion_test can_complete) noexcept {
    waiting.waits_on = &on;
    waiting.can_complete = can_complete;
    waiting.next_waiting = nobody;
    waiting.previous_waiting = on.last_waiting;
    (on.last_waiting == nobody ? on.first_waiting : starters_[on.last_waiting].next_waiting) = waiting.id;
    on.last_waiting = waiting.id;
}

void execution::unlink(starter_record& waiting) noexcept {
    object& on = *waiting.waits_on;
    (waiting.previous_waiting == nobody ? on.first_waiting : starters_[waiting.previous_waiting].next_waiting) =
        waiting.next_waiting;
    (waiting.next_waiting == nobody ? on.last_waiting : starters_[waiting.next_waiting].previous_waiting) =
        waiting.previous_waiting;
    waiting.waits_on = nullptr;
}

// --- the end ---

/// Rule 8. While an exception is in flight, its way out is what unwinds; otherwise the unwinding begins, again if the code under
/// test has swallowed it.
void execution::keep_unwinding() {
    if (std::uncaught_exceptions() > 0) {
        return;
    }
    if (starters_[running_].swallowed_unwindings++ == most_swallowed_unwindings) {
        abandon("its code catches and drops the unwinding every time, in a loop");
    }
    throw unwinding_signal{};
}

void execution::unwind(starter_record& unfinished) noexcept {
    if (unfinished.state == starter_state::not_begun) {
        unfinished.work->drop();
        return;
    }
    if (unfinished.state != starter_state::alive) {
        return;
    }
    execution* const outer = detail::current_execution;
    fiber driver;
    driver_ = &driver;
    detail::current_execution = this;
    running_ = unfinished.id;
    driver.switch_to(unfinished.flow);
    running_ = nobody;
    detail::current_execution = outer;
    driver_ = nullptr;
}

/// Leaves a stack that cannot be unwound any further. What lies on it is not destroyed.
void execution::abandon(const char* why) noexcept {
    starter_record& self = starters_[running_];
    const std::string_view name = labels_.text(self.name);
    std::fprintf(
        stderr,
        "cppvaldi: starter '%.*s' could not be unwound to its end, what is left on its stack is not destroyed: %s\n",
        static_cast<int>(name.size()), name.data(), why);
    self.state = starter_state::abandoned;
    --unfinished_;
    running_ = nobody;
    self.flow.leave_to(*driver_);
}

void execution::on_terminate() {
    execution* const current = detail::current_execution;
    if (current != nullptr && current->unwinding_ && current->running_ != nobody) {
        current->abandon("it stood in a function that is noexcept, a destructor say");
    }
    std::abort();
}

// --- notes and memory ---

void execution::note(step::what event, const operation& noted) {
    steps_.push_back(step{.event = event,
                          .kind = noted.kind,
                          .format = noted.format,
                          .starter = running_,
                          .label = noted.label,
                          .object = noted.object,
                          .line = noted.where.line,
                          .file = noted.where.file,
                          .number = noted.number});
}

stack_pool& execution::pool() {
    for (const auto& each : pools_) {
        if (each->stack_size_bytes() >= options_.stack_size_bytes &&
            each->stack_size_bytes() < options_.stack_size_bytes + 4096) {
            return *each;
        }
    }
    pools_.push_back(std::make_unique<stack_pool>(options_.stack_size_bytes));
    return *pools_.back();
}

void execution::release_stack(starter_record& of) noexcept { pool().release(of.flow.memory()); }

bool execution::describe_running(running_stack& running) noexcept {
    const execution* const current = detail::current_execution;
    if (current == nullptr || current->running_ == nobody) {
        return false;
    }
    const starter_record& self = current->starters_[current->running_];
    running = {self.flow.memory(), current->labels_.text(self.name)};
    return true;
}

} // namespace cppvaldi
