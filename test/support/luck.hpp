#pragma once

#include <cstdint>
#include <random>

/// Numbers that look like luck and are the same on every machine: the engine's outputs are fixed by the standard, and no
/// distribution, which are not, stands between.
class luck {
public:
    explicit luck(std::uint64_t seed) : engine_(seed) {}

    /// Returns a number below `bound`. REQUIRES: `bound > 0`.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

    /// Returns true once in `times`.
    bool once_in(std::size_t times) { return below(times) == 0; }

private:
    std::mt19937_64 engine_;
};
