#pragma once

#include "kernel/execution.hpp"
#include "strategies/given_order.hpp"

#include <cppvaldi/given.hpp>
#include <cppvaldi/trace.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cppvaldi {

/// The names of an execution, for `given_order`.
class names_of final : public name_source {
public:
    explicit names_of(execution& world) noexcept : world_(world) {}

    [[nodiscard]] label_id label_of(std::string_view name) override { return world_.labels().intern(name); }
    [[nodiscard]] label_id name_of(starter_id id) override { return world_.starters()[id].name; }

private:
    execution& world_;
};

/// Returns what `only` demands, each checkpoint once, with numbers where it has none.
/// Throws `usage_error` if an order mentions a checkpoint twice, or asks for what cannot be counted.
[[nodiscard]] std::vector<given_order::mention> mentions_of(const given& only);

/// What is known of the executions of a search that were outside of what is given.
class outside {
public:
    explicit outside(std::size_t mentions) : ever_reached_(mentions, false) {}

    /// Takes note of an execution that was not left, but has kept the order.
    void kept(const given_order& filter);

    /// Takes note of one that has not.
    void left(const given_order& filter, std::span<const decision> decisions);

    [[nodiscard]] std::uint64_t executions() const noexcept { return executions_; }

    /// The one that has kept the order longest.
    [[nodiscard]] const schedule& furthest() const noexcept { return furthest_; }

    /// Returns what was reached in no execution that has kept the order, or `given_order::none`.
    [[nodiscard]] std::size_t never_reached() const noexcept;

private:
    std::vector<bool> ever_reached_;
    std::uint64_t executions_ = 0;
    std::size_t most_reached_ = 0;
    schedule furthest_;
};

/// Says whether an execution that has come back with `outcome` counts. What is wrong with one before it has left the order is worth
/// to be known, whether or not the order would have been kept to its end.
[[nodiscard]] bool keeps_order(given_order& filter, const execution& world, execution::outcome outcome);

/// Returns why the execution that `filter` has seen does not keep the order: `bob:written is reached before alice:read`.
[[nodiscard]] std::string why_left(const given_order& filter);

/// Says whether an execution came to all of `mentions`, in whatever order.
[[nodiscard]] bool mentions_are_in(const trace& shown, const std::vector<given_order::mention>& mentions);

/// Returns `alice:read#2`.
[[nodiscard]] std::string text_of(const given_order::mention& named);

} // namespace cppvaldi
