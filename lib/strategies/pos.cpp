/// Partial order sampling: Yuan, Yang and Gu, "Partial order aware concurrency sampling", CAV 2018, section 3.2, algorithm 1 with
/// its reassignment (POS, not basic POS). Every pending operation has a random priority, the enabled one with the highest goes
/// first, and the priorities of those that race with it are drawn anew.
///
/// Changed from the source: forced steps (see `forced_choice`) take no part; two operations race if they are on one object and not
/// both only look at it, whether or not they are enabled; a priority is drawn when it is first compared; a value, which the
/// paper does not know, is drawn uniformly.
///
/// A wait that times out early moves the clock, and so races with all: otherwise those who wait in loops, and draw again and
/// again, would starve one that has drawn badly once.
///
/// Cost per decision: linear in the starters. Misses: it is a lottery; the paper shows that a partial order of the events is drawn
/// with at least an exponentially small probability, which is greater than that of the uniform walk.

#include "strategies/forced.hpp"
#include "strategies/generator.hpp"

#include <cppvaldi/strategies.hpp>

namespace cppvaldi {

namespace {

bool race(const operation& left, const operation& right) noexcept {
    return left.object == right.object && left.object != object_id{} &&
           !(changes_nothing(left.access) && changes_nothing(right.access));
}

class pos_strategy final : public strategy {
public:
    explicit pos_strategy(std::uint64_t seed) noexcept : numbers_(seed) {}

    [[nodiscard]] bool begin_execution() override {
        priorities_.clear();
        return true;
    }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        priorities_.resize(point.pending.size(), not_drawn);
        const starter_id forced = forced_choice(point);
        if (forced != nobody) {
            priorities_[index(forced)] = not_drawn;
            return forced;
        }
        const starter_id chosen = highest(point);
        const operation& done = point.pending[index(chosen)];
        if (point.early != nullptr && point.early->contains(chosen)) {
            priorities_.assign(priorities_.size(), not_drawn);
        }
        priorities_[index(chosen)] = not_drawn;
        for (std::size_t id = 0; id < priorities_.size(); ++id) {
            if (race(done, point.pending[id])) {
                priorities_[id] = not_drawn;
            }
        }
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override { return numbers_.below(point.count); }

private:
    static constexpr std::uint64_t not_drawn = 0;

    [[nodiscard]] starter_id highest(const scheduling_point& point) {
        starter_id best = point.enabled.first();
        if (point.enabled.size() > 1) {
            for (starter_id id = best; id != nobody; id = point.enabled.after(id)) {
                std::uint64_t& priority = priorities_[index(id)];
                if (priority == not_drawn) {
                    priority = numbers_.next() | 1;
                }
                if (priority > priorities_[index(best)]) {
                    best = id;
                }
            }
        }
        return best;
    }

    generator numbers_;
    std::vector<std::uint64_t> priorities_; ///< of each starter's pending operation, by id
};

} // namespace

std::unique_ptr<strategy> make_strategy(const pos& described) { return std::make_unique<pos_strategy>(described.seed); }

} // namespace cppvaldi
