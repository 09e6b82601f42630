#pragma once

#include <cppvaldi/schedule.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace cppvaldi::intercept {

/// Tells executions from each other by what a strategy sees of them: who could go on at each point, what each would do, the
/// answers.
class sight_hash {
public:
    void add(const scheduling_point& point, starter_id answer) noexcept;
    void add(const value_point& point, std::uint32_t answer) noexcept;

    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    void add(std::uint64_t number) noexcept;

    std::uint64_t value_ = 0xcbf2'9ce4'8422'2325;
};

/// How far executions in another process have come, in memory that is shared with it, so that it is there when the other one has
/// crashed.
class run_record {
public:
    enum class stage : std::uint8_t {
        running,  ///< an execution; if the process is gone, that one has ended it
        over,     ///< nothing was found
        complete, ///< and nothing is left to explore
        found,    ///< the last execution has shown something to be wrong
        refused,  ///< the text says why
    };

    run_record();
    run_record(const run_record&) = delete;
    run_record& operator=(const run_record&) = delete;
    ~run_record();

    void begin_execution() noexcept;
    void add(decision taken) noexcept;

    /// What has come of an execution.
    struct sight {
        std::uint64_t hash;         ///< of a `sight_hash`
        bool is_new = true;         ///< what `strategy::end_execution` said
        std::uint64_t explored = 0; ///< what `strategy::explored` says
    };
    void end_execution(const sight& seen) noexcept;

    /// What the executions so far have shown was counted wrongly.
    void begin_anew() noexcept { top().abandoned = top().begun; }
    void end(stage how) noexcept { top().at = how; }
    void refuse(const std::string& why) noexcept;

    [[nodiscard]] stage at() const noexcept { return top().at; }
    [[nodiscard]] std::uint64_t begun() const noexcept { return top().begun; } ///< executions, all in all
    [[nodiscard]] std::uint64_t abandoned() const noexcept {
        return top().abandoned;
    } ///< those that have shown nothing new
    [[nodiscard]] std::uint64_t explored() const noexcept { return top().last.explored; }
    [[nodiscard]] std::uint64_t hash() const noexcept { return top().last.hash; } ///< of the last one that has ended
    [[nodiscard]] schedule decisions() const;                                     ///< of the last one
    [[nodiscard]] std::string why() const { return top().why; }

    [[nodiscard]] const void* memory() const noexcept { return memory_; }

private:
    struct head {
        stage at = stage::running;
        std::uint64_t begun = 0;
        std::uint64_t abandoned = 0;
        sight last{};
        std::size_t decisions = 0;
        char why[1024] = "";
    };

    [[nodiscard]] head& top() const noexcept { return *static_cast<head*>(memory_); }
    [[nodiscard]] decision* first() const noexcept;

    void* memory_;
};

} // namespace cppvaldi::intercept
