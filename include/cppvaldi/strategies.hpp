#pragma once

#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace cppvaldi {

/// Every interleaving, depth first. With a bound, only those with at most so many preemptions (changes away from a starter that
/// could have gone on), those with fewer first, so that the first finding has the fewest. Two starters of three checkpoints have
/// 20 interleavings, of them 2, 6, 14 and 18 with at most 0, 1, 2 and 3 preemptions.
struct exhaustive {
    std::optional<std::uint32_t> preemptions{};

    friend bool operator==(const exhaustive&, const exhaustive&) = default;
};

/// At each decision every alternative with the same probability. Never complete.
struct random {
    std::uint64_t seed = 1;

    friend bool operator==(const random&, const random&) = default;
};

/// One schedule again. What happens when it does not fit is a finding that names the first step that differs.
struct replay {
    schedule played;

    friend bool operator==(const replay&, const replay&) = default;
};

/// Each makes the working object from its description.
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const exhaustive& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const random& described);
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const replay& described);

} // namespace cppvaldi
