#pragma once

#include "strategies/dpor/deed.hpp"
#include "strategies/dpor/wakeup_tree.hpp"

#include <cppvaldi/operation.hpp>
#include <cppvaldi/strategy.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

namespace cppvaldi::reduction {

/// One step of an execution.
struct event {
    /// Its place among the steps on one object.
    struct link {
        std::uint32_t object = 0; ///< by number in this execution
        std::uint32_t before =
            none; ///< the step before on the same object: four times the event's position, and which link
    };

    std::uint32_t who = 0;       ///< by name, not by number: see `history::name_of`
    std::uint32_t before = none; ///< the same starter's step before
    operation_kind kind = operation_kind::started;
    bool timed = false;
    step_result result{};
    std::uint32_t object = 0; ///< that it was announced for
    access_kind access = access_kind::none;
    std::uint64_t number = 0;        ///< for what it was and what had to come before, if numbers are wanted
    std::uint64_t enabled = 0;       ///< who could have gone on instead, the first 64
    std::uint64_t resting = 0;       ///< who of them waited for something new to see
    std::uint32_t woken_by = none;   ///< the notification that it waited for
    std::uint64_t state = 0;         ///< of its starter before it, if it is one that a loop may wait by; else 0
    std::uint64_t place = 0;         ///< where that is in the code
    bool in_vain = false;            ///< part of a round of such a loop that counts as no step
    std::uint32_t round_from = none; ///< the first step of the round that ends here
    std::uint32_t waited = none;     ///< the end of the round after which its starter has waited
    std::uint32_t holder = none;     ///< of a lock: who has it afterwards
    std::uint32_t depth = 0;         ///< and how often
    std::uint32_t first_value = 0;
    std::uint32_t value_count = 0;
    deed done;
    std::array<link, 3> links{};
};

/// Two steps that are not ordered but by the objects that both are on, and that could be made the other way round.
struct race {
    std::uint32_t first;
    std::uint32_t second;
    std::uint32_t until; ///< what was made before that goes with them
};

/// The steps of the execution that is under way, and which of them happened before which: vector clocks, as in Mattern ("Virtual
/// time and global states of distributed systems", 1989), one for each step, joined over the steps that conflict.
///
/// It outlives executions: the next one keeps the steps that both have in common, and only links them again.
///
/// Cost for each new step: the steps on the same object since the last one that conflicts with all, each with the number of
/// starters if it conflicts. For one that is kept: constant.
class history final : public step_order {
public:
    /// Begins an execution whose first `kept` steps will be as before.
    void begin(std::size_t kept);

    /// Sees who is there. Called at every scheduling point, before what follows.
    void look(const scheduling_point& point);

    /// Adds the step that the starter of that name makes now.
    void start(std::uint32_t who, const scheduling_point& point);

    /// Completes the step that was started last: `point` shows what it has come to.
    void complete(const scheduling_point& point);

    void add_value(std::uint32_t value, std::uint32_t count);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] const event& operator[](std::size_t position) const noexcept { return events_[position]; }
    [[nodiscard]] std::span<const std::uint32_t> values_of(const event& of) const noexcept {
        return {values_.data() + of.first_value, of.value_count};
    }
    [[nodiscard]] std::span<const std::uint32_t> counts_of(const event& of) const noexcept {
        return {counts_.data() + of.first_value, of.value_count};
    }

    /// A starter's name: its number, unless it got another one in the execution in which it was first seen.
    [[nodiscard]] std::uint32_t name_of(starter_id id) const noexcept { return names_[index(id)]; }
    [[nodiscard]] starter_id number_of(std::uint32_t name) const noexcept {
        return name < lives_.size() ? lives_[name].number : nobody;
    }

    /// The races whose second step is new in this execution.
    [[nodiscard]] std::span<const race> races() const noexcept { return races_; }

    /// True if the starter would only go round in a loop once more: nothing that it looks at has been written since the last time.
    [[nodiscard]] bool waits_in_loop(starter_id id, const scheduling_point& point) const;

    /// True if it is known that in a loop the starter goes round in vain when it finds what `key` says.
    [[nodiscard]] bool is_in_vain(std::uint64_t key) const {
        return key != 0 && std::binary_search(in_vain_.begin(), in_vain_.end(), key);
    }

    /// True if the second step of a race would still wait in a loop if the first had not been made.
    [[nodiscard]] bool would_wait(const race& which) const;

