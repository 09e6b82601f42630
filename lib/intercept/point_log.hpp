#pragma once

#include <cppvaldi/operation.hpp>
#include <cppvaldi/schedule.hpp>
#include <cppvaldi/starter_set.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <vector>

namespace cppvaldi::intercept {

/// What a strategy was asked in an execution of another process, and what it answered. It lies in memory that the two share, so
/// that it is there when the other one has crashed. A strategy that is asked the same again, here, comes to the same state.
class point_log {
public:
    point_log();
    point_log(const point_log&) = delete;
    point_log& operator=(const point_log&) = delete;
    ~point_log();

    /// Forgets all.
    void clear() noexcept;

    void add(const scheduling_point& point, starter_id answer) noexcept;
    void add(const value_point& point, std::uint32_t answer) noexcept;

    /// Takes note of what was to be seen at the end of the execution.
    void add_end(const scheduling_point& point, bool answer) noexcept;

    /// Asks `asked` all that is noted. Returns what it says at the end: whether the execution has shown something new.
    bool ask_again(strategy& asked) const;

    /// Returns the decisions.
    [[nodiscard]] schedule decisions() const;

    /// Says that the other process has come to its end as it should.
    void set_over() noexcept;
    [[nodiscard]] bool is_over() const noexcept;

    /// Room for a text, which is there as well when the other process is gone.
    void set_text(const char* text, std::size_t size) noexcept;
    [[nodiscard]] std::string text() const;

private:
    struct head;
    struct entry;
    class reader;

    [[nodiscard]] head& top() const noexcept { return *static_cast<head*>(memory_); }
    void put_point(entry noted, const scheduling_point& point) noexcept;
    void put(const void* bytes, std::size_t size_bytes) noexcept;
    void put_set(const starter_set* set) noexcept;

    void* memory_;
};

/// Notes what another strategy is asked.
class noting_strategy final : public strategy {
public:
    noting_strategy(strategy& answers, point_log& log) noexcept : answers_(answers), log_(log) {}

    [[nodiscard]] bool plays_one_schedule() const noexcept override { return answers_.plays_one_schedule(); }
    [[nodiscard]] strategy_needs needs() const override { return answers_.needs(); }
    [[nodiscard]] starter_id next(const scheduling_point& point) override;
    [[nodiscard]] std::uint32_t value(const value_point& point) override;
    [[nodiscard]] bool end_execution(const scheduling_point& point) override;

private:
    strategy& answers_;
    point_log& log_;
};

} // namespace cppvaldi::intercept
