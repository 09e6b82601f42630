/// Everybody in turn, by id: the plain schedule that a person thinks of first, and one that starves nobody.
/// Whoever cannot go on, or has yielded, loses the rest of its turn. A wait that could only time out early is passed over as
/// long as somebody can run, for otherwise every timed wait would.
/// Cost per decision: constant; linear in those who wait with a deadline. Misses: nearly everything; it is one execution.

#include "strategies/forced.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

#include <utility>

namespace cppvaldi {

namespace {

class round_robin_strategy final : public strategy {
public:
    explicit round_robin_strategy(std::uint32_t turn) noexcept : turn_(turn) {}

    [[nodiscard]] bool begin_execution() override {
        last_ = nobody;
        return !std::exchange(begun_, true);
    }

    [[nodiscard]] bool completes() const override { return true; }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        const starter_id forced = forced_choice(point);
        if (forced != nobody) {
            return forced;
        }
        if (last_ == nobody || steps_ == turn_ || !can_run(last_, point)) {
            last_ = whose_turn(point);
            steps_ = 0;
        }
        ++steps_;
        return last_;
    }

private:
    /// Returns the next by id, after the last one, who can go on; if there is none, who is enabled at all.
    [[nodiscard]] starter_id whose_turn(const scheduling_point& point) const noexcept {
        const starter_id begin = last_ == nobody ? nobody : point.enabled.after(last_);
        const starter_id first = begin == nobody ? point.enabled.first() : begin;
        starter_id id = first;
        do {
            if (can_run(id, point)) {
                return id;
            }
            id = point.enabled.after(id);
            id = id == nobody ? point.enabled.first() : id;
        } while (id != first);
        return first;
    }

    std::uint32_t turn_;
    std::uint32_t steps_ = 0; ///< of the present turn
    starter_id last_ = nobody;
    bool begun_ = false;
};

} // namespace

std::unique_ptr<strategy> make_strategy(const round_robin& described) {
    if (described.turn == 0) {
        throw usage_error("round_robin{.turn = 0}: a turn has at least one step; give 1 or more");
    }
    return std::make_unique<round_robin_strategy>(described.turn);
}

} // namespace cppvaldi
