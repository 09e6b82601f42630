#pragma once

#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cppvaldi {

/// One checkpoint of a declared order, resolved: numbers for names, and which occurrence, from 1.
struct mention {
    starter_id starter = nobody;
    label_id label{};
    std::uint32_t occurrence = 1;

    friend bool operator==(const mention&, const mention&) = default;
};

/// The strategy that a person drives: it keeps a declared order, and hands control back at the checkpoint that was asked for.
///
/// For each decision, in this order (the letters are those of the design's section 4.1):
///  1. (b) After a reached checkpoint, every starter whose last declared checkpoint is behind it runs to its end, lowest id
///     first.
///  2. If the due checkpoint is reached, the next one is due; if a pause was asked for there, nobody goes on.
///  3. (b) The owner of the due checkpoint goes on.
///  4. (d) If it is blocked, the others go on, lowest id first, except those that stand at a declared checkpoint which is not
///     due yet: they are held there, and so is one whose next declared checkpoint is `blocked`, once it has been. If there is
///     nobody left, and nobody who only sleeps or rests, the order is infeasible.
///  5. (h) When the order is used up, the lowest id first.
///
/// A starter that no mention names takes part in 4 and 5. Cost of a decision: constant, but for 4 linear in the enabled
/// starters; and linear in a starter's mentions still ahead when it passes an occurrence that is not declared.
class declared_order final : public strategy {
public:
    enum class verdict : std::uint8_t {
        none,         ///< still going on, or nothing more can be said
        reached,      ///< the pause that was asked for
        infeasible,   ///< the due checkpoint's owner is blocked, and nobody may go on
        missed,       ///< `culprit` ended before `at_fault`
        out_of_order, ///< `culprit` reached `at_fault`, and another one of its own was to come first
    };

    /// Where `next` is to stop.
    enum class goal : std::uint8_t {
        next_checkpoint, ///< at the due checkpoint
        target,          ///< at a certain mention
        detour,          ///< at a checkpoint that the order does not mention
        end,             ///< nowhere
    };

    /// Forgets everything.
    void clear();

    /// Takes an order, from where the starters are: occurrences are counted from now. REQUIRES: `used_up()`; ids are below
    /// `starters`; no mention is there twice; `started` comes before a starter's other mentions.
    void declare(std::span<const mention> order, std::size_t starters);

    /// Sets where to stop. REQUIRES for `goal::target`: `position` is in the order and not behind.
    void aim(goal where, std::size_t position = 0) noexcept;

    /// Aims at a checkpoint that is not in the order: its owner goes on to it, once the order allows. Its occurrence is counted
    /// from now.
    void aim_at_detour(const mention& unmentioned) noexcept;

    [[nodiscard]] starter_id next(const scheduling_point& point) override;

    /// Looks once more at what is due when nobody is enabled, and so nobody can be chosen: the last announcement may be what
    /// was waited for, an end or a starter that is blocked.
    [[nodiscard]] verdict settle(const scheduling_point& point);

    [[nodiscard]] verdict result() const noexcept { return verdict_; }
    [[nodiscard]] starter_id culprit() const noexcept { return culprit_; }
    [[nodiscard]] const mention& at_fault() const noexcept { return at_fault_; }

    /// True if it stands at a declared checkpoint of its own and may not go on until that is due.
    [[nodiscard]] bool holds(starter_id id) const noexcept {
        return has_plan(id) && (plans_[index(id)].arrived || plans_[index(id)].blocked_early);
    }

    [[nodiscard]] std::span<const mention> order() const noexcept { return order_; }
    [[nodiscard]] std::size_t due() const noexcept { return due_; }
    [[nodiscard]] bool used_up() const noexcept { return due_ == order_.size(); }

private:
    /// What is declared for one starter and still ahead of it: `own_[next .. last)`.
    struct plan {
        std::uint32_t next = 0;
        std::uint32_t last = 0;
        std::uint32_t counters = 0;
        bool arrived = false;       ///< it stands at its next mention, and waits there until that is due
        bool block_counted = false; ///< its present blocking was a reached checkpoint already
        bool blocked_early = false; ///< its next mention is `blocked`, and it has been, before that was due
    };

    /// A mention, and which counter says how often its checkpoint was reached.
    struct own_mention {
        mention what;
        std::uint32_t counter = 0;
    };

    /// How often a starter has reached a checkpoint that some mention of it names.
    struct counter {
        starter_id starter;
        label_id label;
        std::uint32_t count;
    };

    static constexpr std::size_t never = static_cast<std::size_t>(-1);

    void sort_by_starter();
    void count_each(plan& mine);
    void observe(const scheduling_point& point);
    void observe_checkpoint(starter_id running, label_id label);
    void observe_unexpected(starter_id running, label_id label);
    void note_if_declared_later(const plan& mine, const mention& reached);
    void observe_end(starter_id running);
    void observe_block(starter_id running);
    [[nodiscard]] starter_id choose(const scheduling_point& point);
    [[nodiscard]] bool consume_if_reached(const scheduling_point& point);
    [[nodiscard]] starter_id clear_past_last(const scheduling_point& point, starter_id except);
    [[nodiscard]] static bool blocks_for_the_first_time(const mention& due, plan& owner, const scheduling_point& point);
    [[nodiscard]] bool detour_is_reached(const scheduling_point& point);
    void consume(const mention& due, plan& owner);
    [[nodiscard]] starter_id choose_instead_of(starter_id owner, const scheduling_point& point);
    [[nodiscard]] starter_id choose_on_detour(const scheduling_point& point);
    [[nodiscard]] starter_id lowest_past_last(const scheduling_point& point, starter_id except) const;
    [[nodiscard]] starter_id helper(const scheduling_point& point) const;
    [[nodiscard]] starter_id next_of_order(const scheduling_point& point);
    [[nodiscard]] static starter_id whoever_can(const scheduling_point& point) noexcept;
    [[nodiscard]] starter_id grant(starter_id chosen);
    [[nodiscard]] starter_id pause() noexcept;
    [[nodiscard]] starter_id stop(verdict why, starter_id who, const mention& what = {}) noexcept;
    [[nodiscard]] bool has_plan(starter_id id) const noexcept { return index(id) < plans_.size(); }

    std::vector<mention> order_;
    std::size_t due_ = 0;
    std::vector<own_mention> own_; ///< the order again, sorted by starter
    std::vector<plan> plans_;
    std::vector<counter> counters_; ///< sorted by starter, those of one starter from its plan's `counters` on
    starter_set past_last_;         ///< whose last declared checkpoint is behind them
    bool clearing_ = true;          ///< rule b's first half is under way

    goal goal_ = goal::end;
    std::size_t pause_at_ = never; ///< how many mentions are behind when a pause is due
    mention detour_;
    bool detour_reached_ = false;
    verdict verdict_ = verdict::none;
    starter_id culprit_ = nobody;
    mention at_fault_;
};

} // namespace cppvaldi