    /// True if the last step was the end of a round of a loop, and is not one of the first `kept`.
    [[nodiscard]] bool ends_in_round(std::size_t kept) const noexcept {
        return size_ > kept && events_[size_ - 1].round_from != none;
    }

    /// True if the starter of `made` has announced the same as then, in the same state.
    [[nodiscard]] bool comes_next(const event& made, const scheduling_point& point) const;

    /// Names all that the starter of the step at `position` has done and found until then; different, but for chance, if anything
    /// is.
    [[nodiscard]] std::uint64_t past_of(std::uint32_t position) const;

    /// The rounds of such loops are steps like others from now on: who went round, and where, is said by `round`.
    /// What was learnt of loops is forgotten.
    void take_for_steps(std::span<const event> round);

    /// True, once, if something that was taken for no loop has turned out to be one: the search has to begin anew.
    [[nodiscard]] bool knows_better();

    /// True if it has thrown, as the execution is not like those before, or too large. Nothing else is to be asked of it then.
    [[nodiscard]] bool has_refused() const noexcept { return has_refused_; }

    /// Finds the races of what starters have announced, but could not do to the end.
    void look_at_blocked(const scheduling_point& point);

    /// From now on steps are numbered, for `class_number`.
    void number_steps() noexcept { numbers_steps_ = true; }

    /// Returns the same number for equivalent executions, and, but for chance, different ones for others.
    [[nodiscard]] std::uint64_t class_number() const noexcept;

    /// Fills `sequence` with the steps after the first of `reversed` that do not happen after it, and then the second one.
    void reverse(const race& reversed, std::vector<planned_step>& sequence);

    /// True if the step at `earlier` happened before the one at `later`.
    [[nodiscard]] bool happens_before(std::uint32_t earlier, std::uint32_t later) const noexcept {
        return clock_of(later)[events_[earlier].who] > earlier;
    }

    [[nodiscard]] bool comes_before(const planned_step& earlier, const planned_step& later) const override;

private:
    /// What is known of a starter, by name.
    struct life {
        starter_id number = nobody;
        std::uint32_t made_by = none;     ///< the step
        std::uint32_t last = none;        ///< its last step
        std::uint32_t waited = none;      ///< the end of the round after which it waits, or has waited
        std::uint32_t children = 0;       ///< how many it has made in this execution
        std::vector<std::uint32_t> names; ///< of those that it has made in any
    };

    static constexpr std::uint32_t clock_object = 0;
    static constexpr std::uint32_t watched_object = 1;
    static constexpr std::uint32_t referenced_object = 2;
    static constexpr std::uint32_t first_object = 3;

    [[nodiscard]] std::uint32_t* clock_of(std::uint32_t position) noexcept { return &clocks_[position * stride_]; }
    [[nodiscard]] const std::uint32_t* clock_of(std::uint32_t position) const noexcept {
        return &clocks_[position * stride_];
    }

    void name_new_starters(std::size_t count);
    void name_new_objects(const scheduling_point& point);
    [[nodiscard]] std::uint32_t local_object(object_id id) const noexcept {
        return locals_[static_cast<std::size_t>(id)];
    }
    void widen();

    // Bad input, in history_refusals.cpp.
    void refuse_difference(const event& before, const scheduling_point& point);
    void refuse_size(std::size_t steps, std::size_t starters);
    void refuse_values(std::uint32_t count);
    [[nodiscard]] bool is_on(const event& made, std::uint32_t object) const noexcept {
        return made.object == object && (made.done.count == 0 || made.links[0].object != object ||
                                         made.done.touches[0].object == origins_[object]);
    }

    // What a step does, in history_reading.cpp.
    void read(event& made, const operation* announced_next);
    void read_exclusive(event& made);
    void read_shared(event& made);
    void read_other(event& made);
    [[nodiscard]] std::uint32_t end_of_call(const event& waits) const;
    void read_value(event& made, const operation* announced_next);
    void read_wake(event& made);
    void add(event& made, std::uint32_t object, effect what);
    [[nodiscard]] effect effect_before(std::uint32_t first, const event& second, std::uint8_t which);
    [[nodiscard]] deed deed_before(std::uint32_t first, const event& second);
    [[nodiscard]] bool could_come_first(std::uint32_t first, const event& second, std::uint8_t which);
    void collect(std::uint32_t object, std::uint32_t until, std::uint32_t without);
    [[nodiscard]] std::uint32_t position_of(const event& one) const noexcept {
        return static_cast<std::uint32_t>(&one - events_.data());
    }
    [[nodiscard]] bool is_free_for(effect wanted) const;
    [[nodiscard]] std::uint64_t permits(std::uint32_t without) const;
    void find_waiting();
    void change_waiting(std::uint32_t link);
    [[nodiscard]] bool waits(std::uint32_t who) const;

