#pragma once

#include "fiber/fiber.hpp"
#include "fiber/stack_pool.hpp"
#include "kernel/address_table.hpp"
#include "kernel/descriptor_set.hpp"
#include "kernel/execution_mode.hpp"
#include "kernel/front_door.hpp"
#include "kernel/journal.hpp"
#include "kernel/label_table.hpp"
#include "kernel/race_detector.hpp"
#include "kernel/starter_record.hpp"
#include "kernel/step.hpp"
#include "kernel/timer_queue.hpp"
#include "kernel/watched.hpp"
#include "kernel/watched_functions.hpp"
#include <cppvaldi/detail/object.hpp>

#include <cppvaldi/detail/current.hpp>
#include <cppvaldi/execution_options.hpp>
#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategy.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cppvaldi {

struct running_stack;

/// One run of a set of starters. The driver, ordinary code, calls `run()`; then starters run, one at a time, and at each
/// scheduling point the strategy says who goes on, until it says `nobody` or nobody can.
///
/// The rules of the design that this file keeps, by number:
///  1. Announce, then act: `reach` and `perform` write the pending operation before anything else.
///  2. Only starters whose pending operation could complete are in `enabled_`; `changed` keeps that true.
///  3. Staying is free; a change is one switch, from the old starter's fiber to the new one's.
///  4. Starters, objects and names are numbered by birth.
///  5. Choices other than who goes on are `choose`'s, and are recorded with the others.
///  6. Time is `now_`, and moves in `make_someone_ready` only; descriptors are polled there, and by who has just announced.
///  7. Exception state and `errno` go with the fiber.
///  8. `end` unwinds what has not finished, youngest first.
///  9. `spawn` guards every stack.
///  10. All containers are kept from one execution to the next.
///  12. `detail::current_execution` is null unless a starter runs.
class execution {
public:
    /// Why `run` came back.
    enum class outcome : std::uint8_t {
        held,         ///< the strategy said `nobody`
        all_finished, ///< every starter has ended
        stuck,        ///< some have not, and none of them is enabled
        deadlocked,   ///< some wait for each other in a circle, whatever the others do
        livelocked,   ///< they go round in circles: for a long time none has changed anything
        raised,       ///< an exception left a starter, or the strategy, or the library was misused
        out_of_steps, ///< the step limit
    };

    using mode = execution_mode;

    /// How an operation came to its end.
    enum class completion : std::uint8_t {
        done,
        timed_out,
        unwound, ///< not at all: the execution is being unwound
    };

    execution();
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;
    ~execution();

    // --- the driver's side ---

    /// Begins an execution under `decides`, which must outlive it. REQUIRES: none is under way.
    void begin(strategy& decides, const execution_options& options, mode how);

    /// From now on `decides` takes the decisions. REQUIRES: an execution is under way, and none of its starters runs.
    void decide_by(strategy& decides) noexcept { strategy_ = &decides; }

    /// From now on a timed wait may time out although others can run, and nobody is asked before the world outside is waited for,
    /// as in a search; or the other way round. REQUIRES: as `decide_by`.
    void behave_as_in_search(bool wanted) noexcept;

    /// Unwinds every starter that has not finished, youngest first, and gives all stacks back. Nothing if none is under way.
    void end() noexcept;

    /// Makes a starter that waits at `started`. Called by the driver, or by a starter; to make one is not a scheduling point.
    /// One that is made while the execution is being unwound never begins.
    /// REQUIRES: `find(name) == nobody`.
    starter_id spawn(std::string_view name, detail::job_shape shape, detail::job_maker maker);

    /// Lets starters run. REQUIRES: the OS thread that called `begin`; not called by one of this execution's starters.
    [[nodiscard]] outcome run();

    /// Returns what left a starter, and forgets it.
    [[nodiscard]] std::exception_ptr take_exception() noexcept;

    /// Notes in the trace that the driver has control, since `reached` stands at the checkpoint `label`.
    void note_pause(starter_id reached, label_id label);

    // --- the starters' side. MAY SWITCH: `reach` and what begins with `perform` ---

    /// Announces a checkpoint of the running starter, that carries `value` if it is not null.
    void reach(std::string_view name, const checkpoint_value* value, const place& where);

    /// The same without a value, but returns false instead of unwinding: for callers that an exception must not pass through.
    [[nodiscard]] bool try_reach(std::string_view name, const place& where);

    /// Announces an operation on `on` and returns when it has been chosen, so that the caller performs it now. It is chosen
    /// only when `can_complete` says so; null means always. Unwinds the starter when the execution ends meanwhile.
    void perform(object& on, const operation& announced, completion_test can_complete);

