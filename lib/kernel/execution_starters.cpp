/// The life of a starter, from `spawn` to its end or its unwinding.

#include "fiber/local_state.hpp"
#include "fiber/stack_guard.hpp"
#include "kernel/execution.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace cppvaldi {

namespace {

/// A starter that keeps swallowing its unwinding is given up after so many times.
constexpr std::uint32_t most_swallowed_unwindings = 100;

/// The same for one that stands in a C library, where its unwinding cannot be thrown. More, for it may have that much to do on its
/// way out.
constexpr std::uint32_t most_refusals = 10'000;

/// So many starters may be there that have not begun, when another one makes one more: then nothing but memory would stop it.
constexpr std::size_t most_not_begun = 16'384;

/// And one that comes to so many scheduling points in its destructors waits there for what will not happen any more.
constexpr std::uint32_t most_points_unwound = 1'000'000;

std::byte* align_down(std::byte* address, std::size_t alignment_bytes) noexcept {
    return address - reinterpret_cast<std::uintptr_t>(address) % alignment_bytes;
}

/// REQUIRES: called on the starter's own stack.
void run_exit_actions(starter_record& of) noexcept {
    while (!of.at_exit.empty()) {
        const std::function<void()> action = std::move(of.at_exit.back());
        of.at_exit.pop_back();
        action();
    }
    if (linked_front_door != nullptr) {
        linked_front_door->starter_ends(*of.owner, of.id);
    }
    for (std::size_t position = 0; position < of.after_exit.size(); ++position) {
        const std::function<void()> action = std::move(of.after_exit[position]);
        action();
    }
    of.after_exit.clear();
}

} // namespace

starter_id execution::spawn(std::string_view name, detail::job_shape shape, detail::job_maker maker) {
    if (shape.size_bytes + shape.alignment_bytes > options_.stack_size_bytes / 2) {
        throw usage_error(
            "starter '" + std::string(name) + "': its callable and arguments take " + std::to_string(shape.size_bytes) +
            " bytes, more than half of its stack of " + std::to_string(options_.stack_size_bytes) +
            "; raise execution_options::stack_size_bytes, or pass large arguments by std::ref or pointer");
    }
    if (running_ != nobody && forced_.size() > most_not_begun) {
        const std::exception_ptr problem = std::make_exception_ptr(step_limit_reached(
            "starter '" + std::string(name_of(running_)) + "' makes more than " + std::to_string(most_not_begun) +
            " starters before any of them begins; if that is not a loop without end, have it join some"));
        fault(problem);
        std::rethrow_exception(problem); // out of the loop, now that the execution is unwound
    }
    const label_id label = labels_.intern(name); // which may be an argument too, and gone after the move
    const stack memory = pool_->acquire();
    std::byte* top = align_down(memory.base - shape.size_bytes, shape.alignment_bytes);
    detail::job* work = nullptr;
    try {
        work = maker.make(top, maker.context); // copies and moves: code under test, which may reach checkpoints
        pending_.reserve(starters_.size() + 1 > pending_.capacity() ? 2 * (starters_.size() + 4) : 0);
        if (static_cast<std::size_t>(label) >= starter_by_label_.size()) {
            starter_by_label_.resize(2 * static_cast<std::size_t>(label) + 1, nobody);
        }
        enabled_.insert(static_cast<starter_id>(starters_.size()));
        forced_.insert(static_cast<starter_id>(starters_.size()));
    } catch (...) {
        if (work != nullptr) {
            work->~job();
        }
        enabled_.erase(static_cast<starter_id>(starters_.size()));
        pool_->release(memory);
        throw;
    }
    const std::size_t births = births_.size();
    const std::uint64_t own_births = running_ == nobody ? 0 : starters_[running_].births;
    starter_record& born = starters_.add(); // which may construct records: nothing that the code under test has made
    births_.resize(births);
    if (running_ != nobody) {
        starters_[running_].births = own_births;
    }
    born.owner = this;
    born.work = work;
    born.name = label;
    born.state = starter_state::not_begun;
    born.keeps_stack = work->result_type() != typeid(void);
    born.swallowed_unwindings = 0;
    born.refusals = 0;
    born.points_unwound = 0;
    born.rested_after = 0;
    born.vain_rests = 0;
    born.waits_on = nullptr;
    born.waits_for_ever = false;
    born.at_exit.clear();
    born.after_exit.clear();
    born.open_functions.clear();
    born.end.execution_serial = 0;
    born.end.id = {};
    born.births = 0;
    if (mode_.results) {
        clear_below(align_down(top, 16));
        births_.push_back({born.id, 0});
        born.end.born_in = serial_ | detail::born_mark;
        born.end.birth = static_cast<object_id>(births_.size());
    }
    born.end.name = labels_.text(label);
    born.flow.prepare(memory, align_down(top, 16), &live, &born);
    if (linked_front_door != nullptr) {
        born.flow.run_with(linked_front_door->starter_made(*this, born.id));
    }
    starter_by_label_[static_cast<std::size_t>(label)] = born.id;
    pending_.push_back(operation{});
    asked_.pending = pending_;
    ++unfinished_;
    if (races_.watching()) {
        races_.start(born.id, running_);
    }
    return born.id;
}

