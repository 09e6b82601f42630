#pragma once

#include <cppvaldi/starter_set.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi {

/// How much of each starter's life is known: up to its how manieth release. Nothing is known of those beyond the end. Its memory
/// is kept when it is cleared, or assigned to.
class vector_clock {
public:
    using time = std::uint32_t;

    [[nodiscard]] time of(starter_id who) const noexcept { return index(who) < known_.size() ? known_[index(who)] : 0; }

    /// From now on at least that is known of `who`.
    void learn(starter_id who, time at) {
        if (index(who) >= known_.size()) {
            known_.resize(std::size_t{index(who)} + 1);
        }
        known_[index(who)] = std::max(known_[index(who)], at);
    }

    /// From now on all is known that `other` knows.
    void join(const vector_clock& other) {
        if (known_.size() < other.known_.size()) {
            known_.resize(other.known_.size());
        }
        for (std::size_t each = 0; each < other.known_.size(); ++each) {
            known_[each] = std::max(known_[each], other.known_[each]);
        }
    }

    void clear() noexcept { known_.clear(); }

private:
    std::vector<time> known_; ///< by starter
};

} // namespace cppvaldi
