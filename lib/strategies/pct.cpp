/// Probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic
/// guarantees of finding bugs", ASPLOS 2010, section 3 and figure 4. Every starter has a random priority, and the enabled one with
/// the highest goes on. At depth - 1 random steps the priority of whoever makes that step falls below all those.
///
/// Changed from the source:
///  - Starters are born during an execution, so each gets a random priority then, which makes their order as random.
///  - The number of steps, of which the changes are drawn, is the most that an execution has had so far, unless it is given. The
///    first execution, when none is known, has no changes.
///  - Steps that are forced (see `forced_choice`) are none.
///  - Nobody is starved: whoever yields, goes round in circles, lets a wait time out early or makes 10,000 steps in a row gets the
///    lowest priority. The guarantee is for programs that do not do that.
///  - A value, which the paper does not know, is drawn uniformly.
///
/// Cost per decision: linear in the enabled starters. Misses: a bug of depth d, in k steps of n starters, with a probability of at
/// most 1 - 1/(n k^(d-1)); of greater depth than is asked for, nearly always.

#include "strategies/forced.hpp"
#include "strategies/generator.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

#include <algorithm>
#include <utility>

namespace cppvaldi {

namespace {

constexpr std::uint32_t most_steps_in_a_row = 10'000;

class pct_strategy final : public strategy {
public:
    explicit pct_strategy(const pct& described)
        : numbers_(described.seed),
          changes_(described.depth - 1),
          steps_(described.steps.value_or(0)),
          learns_(!described.steps.has_value()) {}

    [[nodiscard]] bool begin_execution() override {
        if (learns_) {
            steps_ = std::max(steps_, step_);
        }
        for (std::uint64_t& change : changes_) {
            change = steps_ == 0 ? 0 : 1 + numbers_.next() % steps_;
        }
        priorities_.clear();
        lowest_ = 0;
        step_ = 0;
        in_a_row_ = 0;
        last_ = nobody;
        return true;
    }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        while (priorities_.size() < point.pending.size()) {
            // Above what a change gives, of which there are fewer than 2^32.
            priorities_.push_back(static_cast<std::int64_t>(numbers_.next() >> 2 | std::uint64_t{1} << 32));
        }
        const starter_id forced = forced_choice(point);
        if (forced != nobody) {
            return forced;
        }
        if (point.running != nobody && point.resting != nullptr && point.resting->contains(point.running)) {
            fall_behind_all(point.running);
        }
        const starter_id chosen = highest(point);
        make_step(chosen, point);
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override { return numbers_.below(point.count); }

private:
    [[nodiscard]] starter_id highest(const scheduling_point& point) const noexcept {
        starter_id best = point.enabled.first();
        for (starter_id id = best; id != nobody; id = point.enabled.after(id)) {
            if (priorities_[index(id)] > priorities_[index(best)]) {
                best = id;
            }
        }
        return best;
    }

    void make_step(starter_id chosen, const scheduling_point& point) {
        ++step_;
        in_a_row_ = chosen == last_ && point.enabled.size() > 1 ? in_a_row_ + 1 : 0;
        last_ = chosen;
        const bool times_out = point.early != nullptr && point.early->contains(chosen);
        if (times_out || in_a_row_ == most_steps_in_a_row) {
            fall_behind_all(chosen);
        }
        for (std::size_t position = 0; position < changes_.size(); ++position) {
            if (changes_[position] == step_) {
                priorities_[index(chosen)] = static_cast<std::int64_t>(position) + 1;
            }
        }
    }

    void fall_behind_all(starter_id id) noexcept { priorities_[index(id)] = --lowest_; }

    generator numbers_;
    std::vector<std::uint64_t> changes_; ///< the steps after which the priority is that of the position, from 1
    std::uint64_t steps_;                ///< of an execution; 0 if that is not known
    bool learns_;

    std::vector<std::int64_t> priorities_; ///< by id
    std::int64_t lowest_ = 0;
    std::uint64_t step_ = 0;
    std::uint32_t in_a_row_ = 0;
    starter_id last_ = nobody;
};

} // namespace

std::unique_ptr<strategy> make_strategy(const pct& described) {
    if (described.depth == 0) {
        throw usage_error("pct{.depth = 0}: a bug has at least depth 1; give 1 or more, 3 finds most");
    }
    if (described.steps && *described.steps == 0) {
        throw usage_error(
            "pct{.steps = 0}: an execution has at least one step; give an upper bound of its steps, or leave "
            "it out and it is learnt");
    }
    return std::make_unique<pct_strategy>(described);
}

} // namespace cppvaldi