    /// The same, but gives up at `deadline`; returns false then.
    [[nodiscard]] bool perform_until(object& on, const operation& announced, completion_test can_complete,
                                     virtual_time deadline);

    /// The same, but returns `unwound` instead of unwinding: for callers that an exception must not pass through.
    [[nodiscard]] completion perform_quietly(object& on, const operation& announced, completion_test can_complete,
                                             virtual_time deadline = never);

    /// Announces an operation that is always possible, on no object or on one that nobody ever waits for by it. It never throws,
    /// so that it may stand in functions that the standard calls `noexcept`.
    void perform_always(object& on, const operation& announced) noexcept {
        (void)perform_quietly(on, announced, nullptr);
    }

    /// What is done to a value that starters share, beside which one and where. It fits in a register.
    struct access_request {
        operation_kind kind = operation_kind::load;
        access_kind access = access_kind::none;
        value_format shown = value_format::none; ///< how the trace prints the value
    };

    /// Announces an operation that is always possible on an object that has its number already. Returns where the trace keeps the
    /// value that it deals with, to be written by the caller, or null if there is no trace.
    ///
    /// While the execution is unwound the operation is let pass a few times, so that functions that are `noexcept` come to their
    /// end, and then the starter is unwound, so that it does not spin for ever.
    [[nodiscard]] std::int64_t* access(object_id on, access_request asked, const place& where) {
        return try_access(on, asked, where) ? note_access(on, asked, where) : pass_access(most_passed_accesses);
    }

    /// The same, but it never throws. REQUIRES: nobody spins on it alone.
    [[nodiscard]] std::int64_t* access_quietly(object_id on, access_request asked, const place& where) noexcept {
        return try_access(on, asked, where) ? note_access(on, asked, where) : pass_access(no_limit);
    }

    /// Makes an access to plain memory known. It is a scheduling point only if the options ask for that, and after very many reads
    /// without any. If it races with another one, and races are wanted, the driver is handed a `data_race`.
    [[nodiscard]] std::int64_t* access_plainly(object_id on, access_request asked, const place& where);

    /// Waits until the operating system says that `descriptor` is ready for `events`, as in poll(2). Returns false at the deadline.
    [[nodiscard]] bool perform_when_ready(object& on, const operation& announced, int descriptor, short events,
                                          virtual_time deadline);

    /// The same for one of several.
    [[nodiscard]] bool perform_when_ready(object& on, const operation& announced, std::span<const pollfd> descriptors,
                                          virtual_time deadline);

    /// Goes on when time has come to `deadline`.
    void sleep_until(virtual_time deadline, const place& where);

    /// Lets others go first, if there are any.
    void yield(const place& where);

    /// Takes a decision that is not about who goes on: a value below `count`. REQUIRES: `count` is positive.
    [[nodiscard]] std::uint32_t choose(std::uint32_t count);

    /// Says that the operation that has just been performed has left everything as it was.
    void changed_nothing() noexcept { last_changed_nothing_ = asked_.last.unchanged = true; }

    /// Says that the operation that has just been performed did not succeed, so that it has changed nothing.
    void failed() noexcept {
        last_changed_nothing_ = true;
        asked_.last.failed = !opaque_;
        if (mode_.tracing && !unwinding_ && !looking_) {
            steps_.last().failed = true;
        }
    }

    /// What a strategy is told of the step, if it needs that; see `step_result`. Without `known` a compare-exchange counts as one
    /// that does not fail.
    void note_found(std::uint64_t bits) noexcept;
    void note_expected(std::uint64_t bits, bool known) noexcept;

    /// Notes in which state the running starter is before an access that it may wait by; `registers` is where they have been saved, `expected` what it compares with.
    [[nodiscard]] bool wants_local_states() const noexcept { return mode_.results && !unwinding_ && !looking_; }
    void note_local_state(const void* registers, std::uint64_t expected) noexcept;
    void note_unheard() noexcept { asked_.last.failed = true; }
    void note_given_up(object_id mutex) noexcept { asked_.last.given_up = mutex; }
    void note_ordered(bool ordered) noexcept { asked_.last.ordered = ordered; }
    void note_left(std::ptrdiff_t before, std::ptrdiff_t left) noexcept;

    /// Orders what the running starter has done, or does from now on, with what others do, for the race detector.
    void order(clock_step how, object_id through);
    void order_after_end(starter_id ended); ///< it has come back from a join

    /// Returns the race that the execution has shown, or null.
    [[nodiscard]] const race* found_race() const noexcept { return races_.found(); }

