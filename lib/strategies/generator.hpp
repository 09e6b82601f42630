#pragma once

#include <cstdint>

namespace cppvaldi {

/// The one source of pseudo-random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014, figure 16). The same seed gives the
/// same numbers everywhere.
class generator {
public:
    explicit constexpr generator(std::uint64_t seed) noexcept : state_(seed) {}

    [[nodiscard]] constexpr std::uint64_t next() noexcept {
        std::uint64_t mixed = state_ += 0x9e37'79b9'7f4a'7c15;
        mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
        return mixed ^ mixed >> 31;
    }

    /// Returns a number below `count`; the bias is below count / 2^32. REQUIRES: `count` is positive.
    [[nodiscard]] constexpr std::uint32_t below(std::uint32_t count) noexcept {
        return static_cast<std::uint32_t>((next() >> 32) * count >> 32);
    }

private:
    std::uint64_t state_;
};

} // namespace cppvaldi