void execution::live(void* record) {
    auto& self = *static_cast<starter_record*>(record);
    detail::current_execution = self.owner; // it may have a thread's own world
    self.owner->live_here(self);
}

void execution::live_here(starter_record& self) {
    self.state = starter_state::alive;
    last_changed_nothing_ = false;
    allow_more_steps();
    note(step::what::began, pending_[index(self.id)]);
    starter_state ended_as = starter_state::finished;
    try {
        struct exit_actions {
            starter_record& of;
            ~exit_actions() { run_exit_actions(of); }
        } at_exit{self};
        if (mode_.results) {
            call_afresh([](void* work) { static_cast<detail::job*>(work)->run(); }, self.work, self.frames_begin);
        } else {
            self.work->run();
        }
    } catch (const unwinding_signal&) {
        ended_as = starter_state::abandoned;
        if (!unwinding_) { // it was kept, as an exception_ptr, since an execution that is over
            exception_ = std::make_exception_ptr(usage_error(
                "starter '" + std::string(name_of(self.id)) +
                "' threw the unwinding of an execution that is over; catch (...) blocks that keep what they "
                "catch must not throw it again in another execution"));
            ended_as = starter_state::raised;
        }
    } catch (...) {
        if (!unwinding_) {
            exception_ = std::current_exception();
        }
        ended_as = starter_state::raised;
    }
    self.state = ended_as;
    finish(self);
}

void execution::note_local_state(const void* registers, std::uint64_t expected) noexcept {
    states_.resize(starters_.size());
    asked_.states = states_;
    const starter_record& self = starters_[running_];
    states_[index(running_)] = local_state(registers, expected, {self.frames_begin, self.work}, self.flow.memory());
}

void execution::finish(starter_record& self) {
    enabled_.erase(self.id);
    if (!resting_.empty()) {
        stop_resting(true);
    }
    last_changed_nothing_ = false;
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
            pool_->release(retired_);
        }
        retired_ = self.flow.memory();
    }
    some_raised_ = some_raised_ || raised;
    if (self.end.execution_serial == serial_) { // somebody has joined it, or is about to
        changed(self.end);
    }
    const starter_id next = raised ? stop(outcome::raised) : decide();
    running_ = next;
    self.flow.leave_to(next == nobody ? *driver_ : starters_[next].flow);
}

/// Rule 8. While an exception is in flight, its way out is what unwinds; otherwise the unwinding begins, again if the code under
/// test has swallowed it.
void execution::keep_unwinding() {
    pass_unwound();
    if (std::uncaught_exceptions() > 0) {
        return;
    }
    if (starters_[running_].swallowed_unwindings++ == most_swallowed_unwindings) {
        abandon("its code catches and drops the unwinding every time, in a loop");
    }
    throw unwinding_signal{};
}

void execution::refuse() noexcept {
    if (++starters_[running_].refusals == most_refusals) {
        abandon("its code tries again every time it is refused, in a loop");
    }
}

void execution::pass_unwound() noexcept {
    if (starters_[running_].points_unwound++ == most_points_unwound) {
        abandon("a destructor goes on and on, as if it waited for something in a loop");
    }
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
    driver_flow_.stand_here();
    driver_ = &driver_flow_;
    detail::current_execution = this;
    running_ = unfinished.id;
    driver_flow_.switch_to(unfinished.flow);
    running_ = nobody;
    detail::current_execution = outer;
    driver_ = nullptr;
}

