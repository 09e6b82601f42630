#include "explore/shrink.hpp"

#include "explore/given_search.hpp"
#include "explore/time_limit.hpp"
#include "strategies/outline.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>

namespace cppvaldi {

namespace {

constexpr std::uint32_t as_long_as_it_can = std::numeric_limits<std::uint32_t>::max();

class shrinker {
public:
    shrinker(shrink_trial& on, const shrinking& until)
        : trial_(on), most_executions_(until.executions), clock_(until.time) {}

    /// Takes `found` as the first schedule. Returns false if it does not show what is wanted.
    bool begin(const schedule& found) {
        const std::unique_ptr<strategy> again = make_strategy(replay{found});
        return shows(*again) == shown::better;
    }

    void improve_what_is_there() {
        for (bool better = true; better && !is_over();) {
            better = leave_out_stretches();
            better = join_stretches() || better;
            better = lengthen_stretches() || better;
            better = shorten_stretches() || better;
            better = put_values_to_zero() || better;
        }
    }

    void search_below() {
        while (best_cost_.preemptions > 0 && !is_over()) {
            const auto fewer = static_cast<std::uint32_t>(best_cost_.preemptions - 1);
            const std::unique_ptr<strategy> all = make_strategy(exhaustive{.preemptions = fewer});
            shown last = shown::nothing;
            while (last != shown::better) {
                if (is_over() || (last = shows(*all)) == shown::exhausted) {
                    return;
                }
            }
            improve_what_is_there();
        }
    }

    [[nodiscard]] const schedule& best() const noexcept { return best_played_; }
    [[nodiscard]] const schedule_cost& cost() const noexcept { return best_cost_; }

private:
    enum class shown : std::uint8_t {
        nothing,   ///< or not what is wanted, or nothing better
        better,    ///< the best so far
        exhausted, ///< the strategy has no more executions
    };

    [[nodiscard]] bool is_over() const { return executions_ >= most_executions_ || clock_.is_over(); }

    /// Runs the next execution of `decides`.
    shown shows(strategy& decides) {
        outlining_strategy drawing(trial_.under(decides));
        if (!drawing.begin_execution()) {
            return shown::exhausted;
        }
        trial_.run(drawing);
        ++executions_;
        const std::size_t values = values_chosen(drawing.drawn());
        if (has_one_ && std::tie(best_cost_, best_values_) <= std::tie(drawing.cost(), values)) {
            return shown::nothing;
        }
        if (!trial_.shows_it()) {
            return shown::nothing;
        }
        has_one_ = true;
        best_ = drawing.drawn();
        best_cost_ = drawing.cost();
        best_values_ = values;
        best_played_ = trial_.played(drawing.needed_decisions());
        return shown::better;
    }

    [[nodiscard]] static std::size_t values_chosen(const outline& of) {
        return of.values.size() - static_cast<std::size_t>(std::count(of.values.begin(), of.values.end(), 0U));
    }

    bool try_instead(const outline& changed) {
        if (is_over()) {
            return false;
        }
        guided_strategy guided(changed);
        return shows(guided) == shown::better;
    }

    /// Half of them, then quarters, and so on.
    bool leave_out_stretches() {
        bool any = false;
        for (std::size_t size = std::max<std::size_t>(best_.stretches.size() / 2, 1);; size /= 2) {
            for (std::size_t end = best_.stretches.size(); end > 0 && !is_over();) {
                const std::size_t begin = end > size ? end - size : 0;
                outline changed = best_;
                changed.stretches.erase(changed.stretches.begin() + static_cast<std::ptrdiff_t>(begin),
                                        changed.stretches.begin() + static_cast<std::ptrdiff_t>(end));
                any = try_instead(changed) || any;
                end = std::min(begin, best_.stretches.size());
            }
            if (size == 1) {
                return any;
            }
        }
    }

