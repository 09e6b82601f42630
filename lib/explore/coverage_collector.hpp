#pragma once

#include "kernel/execution.hpp"
#include "strategies/equivalence.hpp"

#include <cppvaldi/coverage.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cppvaldi {

/// Lets another strategy decide, and takes note of what the executions come by. An execution counts once `count` is called.
///
/// Cost: for each step, a look at what all starters have announced; for each checkpoint, a look at those that were passed before it
/// in the same execution.
class coverage_collector final : public strategy {
public:
    explicit coverage_collector(const execution& world) noexcept : world_(world) {}

    void decide_by(strategy& decides) noexcept { decides_ = &decides; }

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] bool end_execution(const scheduling_point& point) override;
    [[nodiscard]] strategy_needs needs() const override;
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override { return decides_->value(point); }
    [[nodiscard]] std::uint64_t explored() const override { return decides_->explored(); }

    /// Counts the execution that has ended. `known`, if it is not null, says which of its decisions commute.
    void count(const equivalence* known);

    [[nodiscard]] coverage summed_up() const;

private:
    static constexpr std::uint32_t none = 0xffff'ffff;
    static constexpr std::size_t most_checkpoints = 256;

    using numbers = std::map<std::string, std::uint32_t, std::less<>>;

    struct checkpoint {
        std::uint32_t starter;
        std::string text;
        std::vector<bool> before; ///< by checkpoint: it was seen before that
    };
    struct object_use {
        std::string text;
        std::vector<std::uint32_t> starters;
        bool contended = false;
    };
    struct passed {
        std::uint32_t which;
        std::uint64_t decision;
    };
    struct touched {
        std::uint32_t object;
        starter_id who;
        bool contended;
    };

    void see_announced(const scheduling_point& point);
    void see_passed(const scheduling_point& point, starter_id chosen);
    [[nodiscard]] std::uint32_t object_number(const scheduling_point& point, object_id id);
    [[nodiscard]] std::uint32_t starter_number(starter_id id);
    [[nodiscard]] std::uint32_t checkpoint_number(starter_id id, label_id label);

    const execution& world_;
    strategy* decides_ = nullptr;

    numbers starter_numbers_;
    numbers checkpoint_numbers_;
    numbers object_numbers_;
    std::vector<std::string> starters_;
    std::vector<checkpoint> checkpoints_;
    std::vector<object_use> objects_;
    std::uint64_t executions_ = 0;

    // Of the execution that is under way.
    std::vector<passed> passed_;
    std::vector<touched> touched_;
    std::vector<std::uint32_t> known_starters_; ///< by number in it
    std::vector<std::uint32_t> known_objects_;
    touched last_{none, nobody, false}; ///< what the step that is under way is on, if it tries something
    std::string text_;
};

} // namespace cppvaldi
