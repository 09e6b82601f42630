#pragma once

#include "kernel/execution.hpp"
#include "reading/naming.hpp"
#include "strategies/declared_order.hpp"

#include <cppvaldi/checkpoint_ref.hpp>
#include <cppvaldi/order.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/schedule.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cppvaldi::detail {

/// What is behind a `runner`: an execution, the strategy that keeps the declared order, and the translation between names and
/// numbers. Sessions are used again by later runners of the same OS thread, with all their memory.
class session {
public:
    /// Returns one that nobody uses, begun.
    [[nodiscard]] static std::shared_ptr<session> acquire(const execution_options& options);

    /// Ends the execution and keeps the session for the next runner.
    static void release(const std::shared_ptr<session>& ended) noexcept;

    /// What this OS thread's sessions hold on to, for tests.
    struct census {
        std::size_t in_use = 0;      ///< sessions of runners that are alive
        std::size_t live_stacks = 0; ///< of the sessions that nobody uses
    };
    [[nodiscard]] static census count();

    /// Returns the session that was acquired last of those that are in use, or null; and the one that was before `this`.
    [[nodiscard]] static const session* latest_in_use() noexcept;
    [[nodiscard]] const session* earlier_in_use() const noexcept { return earlier_in_use_; }

    session() = default;
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    [[nodiscard]] starter_id start(std::string_view name, job_shape shape, job_maker maker);
    void declare(const order& declared);
    std::optional<checkpoint_ref> next();
    checkpoint_ref run_to(const checkpoint_ref& target);
    void finish();
    void play(const schedule& recorded, std::size_t last_step);

    [[nodiscard]] execution& world() noexcept { return world_; }
    [[nodiscard]] const execution& world() const noexcept { return world_; }
    [[nodiscard]] bool done() const noexcept { return world_.unfinished() == 0; }

    /// Returns which runner uses it, a number that no other runner has or will have; 0 if none does.
    [[nodiscard]] std::uint64_t used_by() const noexcept { return used_by_; }

private:
    struct latest {
        starter_id starter = nobody;
        std::uint32_t position = 0;
    };

    void check_caller(std::string_view call) const {
        if (!world_.on_its_thread() || world_.driving() || world_.unwinding()) {
            refuse_caller(call);
        }
    }
    [[noreturn]] void refuse_caller(std::string_view call) const;
    void check_thread(std::string_view call) const;
    void check_name(std::string_view call, const checkpoint_ref& ref) const;
    [[nodiscard]] starter_id find(std::string_view call, const checkpoint_ref& ref) const;
    [[nodiscard]] mention resolve(const checkpoint_ref& ref);
    void number_occurrences();
    void sort_by_starter();
    void refuse_twins();
    [[nodiscard]] bool means(const checkpoint_ref& target, std::size_t position) const;
    [[nodiscard]] std::uint32_t passed(starter_id starter, label_id label) const;
    [[noreturn]] void raise(); ///< what has left a starter, or was found in one
    void drive();
    [[noreturn]] void throw_verdict(declared_order::verdict why) const;
    [[nodiscard]] std::string wanted_text() const;
    [[nodiscard]] std::string declared_text(const mention& wanted) const;
    [[nodiscard]] std::string missed_text() const;
    [[nodiscard]] std::string out_of_order_text() const;
    [[nodiscard]] std::string infeasible_text() const;
    [[nodiscard]] std::string picture() const;
    [[nodiscard]] static std::string times(std::uint32_t count);

    /// What `starter::before` and `starter::after` make; a checkpoint of the code under test may well be called "before commit".
    [[nodiscard]] static bool is_at_function(const std::string& name);

    declared_order order_;
    std::vector<checkpoint_ref> declared_; ///< as declared, by position in the strategy's order
    std::vector<mention> resolved_;        ///< the same in numbers
    std::vector<std::uint32_t> base_;      ///< how often each was passed before it was declared
    std::string detour_; ///< the target of `run_to` that is under way, if the order does not mention it
    std::uint64_t used_by_ = 0;
    session* earlier_in_use_ = nullptr; ///< the list of this OS thread's, the latest first
    session* later_in_use_ = nullptr;

    // Scratch of `declare`, kept for its memory.
    std::vector<std::uint32_t> by_starter_; ///< positions, sorted by starter
    std::vector<std::uint32_t> next_of_starter_;
    std::vector<latest> latest_; ///< the mention before, by label

    execution world_; ///< ends before the strategy does
    naming names_{world_};
};

/// The way from a runner to what is behind it, for other drivers.
struct runner_access {
    [[nodiscard]] static session& session_of(const runner& of) noexcept { return *of.session_; }
};

} // namespace cppvaldi::detail
