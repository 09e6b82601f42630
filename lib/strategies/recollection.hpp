#pragma once

#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cppvaldi {

/// Stands in front of a strategy and remembers what the first executions came to after which decisions. When a later one comes to
/// something else after the same decisions, it ends with a `divergence` that names both: the body depends on something else.
///
/// It remembers a tree of so many decisions as the first executions take; they share beginnings, and short programs come again as a
/// whole. What is announced after the remembered decisions is not compared. Once somebody waits for a descriptor, nothing more is,
/// for the world outside keeps its own time. Cost: a few comparisons per decision, in one execution of `checked_every`.
class recollection final : public strategy {
public:
    explicit recollection(strategy& decides) noexcept : decides_(decides) {}

    /// Says whether the next execution, of which `before` came before it, is to be compared.
    [[nodiscard]] static bool wants(std::uint64_t before) noexcept {
        return before < always_checked || before % checked_every == 0;
    }

    [[nodiscard]] bool begin_execution() override;
    [[nodiscard]] bool end_execution(const scheduling_point& point) override { return decides_.end_execution(point); }
    [[nodiscard]] strategy_needs needs() const override;
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;
    [[nodiscard]] bool completes() const override { return decides_.completes(); }
    [[nodiscard]] std::uint64_t explored() const override { return decides_.explored(); }

private:
    static constexpr std::uint64_t learning = 16; ///< so many executions are remembered
    static constexpr std::uint64_t always_checked = 64;
    static constexpr std::uint64_t checked_every = 64;
    static constexpr std::size_t most_nodes = 1'024;
    static constexpr std::uint32_t none = 0xffff'ffff;

    /// What a scheduling point is, as far as it is compared.
    struct sight {
        starter_id running = nobody;
        operation_kind announced = operation_kind::started;
        object_id object{};
        label_id label{};
        std::uint32_t line = 0;
        std::uint64_t alternatives = 0;

        friend bool operator==(const sight&, const sight&) = default;
    };

    /// Where certain decisions lead to.
    struct node {
        std::uint32_t chosen = 0; ///< the last of these decisions
        std::uint32_t first_child = none;
        std::uint32_t next_sibling = none;
        bool seen = false;
        sight what{};
        std::string said{}; ///< the same in words, with names: numbers of names and objects may be equal by chance
    };

    void compare(const scheduling_point& point);
    void compare(const sight& now, std::string said, std::uint64_t step, const step_names* names);
    void go_on(std::uint32_t chosen);
    [[nodiscard]] bool learns() const noexcept { return executions_ <= learning; }

    strategy& decides_;
    std::vector<node> nodes_;
    std::uint64_t executions_ = 0;
    std::uint32_t here_ = none; ///< the node that the present decisions lead to; `none` if nobody was there before
};

} // namespace cppvaldi
