#pragma once

#include <cppvaldi/schedule.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cppvaldi {

/// Counts how many different numbers it has seen, in limited memory.
///
/// Adaptive sampling (Wegman; analysed by Flajolet, "On adaptive sampling", Computing 43, 1990): the numbers are kept in a table;
/// when it is full, only those are kept from then on whose lowest bit is zero, then the two lowest, and so on, and each that is
/// kept stands for two, four, ... So up to 65,536 the count is exact, then it is an estimate, with a standard error of half a
/// percent. Changed: nothing. Cost: constant, one cache miss.
class distinct_counter {
public:
    /// REQUIRES: `number` is well mixed.
    void see(std::uint64_t number) {
        if ((number & mask_) == 0) {
            insert(number);
        }
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return std::uint64_t{kept_} << level_; }

private:
    static constexpr std::size_t most_kept = 65'536;
    static constexpr std::size_t first_slots = 1024;

    void insert(std::uint64_t number);
    void make_room();
    [[nodiscard]] std::uint64_t& slot_of(std::uint64_t number) noexcept;

    std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(first_slots); ///< 0 is free
    std::size_t kept_ = 0;
    unsigned level_ = 0;
    std::uint64_t mask_ = 0; ///< the lowest `level_` bits
};

/// What is counted of the executions of a search.
class tally {
public:
    void count(std::span<const decision> decisions);

    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
    [[nodiscard]] std::uint64_t switches() const noexcept { return switches_; }
    [[nodiscard]] std::uint64_t deepest() const noexcept { return deepest_; }
    [[nodiscard]] std::uint64_t distinct() const noexcept { return schedules_.count(); }

private:
    std::uint64_t steps_ = 0;
    std::uint64_t switches_ = 0;
    std::uint64_t deepest_ = 0;
    distinct_counter schedules_;
};

} // namespace cppvaldi