    // Loops that wait, in history_loops.cpp.
    [[nodiscard]] bool ends_round(event& made, const scheduling_point& point);
    [[nodiscard]] bool is_as_before(std::uint32_t from, std::uint32_t until) const;
    [[nodiscard]] bool leave_out(std::uint32_t from, std::uint32_t until, std::uint32_t looks);
    [[nodiscard]] bool is_written(std::uint32_t object, std::uint32_t since, std::uint32_t until,
                                  std::uint32_t without) const;
    [[nodiscard]] bool is_over(std::uint32_t last, std::uint32_t until, std::uint32_t without) const;
    void take_back(std::uint32_t position);
    [[nodiscard]] bool gives_up(const event& look) const;
    [[nodiscard]] std::uint64_t key_of(const event& look, std::uint64_t found) const noexcept;
    [[nodiscard]] std::uint64_t key_before(std::uint32_t first, const event& second);

    // In which order steps are, in history.cpp.
    void link(std::uint32_t position);
    void order(std::uint32_t position);
    void note_race(std::uint32_t first, std::uint32_t second);
    [[nodiscard]] std::uint64_t number_of_step(const event& made, std::uint32_t from) const noexcept;
    void look_at_changed_races(std::uint32_t position);
    void look_back(const event& made, std::uint8_t which);
    void order_after_all(const event& made);
    [[nodiscard]] relation related(std::uint32_t first, effect theirs, const event& second, std::uint8_t which);
    [[nodiscard]] bool looks_further(const event& second, effect theirs, relation how);
    void join(std::vector<std::uint32_t>& into, std::uint32_t position) const;
    [[nodiscard]] bool is_kept(std::uint32_t position, std::uint32_t without) const noexcept {
        return position < without || !happens_before(without, position);
    }

    std::vector<event> events_;
    std::size_t size_ = 0; ///< started in this execution
    std::size_t kept_ = 0;
    bool has_refused_ = false;
    bool open_ = false; ///< the last one is not complete

    std::vector<std::uint32_t> values_;
    std::vector<std::uint32_t> counts_;

    std::vector<std::uint32_t> names_; ///< by number
    std::vector<life> lives_;          ///< by name

    std::vector<std::uint32_t> locals_;  ///< by number of the object
    std::vector<std::uint64_t> origins_; ///< by local object
    std::vector<std::uint32_t> ends_;    ///< by local object: whose end it is, or none
    std::vector<std::uint32_t> last_on_; ///< by local object: the last link

    std::vector<std::uint32_t> clocks_;
    std::size_t stride_ = 4;
    std::vector<std::uint32_t> past_; ///< what happened before the step that is being ordered
    std::vector<std::uint32_t> own_;  ///< the same without what it has had to wait for
    struct conflicting {
        std::uint32_t position;
        bool could_be_later; ///< than the step that is being ordered
    };
    std::vector<conflicting> before_; ///< with what that conflicts, the last one first
    std::vector<race> races_;

    /// A race whose second step would do more in the place of the first: what comes later may conflict with that.
    struct changed_race {
        std::uint32_t first;
        std::uint32_t second;
        deed there;
    };
    std::vector<changed_race> changed_;
    std::set<std::uint64_t> loops_;           ///< places in the code, of all executions
    std::set<std::uint64_t> give_up_;         ///< starters and places where they look, but do not wait
    std::set<std::uint64_t> taken_for_plain_; ///< where not all writes before have been looked at
    std::vector<std::uint64_t> in_vain_;      ///< what is known of loops, in all executions: see `key_of`; sorted
    bool numbers_steps_ = false;
    std::uint32_t first_blocked_ = none;   ///< the first of those that were announced, but not made
    std::uint32_t made_ = 0;               ///< how many steps were made; behind them are those that are blocked
    std::vector<std::uint32_t> left_out_;  ///< of a sequence
    std::vector<std::uint32_t> collected_; ///< links on one object, the first one first
    std::vector<std::uint32_t> waiting_;   ///< who waits for a notification, the longest first
};

} // namespace cppvaldi::reduction
