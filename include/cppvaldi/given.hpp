#pragma once

#include <cppvaldi/checkpoint_ref.hpp>
#include <cppvaldi/order.hpp>

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <utility>
#include <vector>

namespace cppvaldi {

/// A pair of a partial order, a value: `then` is not reached before `first` is. Whether `then` is reached at all is left open.
/// Without a number each stands for the first time that its starter gets there.
struct happens_before {
    checkpoint_ref first;
    checkpoint_ref then;

    friend bool operator==(const happens_before&, const happens_before&) = default;
    friend std::ostream& operator<<(std::ostream& out, const happens_before& pair);
};

/// What must hold of an execution for a search to count it, a value: that an order is kept from its first checkpoint to its last,
/// or that pairs are. `given(order)`, or `given(happens_before{at("alice", "read"), at("bob", "written")}, ...)`.
///
/// Reached is a checkpoint when all that comes before it has been done and nothing that comes after. Starters begin by themselves
/// under a search: one that comes to the first of its checkpoints that way waits there until that is due.
class given {
public:
    /// Everything is allowed.
    given() = default;

    /// The checkpoints of `total`, in that order. Mentions stand for what they do under a runner: without a number for the time
    /// after the one before.
    given(order total) : total_(std::move(total)) {} // NOLINT: an order is what is given

    given(std::initializer_list<happens_before> pairs) : pairs_(pairs) {}

    template <std::same_as<happens_before>... More>
    explicit given(happens_before pair, More... more) : pairs_{std::move(pair), std::move(more)...} {}

    /// Returns the same for code in which the order may have become impossible, by a lock say: that nothing keeps it is no
    /// finding then, as long as a search of everything has shown it and its checkpoints are still there.
    [[nodiscard]] given if_possible() const {
        given relaxed = *this;
        relaxed.if_possible_ = true;
        return relaxed;
    }

    [[nodiscard]] bool is_only_if_possible() const noexcept { return if_possible_; }
    [[nodiscard]] const order& total() const noexcept { return total_; }
    [[nodiscard]] const std::vector<happens_before>& pairs() const noexcept { return pairs_; }
    [[nodiscard]] bool empty() const noexcept { return total_.empty() && pairs_.empty(); }

    friend bool operator==(const given&, const given&) = default;

private:
    order total_;
    std::vector<happens_before> pairs_;
    bool if_possible_ = false;
};

} // namespace cppvaldi
