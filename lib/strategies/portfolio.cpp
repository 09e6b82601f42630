/// Several strategies in turn, an execution each: what one of them is blind to, another sees.
/// A member that has nothing left drops out. If it is one that searches everything, the whole is complete, for nothing is left
/// for the others either; one that plays a single schedule proves nothing.
/// Cost per decision: that of the member. Misses: what all of them do.

#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace cppvaldi {

namespace {

struct member {
    std::unique_ptr<strategy> decides;
    bool searches_everything;
};

/// REQUIRES: `completes()` of what it describes says whether it ends.
bool searches_everything(const description& described) {
    return !std::holds_alternative<round_robin>(described) && !std::holds_alternative<replay>(described) &&
           !std::holds_alternative<tolerant_replay>(described);
}

class portfolio_strategy final : public strategy {
public:
    explicit portfolio_strategy(std::vector<member> members)
        : members_(std::move(members)), turn_(members_.size() - 1) {}

    [[nodiscard]] bool begin_execution() override {
        while (!members_.empty()) {
            turn_ = (turn_ + 1) % members_.size();
            if (members_[turn_].decides->begin_execution()) {
                return true;
            }
            if (members_[turn_].searches_everything) {
                return false;
            }
            members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(turn_));
            turn_ = turn_ == 0 ? members_.size() - 1 : turn_ - 1;
        }
        return false;
    }

    [[nodiscard]] bool end_execution(const scheduling_point& point) override {
        return members_[turn_].decides->end_execution(point);
    }

    [[nodiscard]] strategy_needs needs() const override { return members_[turn_].decides->needs(); }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        return members_[turn_].decides->next(point);
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override {
        return members_[turn_].decides->value(point);
    }

    [[nodiscard]] bool completes() const override {
        const auto ends = [](const member& each) { return each.decides->completes(); };
        const auto ends_all = [&ends](const member& each) { return each.searches_everything && ends(each); };
        return std::any_of(members_.begin(), members_.end(), ends_all) ||
               std::all_of(members_.begin(), members_.end(), ends);
    }

private:
    std::vector<member> members_;
    std::size_t turn_;
};

} // namespace

std::unique_ptr<strategy> make_strategy(const description& described) {
    return std::visit([](const auto& one) { return make_strategy(one); }, described);
}

std::unique_ptr<strategy> make_strategy(const portfolio& described) {
    if (described.members.empty()) {
        throw usage_error(
            "portfolio{}: it has no members; give at least one strategy, as in portfolio{{random{}, pct{}}}");
    }
    std::vector<member> members;
    for (const description& each : described.members) {
        members.push_back({make_strategy(each), searches_everything(each)});
    }
    return std::make_unique<portfolio_strategy>(std::move(members));
}

} // namespace cppvaldi