    /// For who keeps accesses himself: begins to watch if races are wanted; returns true if it watches. And hands a race to the driver.
    [[nodiscard]] bool watch_races();
    [[nodiscard]] const race_detector& races() const noexcept { return races_; }
    void report_race(const race& seen) noexcept;

    /// Says where objects come from, if the strategy needs that: the running starter constructs one.
    void note_birth(std::uint64_t& born_in, object_id& birth) noexcept;

    /// Where an object comes from that is constructed at `address`, or what is referenced there.
    [[nodiscard]] object_origin origin_of(std::uint64_t born_in, object_id birth, const void* address) const noexcept;
    [[nodiscard]] object_origin origin_of_referenced(const void* address) const noexcept;

    /// Takes note that the running starter is refused something because it is being unwound, in a place where that cannot be thrown.
    /// Gives it up if it tries again and again.
    void refuse() noexcept;

    /// Asks for every pending operation on `on` whether it can complete now. Called when the state of `on` has changed.
    void changed(object& on);

    /// Takes who waits for `gone` off it.
    void forget_waiting(object& gone) noexcept;

    /// Numbers `met` if this execution has not met it; returns true then.
    bool adopt(object& met);

    /// Numbers something that starters share and that keeps its number itself.
    [[nodiscard]] object_id number_object(std::string_view kind, std::string_view name, const object_origin& origin);

    /// Returns the number of what lies at `address`; if it is 0, the caller numbers it there.
    [[nodiscard]] object_id& object_at(const void* address) { return objects_at_.at(address); }

    /// Who waits for a change of an atomic.
    struct change_waiter {
        object_id object;
        starter_id who;
    };

    /// Returns them in the order in which they began to.
    [[nodiscard]] std::vector<change_waiter>& change_waiters() noexcept { return change_waiters_; }

    /// Hands `problem` to the driver, which throws it. For misuse that is found where nothing may be thrown, in a destructor say.
    /// MAY SWITCH.
    void fault(std::exception_ptr problem) noexcept;

    /// Makes the beginning and the end of a function checkpoints, `before NAME` and `after NAME`. Called by the driver, too.
    void watch_function(const void* function, std::string_view name);

    enum class side : std::uint8_t { before, after };

    /// The running starter enters or leaves a function, whose stack ends at `frame`; a checkpoint if it is watched.
    void pass_function(const void* function, side where, std::uintptr_t frame);

    /// Calls a starter something else from now on. REQUIRES: `find(name) == nobody`.
    void rename(starter_id of, std::string_view name);

    /// Unwinds the running starter. REQUIRES: `unwinding()`.
    void unwind_further() { keep_unwinding(); }

    /// Leaves the running starter's stack for good, without a word: it is being unwound, and stands in code that an exception cannot
    /// pass. What lies there is not destroyed. REQUIRES: `unwinding()`.
    [[noreturn]] void abandon() noexcept;

    /// What a front door keeps here; it is destroyed with the execution object.
    [[nodiscard]] std::unique_ptr<front_door_state>& front_door_keeps() noexcept { return front_door_keeps_; }

    /// Has `check` called at every scheduling point until the running starter has ended; what it throws goes to the driver.
    void watch(std::function<void()> check);

    /// Has `action` called at the end of the running starter, the last one first.
    void at_exit(std::function<void()> action);

    /// Has `action` called after those, when all that is local to the running starter is gone; the first one first.
    void after_exit(std::function<void()> action);

    // --- what can be seen ---

    [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }

    /// True if the execution before this one on this object was `serial`, and all of it went to its end by itself. Otherwise
    /// what it has left behind does not say that the code under test is wrong.
    [[nodiscard]] bool comes_after(std::uint64_t serial) const noexcept { return serial == last_completed_; }

    [[nodiscard]] starter_id running() const noexcept { return running_; }
    [[nodiscard]] bool driving() const noexcept { return driver_ != nullptr; }
    [[nodiscard]] bool unwinding() const noexcept { return unwinding_; }
    [[nodiscard]] bool looking() const noexcept { return looking_; }
    [[nodiscard]] starter_table& starters() noexcept { return starters_; }
    [[nodiscard]] const starter_table& starters() const noexcept { return starters_; }
    [[nodiscard]] std::size_t unfinished() const noexcept { return unfinished_; }
    [[nodiscard]] const starter_set& enabled() const noexcept { return enabled_; }
    [[nodiscard]] std::span<const operation> pending() const noexcept {
        return {pending_.data(), starters_.size()}; // which are as many, without a division
    }
    [[nodiscard]] label_table& labels() noexcept { return labels_; }
    [[nodiscard]] const label_table& labels() const noexcept { return labels_; }
    [[nodiscard]] std::span<const step> steps() const noexcept { return steps_.entries(); }
    [[nodiscard]] std::span<const decision> decisions() const noexcept { return decisions_.entries(); }
    [[nodiscard]] const execution_options& options() const noexcept { return options_; }
    [[nodiscard]] scheduling_point point() const noexcept {
        scheduling_point now = asked_;
        now.running = running_;
        now.step = decisions_.size();
        return now;
    }
    [[nodiscard]] bool is_blocked(starter_id id) const noexcept { return point().blocked(id); }
    [[nodiscard]] virtual_time now() const noexcept { return now_; }
    [[nodiscard]] std::string_view name_of(starter_id id) const noexcept { return labels_.text(starters_[id].name); }

