#pragma once

#include <cppvaldi/checkpoint_ref.hpp>
#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/execution_options.hpp>
#include <cppvaldi/order.hpp>
#include <cppvaldi/schedule.hpp>
#include <cppvaldi/starter.hpp>
#include <cppvaldi/trace.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace cppvaldi {

namespace detail {

/// Returns the timelines of this OS thread's runners that are alive and have made a step, the oldest first. For test frameworks,
/// whose reports they belong to.
[[nodiscard]] std::string timelines_of_runners();

struct runner_access;

} // namespace detail

/// Drives one execution by hand: runs starters up to the next declared checkpoint, and hands control back there.
///
///     cppvaldi::runner run;
///     cppvaldi::starter alice = run.start("alice", &account::withdraw, &acc, 30);
///     cppvaldi::starter bob = run.start("bob", &account::withdraw, &acc, 50);
///     run.declare({alice.at("read"), bob.finished(), alice.at("written")});
///     run.next();   // alice stands at "read"
///
/// Belongs to the OS thread that made it. `next`, `run_to` and `finish` rethrow, as it was, an exception that leaves a starter,
/// and throw one of the `execution_error`s when the order cannot be kept; the other starters stay where they are. They throw
/// `usage_error` when a starter of this runner calls them.
class runner {
public:
    runner() : runner(execution_options{}) {}
    explicit runner(const execution_options& options);
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    /// Unwinds every starter that has not finished, youngest first: their destructors run. REQUIRES: not called by one of them.
    ~runner();

    /// Makes a starter that waits at `started`. Callable and arguments are copied or moved, as by `std::thread`; its stack holds
    /// them. A starter that is started after the run has begun takes part from the next call on.
    ///
    /// Throws `usage_error` if there is a starter of this name, or if the name is empty.
    template <typename Callable, typename... Arguments>
    starter start(std::string_view name, Callable&& callable, Arguments&&... arguments) {
        return detail::with_job([&](detail::job_shape shape,
                                    detail::job_maker maker) { return start_job(name, shape, maker); },
                                std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
    }

    /// Says in which order the checkpoints must be reached. A second order may follow once the first is used up.
    ///
    /// Throws `usage_error` if an order is under way or a starter is unknown.
    void declare(const order& declared);

    /// Goes on to the next declared checkpoint and returns it as it was declared. When the order is used up, everything runs to
    /// its end, and nothing is returned.
    std::optional<checkpoint_ref> next();

    /// Goes on, without pausing in between, until `target` is reached, and returns it. If the order mentions `target`, the order
    /// is played up to there; if not, its starter goes on until it gets there, as far as the order allows.
    ///
    /// Throws `usage_error` if `target` is behind or its starter is unknown.
    checkpoint_ref run_to(const checkpoint_ref& target);

    /// Plays what is left of the order, and then everything to its end, the lowest id first.
    void finish();

    /// Plays the execution that `recorded` stands for, one that was found say, up to step `last_step` of its timeline and from
    /// there to the next scheduling point; without a number to its end. From there on the caller drives: declares an order, calls
    /// `next`. The starters must be those of the recording, started in the same order: of a finding that is one, `main`, with the
    /// body. What it comes to is thrown as by `next`, and `divergence` when a decision cannot be taken as it is recorded.
    ///
    /// Throws `usage_error` if the run has begun, or an order is declared.
    void play(const schedule& recorded, std::size_t last_step = static_cast<std::size_t>(-1));

    /// True when every starter has ended.
    [[nodiscard]] bool done() const noexcept;

    /// Returns the schedule of the execution so far.
    [[nodiscard]] schedule played() const;

    /// Returns what the execution did so far.
    [[nodiscard]] trace trace_so_far() const;

    /// Returns the timeline of the execution so far: a column for each starter, a row for each step.
    [[nodiscard]] std::string timeline() const { return trace_so_far().timeline(); }

    /// Returns where each starter is and what it waits for, a line each.
    [[nodiscard]] std::string status() const;

    /// Goes through the checkpoints as `next` does: `for (checkpoint_ref reached : run)`.
    class iterator {
    public:
        using value_type = checkpoint_ref;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;

        const checkpoint_ref& operator*() const noexcept { return *reached_; }
        const checkpoint_ref* operator->() const noexcept { return &*reached_; }
        iterator& operator++() {
            reached_ = run_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& left, std::default_sentinel_t) noexcept { return !left.reached_; }

    private:
        friend class runner;
        explicit iterator(runner& run) : run_(&run), reached_(run.next()) {}

        runner* run_;
        std::optional<checkpoint_ref> reached_;
    };

    [[nodiscard]] iterator begin() { return iterator(*this); }
    [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

private:
    friend struct detail::runner_access;

    starter start_job(std::string_view name, detail::job_shape shape, detail::job_maker maker);

    std::shared_ptr<detail::session> session_;
};

} // namespace cppvaldi