    /// Two stretches of one starter become one, in the place of the first or of the second.
    bool join_stretches() {
        bool any = false;
        for (std::size_t first = 0; first < best_.stretches.size() && !is_over(); ++first) {
            const std::size_t second = next_of_same(first);
            if (second == best_.stretches.size()) {
                continue;
            }
            for (const bool early : {true, false}) {
                outline changed = best_;
                changed.stretches[early ? first : second].steps += changed.stretches[early ? second : first].steps;
                changed.stretches.erase(changed.stretches.begin() +
                                        static_cast<std::ptrdiff_t>(early ? second : first));
                if (try_instead(changed)) {
                    any = true;
                    break;
                }
            }
        }
        return any;
    }

    [[nodiscard]] std::size_t next_of_same(std::size_t first) const {
        std::size_t second = first + 1;
        while (second < best_.stretches.size() && best_.stretches[second].who != best_.stretches[first].who) {
            ++second;
        }
        return second;
    }

    bool lengthen_stretches() {
        bool any = false;
        for (std::size_t position = 0; position < best_.stretches.size() && !is_over(); ++position) {
            outline changed = best_;
            changed.stretches[position].steps = as_long_as_it_can;
            any = try_instead(changed) || any;
        }
        return any;
    }

    bool shorten_stretches() {
        bool any = false;
        for (std::size_t position = 0; position < best_.stretches.size() && !is_over(); ++position) {
            const std::uint32_t steps = best_.stretches[position].steps;
            for (const std::uint32_t fewer : {1U, steps / 2, steps - 1}) {
                if (fewer == 0 || fewer >= steps) {
                    continue;
                }
                outline changed = best_;
                changed.stretches[position].steps = fewer;
                if (try_instead(changed)) {
                    any = true;
                    break;
                }
            }
        }
        return any;
    }

    bool put_values_to_zero() {
        bool any = false;
        for (std::size_t position = 0; position < best_.values.size() && !is_over(); ++position) {
            if (best_.values[position] != 0) {
                outline changed = best_;
                changed.values[position] = 0;
                any = try_instead(changed) || any;
            }
        }
        return any;
    }

    shrink_trial& trial_;
    std::uint64_t most_executions_;
    time_limit clock_;
    std::uint64_t executions_ = 0;
    bool has_one_ = false;
    outline best_;
    schedule best_played_;
    schedule_cost best_cost_;
    std::size_t best_values_ = 0; ///< how many are not 0
};

/// The executions of a body.
class body_trial final : public shrink_trial {
public:
    body_trial(trial& on, const verdict& wanted, given_order* within) : trial_(on), wanted_(wanted), within_(within) {}

    strategy& under(strategy& decides) override {
        if (within_ == nullptr) {
            return decides;
        }
        within_->decide_by(decides);
        return *within_;
    }
    void run(strategy& decides) override { outcome_ = trial_.run(decides); }
    bool shows_it() override {
        const std::optional<verdict> seen = judge(trial_.world(), outcome_);
        return seen && seen->is_like(wanted_) &&
               (within_ == nullptr || keeps_order(*within_, trial_.world(), outcome_));
    }
    schedule played(std::size_t count) override { return schedule_of(trial_.world(), count); }

private:
    trial& trial_;
    const verdict& wanted_;
    given_order* within_;
    execution::outcome outcome_ = execution::outcome::all_finished;
};

} // namespace

std::optional<shrunk> shrink(shrink_trial& on, const schedule& found, const shrinking& until) {
    shrinker at_work(on, until);
    if (!at_work.begin(found)) {
        return std::nullopt;
    }
    const schedule_cost cost_as_found = at_work.cost();
    at_work.improve_what_is_there();
    at_work.search_below();
    return shrunk{.played = at_work.best(), .cost = at_work.cost(), .cost_as_found = cost_as_found};
}

std::optional<shrunk> shrink(trial& on, const verdict& wanted, const schedule& found, given_order* within,
                             const shrinking& until) {
    body_trial in_this_process(on, wanted, within);
    return shrink(in_this_process, found, until);
}

} // namespace cppvaldi