    /// Returns the starter of that name, or `nobody`.
    [[nodiscard]] starter_id find(std::string_view name) const noexcept;

    /// Returns how many starters have been given a number because another one is called `name`; the caller counts them.
    [[nodiscard]] std::uint32_t& namesakes_of(std::string_view name);

    /// Returns what an object is called in reports: `database bank.db`, or `mutex 2` for the second object of the execution.
    [[nodiscard]] std::string object_text(object_id id) const;

    /// Returns who announced something last, if `run` came back because nobody was enabled then.
    [[nodiscard]] starter_id last_running() const noexcept { return last_running_; }

    /// Returns who came upon a fault and stands there, in the middle of its code, or `nobody`.
    [[nodiscard]] starter_id faulted() const noexcept { return faulted_; }

    /// True if the caller is on the OS thread that called `begin`.
    [[nodiscard]] bool on_its_thread() const noexcept { return thread_mark_ == &detail::current_execution; }

    [[nodiscard]] std::size_t live_stacks() const noexcept;

    [[nodiscard]] object& descriptor(int number) { return descriptors_.object_of(number); }

private:
    /// After so many steps of one starter that change nothing, one after the other, the others go first.
    static constexpr std::uint32_t most_idle_steps = 50;

    /// After so many steps of all starters together that change nothing, they go round in circles.
    static constexpr std::uint64_t most_quiet_steps = 20'000;

    /// After so many accesses of a starter that is being unwound it is.
    static constexpr std::uint32_t most_passed_accesses = 16;
    static constexpr std::uint32_t no_limit = 0xffff'ffff;

    struct unwinding_signal {};

    struct object_name {
        label_id kind;
        label_id name; ///< `implicit_label::started` if it has none
    };

    static void live(void* record);
    static bool describe_running(running_stack& running) noexcept;
    static void report_crash(int signal) noexcept;
    static void on_terminate();

    void live_here(starter_record& self);
    [[noreturn]] void finish(starter_record& self);
    [[noreturn]] void abandon(const char* why) noexcept;

    [[nodiscard]] starter_id decide();
    [[nodiscard]] starter_id decide_with_care();
    [[nodiscard]] starter_id ask_strategy();
    [[nodiscard]] bool refuses_shared(const object& met);
    [[nodiscard]] starter_id ask_further(starter_id answer);
    [[nodiscard]] bool watched_all_hold();
    void take(decision::kind what, std::uint32_t chosen);
    void wake_resting(starter_id chosen);
    [[noreturn]] static void refuse_choice(starter_id chosen);
    [[noreturn]] static void refuse_name(std::string_view name, const place& where);
    [[nodiscard]] starter_id stop(outcome why) noexcept;
    [[nodiscard]] starter_id stop_idle() noexcept;
    [[nodiscard]] bool make_someone_ready();
    [[nodiscard]] bool asks_before_waiting() noexcept;
    [[nodiscard]] bool is_ready_outside(std::chrono::milliseconds patience) noexcept;
    void move_time() noexcept;
    void wake_who_is_due() noexcept;
    void enable(starter_id who) noexcept;
    [[nodiscard]] operation& announce(bool may_rest) noexcept;
    void performs(operation_kind kind, access_kind access) noexcept;
    static void write_down(operation& there, const operation& announced, object_id on) noexcept;
    completion completed(const operation& announced);
    completion perform_aside(object& on, completion_test can_complete);
    void begin_to_wait(object& on, const operation& announced, virtual_time deadline);
    completion await_turn(starter_id next, object& on, completion_test can_complete, virtual_time deadline,
                          bool is_late);
    void rest() noexcept;
    void stop_resting(bool something_has_changed) noexcept;
    void block(starter_record& self, operation_kind kind);
    [[nodiscard]] bool closes_cycle(const starter_record& last);
    [[nodiscard]] bool leads_to(const starter_record& from, starter_id target);
    void allow_more_steps() noexcept {
        const std::uint64_t so_far = decisions_.size();
        last_step_allowed_ = so_far + std::min(options_.step_limit, ~so_far); // the largest limit is no limit
        asked_.last_step = last_step_allowed_;
        last_changing_step_ = so_far;
    }
    void reschedule();
    void suspend(starter_id next);
    void keep_unwinding();
    void pass_unwound() noexcept;