/// Leaves a stack that cannot be unwound any further. What lies on it is not destroyed.
void execution::abandon(const char* why) noexcept {
    const std::string_view name = labels_.text(starters_[running_].name);
    std::fprintf(
        stderr,
        "cppvaldi: starter '%.*s' could not be unwound to its end, what is left on its stack is not destroyed: %s\n",
        static_cast<int>(name.size()), name.data(), why);
    abandon();
}

void execution::abandon() noexcept {
    starter_record& self = starters_[running_];
    self.state = starter_state::abandoned;
    --unfinished_;
    fiber::end_handlers();
    running_ = nobody;
    self.flow.leave_to(*driver_);
}

void execution::on_terminate() {
    execution* const current = detail::current_execution;
    if (current != nullptr && current->unwinding_ && current->running_ != nobody) {
        if (linked_front_door !=
            nullptr) { // code under test that knows nothing of unwinding: an std::thread that is not joined, say
            current->abandon();
        }
        current->abandon("it stood in a function that is noexcept, a destructor say");
    }
    std::abort();
}

void execution::at_exit(std::function<void()> action) { starters_[running_].at_exit.push_back(std::move(action)); }

void execution::after_exit(std::function<void()> action) {
    starters_[running_].after_exit.push_back(std::move(action));
}

void execution::unwind_all() noexcept {
    unwinding_ = true;
    races_.stop();
    bool some_are_alive = false;
    for (std::size_t position = 0; position < starters_.size(); ++position) {
        starter_record& each = starters_[static_cast<starter_id>(position)];
        if (each.waits_on != nullptr) { // which may be gone before it is
            forget_waiting(*each.waits_on);
        }
        some_are_alive = some_are_alive || each.state == starter_state::alive;
    }
    const std::terminate_handler previous = some_are_alive ? std::set_terminate(&on_terminate) : nullptr;
    for (std::size_t below = starters_.size(); below > 0; --below) {
        unwind(starters_[static_cast<starter_id>(below - 1)]);
    }
    if (some_are_alive) {
        std::set_terminate(previous);
    }
    // Those that were made meanwhile, by destructors, are among these; they never begin.
    for (std::size_t position = 0; position < starters_.size(); ++position) {
        starter_record& ended = starters_[static_cast<starter_id>(position)];
        if (ended.work != nullptr) {
            ended.work->~job();
            ended.work = nullptr;
            pool_->release(ended.flow.memory());
        }
    }
    if (retired_.base != nullptr) {
        pool_->release(retired_);
        retired_ = {};
    }
    unwinding_ = false;
}

void execution::choose_pool() {
    if (pool_ != nullptr && pool_->stack_size_bytes() == options_.stack_size_bytes) {
        return;
    }
    const std::size_t size_bytes = stack_pool::rounded_size_bytes(options_.stack_size_bytes);
    const auto known = std::find_if(pools_.begin(), pools_.end(),
                                    [&](const auto& each) { return each->stack_size_bytes() == size_bytes; });
    pool_ = known != pools_.end() ? known->get() : pools_.emplace_back(std::make_unique<stack_pool>(size_bytes)).get();
}

std::size_t execution::live_stacks() const noexcept {
    std::size_t live = 0;
    for (const auto& each : pools_) {
        live += each->live();
    }
    return live;
}

bool execution::describe_running(running_stack& running) noexcept {
    const execution* const current = detail::current_execution;
    if (current == nullptr || current->running_ == nobody) {
        return false;
    }
    const starter_record& self = current->starters_[current->running_];
    running = {self.flow.memory(), current->labels_.text(self.name)};
    return true;
}

/// Afterwards there is no execution any more: whoever handles the signal may leave the starter's stack for good.
void execution::report_crash(int signal) noexcept {
    const execution* const current = std::exchange(detail::current_execution, nullptr);
    if (current != nullptr && current->running_ != nobody && current->mode_.on_crash != nullptr) {
        current->mode_.on_crash(*current, signal);
    }
}

} // namespace cppvaldi
