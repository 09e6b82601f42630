/// Random choice in runs: the starter that was chosen last goes on, and after each step, with a probability of one to the run
/// length, everybody who can draws anew, itself among them. So runs have a geometric length, and every interleaving can come.
/// There is no paper: the uniform walk switches nearly always, so what needs many steps of one starter in a row, a queue that
/// grows say, is exponentially rare under it, as LLVM pull request 183200 tells.
/// Cost per decision: constant up to 64 starters, then linear in a 64th of them. Misses: it is a lottery; a bug that needs a
/// change at each of many steps is rarer than under `random`.

#include "strategies/forced.hpp"
#include "strategies/generator.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

namespace cppvaldi {

namespace {

class sticky_strategy final : public strategy {
public:
    explicit sticky_strategy(const sticky& described) noexcept
        : numbers_(described.seed), run_length_(described.run_length) {}

    [[nodiscard]] bool begin_execution() override {
        current_.reset();
        return true;
    }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        const starter_id forced = forced_choice(point);
        if (forced != nobody) {
            return forced;
        }
        const starter_id chosen = choose(point);
        current_.chosen(chosen);
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override { return numbers_.below(point.count); }

private:
    [[nodiscard]] starter_id choose(const scheduling_point& point) {
        const std::size_t count = point.enabled.size();
        if (count == 1) {
            return point.enabled.first();
        }
        const starter_id current = current_.at(point);
        if (current != nobody && numbers_.below(run_length_) != 0) {
            return current;
        }
        return point.enabled.at(numbers_.below(static_cast<std::uint32_t>(count)));
    }

    generator numbers_;
    std::uint32_t run_length_;
    current_starter current_;
};

} // namespace

std::unique_ptr<strategy> make_strategy(const sticky& described) {
    if (described.run_length == 0) {
        throw usage_error("sticky{.run_length = 0}: a run has at least one step; give 1 or more");
    }
    return std::make_unique<sticky_strategy>(described);
}

} // namespace cppvaldi