    void link(object& on, starter_record& waiting, completion_test can_complete) noexcept;
    void unlink(starter_record& waiting) noexcept;

    [[nodiscard]] bool try_access(object_id on, access_request asked, const place& where);
    [[nodiscard]] std::int64_t* note_access(object_id on, access_request asked, const place& where);
    std::int64_t* pass_access(std::uint32_t limit);

    void order_watched(clock_step how, object_id through);
    [[nodiscard]] std::int64_t* watch_access(object_id on, access_request asked, const place& where,
                                             std::int64_t* noted);
    void leave_stale_function();
    void reach_function(std::uint32_t first, side where);

    void note(step::what event, const operation& noted);
    void unwind_all() noexcept;
    void unwind(starter_record& unfinished) noexcept;
    void choose_pool();

    strategy* strategy_ = nullptr;
    execution_options options_;
    mode mode_;
    std::uint64_t serial_ = 0;
    std::uint64_t last_completed_ = 0; ///< the serial of the execution before, if it went to its end
    bool some_raised_ = false;
    const void* thread_mark_ = nullptr;

    starter_table starters_;
    std::vector<operation> pending_;
    starter_set enabled_;
    starter_set could_time_out_; ///< of those, who would only time out, before their deadline
    starter_set forced_;         ///< of those, who begins or comes back from a join
    scheduling_point
        asked_; ///< what the strategy is asked, but for who runs and the step; its parts are kept up to date
    std::size_t unfinished_ = 0;
    starter_id running_ = nobody;
    starter_id last_running_ = nobody;
    starter_id faulted_ = nobody;
    fiber driver_flow_;
    execution* outer_ = nullptr; ///< whose starter the driver is, while starters run
    fiber* driver_ = nullptr;    ///< the same, while starters run
    bool unwinding_ = false;
    outcome outcome_ = outcome::held;
    std::uint64_t last_step_allowed_ = 0;
    std::exception_ptr exception_;

    virtual_time now_{0};
    object clock_{"clock"}; ///< what sleepers wait for
    timer_queue timers_;
    descriptor_set descriptors_;

    std::vector<watched> watched_;
    watched_functions functions_;
    bool looking_ = false; ///< what is watched is being checked: operations are performed without a scheduling point

    // Who goes round in circles.
    starter_set resting_;
    starter_set dormant_; ///< those of them that others only wake by changing something
    bool last_changed_nothing_ = false;
    std::uint32_t idle_steps_ = 0;         ///< how many steps the running starter has made that changed nothing
    std::uint64_t last_changing_step_ = 0; ///< of any starter
    starter_id cycle_member_ = nobody;     ///< who has closed a cycle of waiting starters
    starter_set fanned_out_; ///< whose several holders have been asked already, while a cycle is looked for

    std::uint32_t plain_reads_ = 0; ///< how many the running starter has made since anything else

    // What only a strategy that needs it is told.
    bool opaque_ = false;                ///< the compare-exchange under way is on a value that is more than a number
    std::vector<std::uint64_t> states_;  ///< by starter: see `local_state`
    std::vector<object_origin> origins_; ///< by object
    std::vector<object_origin> births_;  ///< of all objects that starters have constructed

    race_detector races_;
    std::int64_t unread_ = 0;                 ///< where values are noted if there is no trace
    std::int64_t* noted_elsewhere_ = nullptr; ///< the same, or null if nobody wants to hear of them

    label_table labels_;
    address_table objects_at_;
    std::vector<change_waiter> change_waiters_;
    std::vector<starter_id> starter_by_label_;
    std::vector<std::uint32_t> namesakes_; ///< by label
    std::vector<object_name> object_names_;
    journal<decision> decisions_;
    journal<step> steps_;

    std::vector<std::unique_ptr<stack_pool>> pools_;
    stack_pool* pool_ = nullptr; ///< the one for this execution's stacks
    std::unique_ptr<front_door_state> front_door_keeps_;
    stack retired_; // of a starter that ended on it, until somebody else runs
};

} // namespace cppvaldi

#include "kernel/execution_steps.hpp"
