#include "strategies/dpor/loop_probe.hpp"

#include <algorithm>

namespace cppvaldi::reduction {

starter_id loop_probe::next(const history& seen, const scheduling_point& point) {
    if (is_idle()) {
        return begins(seen, point) ? who_ : nobody;
    }
    if (has_given_up()) {
        return nobody;
    }
    if (!goes_on_as_before(seen, point)) {
        give_up();
        return nobody;
    }
    at_ = (at_ + 1) % round_.size();
    const bool is_as_it_was = at_ == 0 && (rested_ || point.enabled.contains(who_));
    if (++looks_ >= most_looks && is_as_it_was) {
        who_ = nobody;
    }
    return who_;
}

/// True if the starter has just come round, has not been probed after this, and the limit on steps leaves room for it.
bool loop_probe::begins(const history& seen, const scheduling_point& point) {
    const auto last = static_cast<std::uint32_t>(seen.size() - 1);
    const starter_id id = seen.number_of(seen[last].who);
    if (point.running != id || !seen.waits_in_loop(id, point)) {
        return false;
    }
    round_.clear();
    for (std::uint32_t at = last;; at = seen[at].before) {
        round_.push_back(seen[at]);
        if (at == seen[last].round_from) {
            break;
        }
    }
    std::reverse(round_.begin(), round_.end());
    if (point.last_step - point.step < most_looks + 2 * round_.size() || !known_.insert(seen.past_of(last)).second) {
        return false;
    }
    who_ = id;
    rested_ = !point.enabled.contains(id);
    at_ = 0;
    looks_ = 0;
    return true;
}

bool loop_probe::goes_on_as_before(const history& seen, const scheduling_point& point) const {
    const step_result& before = round_[at_].result;
    const bool has_found_the_same = point.last.found == before.found && point.last.failed == before.failed &&
                                    point.last.unchanged == before.unchanged;
    return point.running == who_ && has_found_the_same && seen.comes_next(round_[(at_ + 1) % round_.size()], point);
}

} // namespace cppvaldi::reduction
