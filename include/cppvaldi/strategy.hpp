#pragma once

#include <cppvaldi/operation.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cppvaldi {

/// A strategy's answer for "none of those who are enabled". As if there were none, whoever rests, sleeps or waits for something
/// from outside is made ready, and the strategy asked again, with `running` set to `nobody`; if there is no such one, control
/// goes back to the driver.
inline constexpr starter_id somebody_else{0xffff'fffe};

/// What the last step has come to, as far as nobody could know before, a value.
struct step_result {
    /// It has not done what it is called: a compare-exchange that exchanged nothing, a try_lock that locked nothing, a wait that
    /// timed out, a notification that nobody heard.
    bool failed = false;

    /// It compares: a compare-exchange, or the load of an `atomic::wait`; with what it compares.
    bool compared = false;
    std::uint64_t expected = 0;

    /// What was there before the step, of an atomic whose value is a number, at least as its bits are.
    bool has_found = false;
    std::uint64_t found = 0;

    /// It has written what was there.
    bool unchanged = false;

    /// Of a wait on a condition: the mutex that it has given up in the same step.
    object_id given_up{};

    /// Of an arrival at a barrier: the last one runs a function, so that it matters which that is.
    bool ordered = false;

    /// How many permits a semaphore had before and has now, or how many arrivals a barrier misses in this phase, or how many
    /// callbacks a stop request is calling.
    std::uint64_t before = 0;
    std::uint64_t left = 0;
};

/// Where an object comes from, a value: the same for the same object in every interleaving, unlike its number.
struct object_origin {
    starter_id made_by = nobody; ///< `nobody` for what was there before the execution
    std::uint64_t number = 0;    ///< which one of those that `made_by` has made, from 1; 0 is the starter's own end

    friend bool operator==(const object_origin&, const object_origin&) = default;
};

/// What things are called, for a strategy that goes by names. An interface: a strategy does not see executions.
class step_names {
public:
    virtual ~step_names() = default;

    [[nodiscard]] virtual std::string_view starter(starter_id id) const = 0;

    /// Returns what the starter will do next: `checkpoint read`, `lock mutex door`.
    [[nodiscard]] virtual std::string operation(starter_id id) const = 0;
};

/// What a strategy needs beside what every scheduling point shows, a value.
struct strategy_needs {
    bool results = false; ///< `step_result` is complete, and objects have origins
    bool names = false;   ///< `scheduling_point::names` is set
};

/// What a strategy decides on, a value: it can be made by hand, without any fiber, to test a strategy.
struct scheduling_point {
    const starter_set& enabled;         ///< who could go on now
    std::span<const operation> pending; ///< what each starter will do next, by id
    starter_id running = nobody;        ///< who has just announced its next operation; `nobody` when the driver resumes
    std::uint64_t step = 0;             ///< how many decisions this execution has taken

    /// Who could go on too, but has just yielded, or has been going round in circles: they are not in `enabled` until another
    /// starter has made a step. Null stands for nobody.
    const starter_set* resting = nullptr;

    /// Who of the enabled would only let a wait time out, before time has come to its deadline. Null stands for nobody.
    const starter_set* early = nullptr;

    /// What the step before has come to, of the starter that was chosen last; and the origin of each object, by its number less 1.
    /// For a strategy that needs them.
    step_result last{};
    std::span<const object_origin> origins{};
    bool watched = false; ///< an invariant is checked at every scheduling point

    /// Who of the enabled begins, or comes back from a join: see `lib/strategies/forced.hpp`. Null stands for "look for yourself".
    const starter_set* forced = nullptr;

    const step_names* names = nullptr; ///< for a strategy that needs them

    /// By starter, for a strategy that needs results: a number for all that it had on its stack and in its registers when it
    /// announced the load or compare-exchange that it will do next; 0 if that is not known.
    std::span<const std::uint64_t> states{};

    std::uint64_t last_step = ~std::uint64_t{0}; ///< after so many decisions the limit on steps ends the execution

    /// True if `id` can only go on after another has acted. One that sleeps is not: its time will come.
    [[nodiscard]] bool blocked(starter_id id) const noexcept {
        const operation_kind next = pending[index(id)].kind;
        return next != operation_kind::finished && next != operation_kind::sleep && !enabled.contains(id) &&
               (resting == nullptr || !resting->contains(id));
    }
};

/// A choice that is not about who goes on: which waiter a notification wakes, which value a `choose(n)` gives.
struct value_point {
    std::uint32_t count = 1;     ///< the values are 0 to `count - 1`
    starter_id running = nobody; ///< who asks
    std::uint64_t step = 0;      ///< how many decisions this execution has taken
};

/// Makes the decisions of executions. Derive from it to bring an algorithm of your own; it sees values, never fibers.
class strategy {
public:
    virtual ~strategy() = default;

    /// Returns true if it plays one schedule that was asked for, so that no shorter one is looked for.
    [[nodiscard]] virtual bool plays_one_schedule() const noexcept { return false; }

    /// Returns what is to be said of the execution that it has decided, in a line without an end, or nothing.
    [[nodiscard]] virtual std::string remark() const { return {}; }

    /// Called before each execution of a search; returns false if nothing is left to explore.
    [[nodiscard]] virtual bool begin_execution() { return true; }

    /// Called after each execution of a search, with what was to be seen at its end. Returns false if the execution has shown
    /// nothing new, which the strategy could not know before.
    [[nodiscard]] virtual bool end_execution(const scheduling_point& point) {
        (void)point;
        return true;
    }

    /// Asked when an execution has begun: true if it is the first one again, as what the ones before have shown was counted
    /// wrongly.
    [[nodiscard]] virtual bool begins_anew() const { return false; }

    /// Asked before each execution.
    [[nodiscard]] virtual strategy_needs needs() const { return {}; }

    /// Returns who goes on: one of `point.enabled` or of `point.resting`, or `nobody` to hand control back to the driver, or
    /// `somebody_else`.
    [[nodiscard]] virtual starter_id next(const scheduling_point& point) = 0;

    /// Returns one of the values. By default 0: the one that has waited longest, the first of the alternatives.
    [[nodiscard]] virtual std::uint32_t value(const value_point& point) {
        (void)point;
        return 0;
    }

    /// Returns what is to decide instead where an order is given; null if it can do that itself.
    [[nodiscard]] virtual std::unique_ptr<strategy> within_order() const { return nullptr; }

    /// Whether `begin_execution` comes to return false at last. If not, `explore` wants a limit.
    [[nodiscard]] virtual bool completes() const { return false; }

    /// How much of the whole is behind before the current execution and with it, in units of 2^-63; 0 if that is not known.
    /// An execution weighs what it would be drawn with if each of its decisions were drawn uniformly.
    [[nodiscard]] virtual std::uint64_t explored() const { return 0; }
};

} // namespace cppvaldi
