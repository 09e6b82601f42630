/// Uniform random choice at each decision, with the seed's own sequence of numbers over all executions.
/// Cost per decision: constant up to 64 starters, then linear in a 64th of them. Misses: it is a lottery; a bug that needs d
/// certain choices among k decisions of n starters is found with probability about 1/n^d.

#include "strategies/forced.hpp"
#include "strategies/generator.hpp"

#include <cppvaldi/strategies.hpp>

namespace cppvaldi {

namespace {

class random_strategy final : public strategy {
public:
    explicit random_strategy(std::uint64_t seed) noexcept : numbers_(seed) {}

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        const starter_id forced = forced_choice(point);
        if (forced != nobody) {
            return forced;
        }
        const std::size_t count = point.enabled.size();
        return count == 1 ? point.enabled.first() : point.enabled.at(numbers_.below(static_cast<std::uint32_t>(count)));
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override { return numbers_.below(point.count); }

private:
    generator numbers_;
};

} // namespace

std::unique_ptr<strategy> make_strategy(const random& described) {
    return std::make_unique<random_strategy>(described.seed);
}

} // namespace cppvaldi
