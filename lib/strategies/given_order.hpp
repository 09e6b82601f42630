#pragma once

#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cppvaldi {

/// What numbers names have in the present execution. An interface: a strategy does not see executions.
class name_source {
public:
    virtual ~name_source() = default;

    [[nodiscard]] virtual label_id label_of(std::string_view name) = 0;
    [[nodiscard]] virtual label_id name_of(starter_id id) = 0;
};

/// A filter in front of a strategy: it sees to it that checkpoints are reached in a certain order, total or partial, and ends the
/// executions in which they are not.
///
/// Who stands at a checkpoint that is not due, because it was forced to begin and that is where it came to, is not offered to the
/// strategy until it is due. Otherwise a checkpoint that is reached before it is due ends the execution (`next` returns `nobody`):
/// nobody can know what a starter comes to next before it has gone on. So under a strategy that searches everything just those
/// interleavings remain in which the order holds; the others are cut short.
///
/// In front of a strategy that draws, that would cut most of them. So the filter remembers what each starter came to, step by
/// step, when it did, and holds back whoever came to something that is not due yet. It may be wrong, where what a starter
/// comes to depends on others: if nobody else can go on, they may after all, and in one execution out of sixteen nobody is held
/// back.
///
/// Cost per decision: linear in the mentions, and in the enabled starters.
class given_order final : public strategy {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// A checkpoint that matters.
    struct mention {
        std::string starter;
        std::string checkpoint;
        std::uint32_t occurrence = 1;     ///< from 1
        std::vector<std::size_t> after{}; ///< the mentions that must be reached before
        bool must_be_reached = false;
    };

    given_order(strategy& decides, std::vector<mention> mentions, name_source& names);

    /// Stands in front of another strategy from the next execution on.
    void decide_by(strategy& other) noexcept { decides_ = &other; }

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] bool end_execution(const scheduling_point& point) override { return decides_->end_execution(point); }
    [[nodiscard]] strategy_needs needs() const override { return decides_->needs(); }
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override { return decides_->value(point); }
    [[nodiscard]] bool completes() const override { return decides_->completes(); }
    [[nodiscard]] std::uint64_t explored() const override { return decides_->explored(); }

    /// Looks once more, when the execution has come back: the last announcement was not asked about.
    void settle(const scheduling_point& point);

    /// True if the execution that has come to its end kept the order.
    [[nodiscard]] bool is_kept() const noexcept { return !is_left() && missing() == none; }

    /// True if the order cannot hold any more.
    [[nodiscard]] bool is_left() const noexcept { return too_early_ != none || holds_all_; }

    /// Returns who came too early or is held, or `none`.
    [[nodiscard]] std::size_t too_early() const noexcept;

    /// Returns what must be reached and was not, the first, or `none`.
    [[nodiscard]] std::size_t missing() const noexcept;

    /// Returns what `then` waits for, the first, or `none`.
    [[nodiscard]] std::size_t missing_before(std::size_t then) const noexcept;

    [[nodiscard]] std::size_t reached() const noexcept;
    [[nodiscard]] bool is_reached(std::size_t position) const noexcept { return states_[position].reached; }
    [[nodiscard]] const std::vector<mention>& mentions() const noexcept { return mentions_; }

private:
    /// How a mention is in the present execution.
    struct state {
        label_id starter{};
        label_id checkpoint{};
        starter_id owner = nobody;
        std::uint32_t count = 0; ///< how often its starter was at its checkpoint
        bool waits = false;      ///< its starter stands there, and it is not due
        bool reached = false;
    };

    /// What a starter came to by each of its steps: the first mention of that starter and checkpoint, or `none`.
    using script = std::vector<std::size_t>;

    void resolve();
    void meet_the_new(const scheduling_point& point);
    void observe(const scheduling_point& point);
    void come_to(starter_id who, label_id checkpoint, bool by_force);
    void reach_what_is_due() noexcept;
    [[nodiscard]] bool is_due(std::size_t position) const noexcept { return missing_before(position) == none; }
    [[nodiscard]] bool waits(starter_id who) const noexcept;
    [[nodiscard]] bool would_come_too_early(starter_id who) const noexcept;
    [[nodiscard]] bool offer(const scheduling_point& point, bool with_foresight);

    strategy* decides_;
    std::vector<mention> mentions_;
    name_source& names_;

    std::vector<state> states_;
    std::vector<std::uint32_t> steps_; ///< how often each starter has come to something, by id
    std::vector<script> scripts_;      ///< by id, of the executions before
    starter_set offered_;
    std::uint64_t executions_ = 0;
    bool is_new_ = true; ///< the execution has no names yet
    std::size_t too_early_ = none;
    bool holds_all_ = false; ///< all that are enabled are held
};

} // namespace cppvaldi
