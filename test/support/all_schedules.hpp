#pragma once

#include "kernel/execution.hpp"
#include "reading/report.hpp"

#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/strategy.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <ostream>
#include <string>
#include <vector>

/// Takes every decision in turn, the last one first: depth-first through all schedules.
class depth_first final : public cppvaldi::strategy {
public:
    /// `preemptions` is how often in one execution somebody may be made to wait who could go on.
    explicit depth_first(std::size_t preemptions) : preemptions_(preemptions) {}

    /// Goes on to the next schedule; returns false when there is none.
    bool advance() {
        depth_ = 0;
        preempted_ = 0;
        while (!path_.empty() && path_.back().chosen + 1 == path_.back().count) {
            path_.pop_back();
        }
        if (path_.empty()) {
            return false;
        }
        ++path_.back().chosen;
        return true;
    }

    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        const bool may_stay = point.running != cppvaldi::nobody && point.enabled.contains(point.running);
        if (may_stay && preempted_ == preemptions_) {
            return point.running;
        }
        std::size_t rank = take(static_cast<std::uint32_t>(point.enabled.size()));
        if (!may_stay) {
            return point.enabled.at(rank);
        }
        if (rank == 0) { // who runs comes first, then the others by id
            return point.running;
        }
        ++preempted_;
        rank -= rank <= point.enabled.rank_of(point.running) ? 1 : 0;
        return point.enabled.at(rank);
    }

    std::uint32_t value(const cppvaldi::value_point& point) override { return take(point.count); }

private:
    struct branch {
        std::uint32_t chosen;
        std::uint32_t count;
    };

    std::uint32_t take(std::uint32_t count) {
        if (depth_ == path_.size()) {
            path_.push_back({0, count});
        }
        BOOST_REQUIRE_EQUAL(path_[depth_].count, count); // or the body is not deterministic
        return path_[depth_++].chosen;
    }

    std::size_t preemptions_;
    std::size_t preempted_ = 0;
    std::vector<branch> path_;
    std::size_t depth_ = 0;
};

/// How often each ending was seen.
struct endings {
    std::map<std::string, std::size_t> seen;
    std::size_t executions = 0;

    /// True if just these were seen.
    [[nodiscard]] bool are(const std::vector<std::string>& wanted) const {
        std::map<std::string, std::size_t> rest = seen;
        for (const std::string& each : wanted) {
            if (rest.erase(each) == 0) {
                return false;
            }
        }
        return rest.empty();
    }

    friend std::ostream& operator<<(std::ostream& out, const endings& shown) {
        out << shown.executions << " executions";
        for (const auto& [ending, count] : shown.seen) {
            out << "\n  " << count << " x " << ending;
        }
        return out;
    }
};

/// What can be set for `all_schedules`.
struct search {
    std::size_t preemptions = 1'000'000;
    bool timeouts_are_decisions = false;
    bool spurious_wakeups = false;
    std::size_t most_executions = 300'000;
};

/// Calls `body` as the starter `main` under every schedule there is. What it leaves in its argument is how the execution ended;
/// if it did not come to its end, the first line of what is wrong is.
template <typename Body>
endings all_schedules(Body body, search how = {}) {
    using cppvaldi::execution;
    depth_first decides(how.preemptions);
    execution world;
    endings found;
    do {
        BOOST_REQUIRE_LT(found.executions, how.most_executions);
        std::string said;
        cppvaldi::execution_options options;
        options.spurious_wakeups = how.spurious_wakeups;
        world.begin(decides, options, {.tracing = false, .timeouts_are_decisions = how.timeouts_are_decisions});
        cppvaldi::detail::with_job([&](cppvaldi::detail::job_shape shape,
                                       cppvaldi::detail::job_maker maker) { return world.spawn("main", shape, maker); },
                                   [&] { body(said); });
        switch (world.run()) {
        case execution::outcome::all_finished: break;
        case execution::outcome::raised: try { std::rethrow_exception(world.take_exception());
            } catch (const std::exception& problem) {
                said = problem.what();
            }
            break;
        case execution::outcome::deadlocked: said = "deadlock: " + cycle_of(world); break;
        case execution::outcome::stuck: said = "stuck"; break;
        case execution::outcome::livelocked: said = "livelock"; break;
        case execution::outcome::held:
        case execution::outcome::out_of_steps: said = "no end"; break;
        }
        world.end();
        ++found.executions;
        ++found.seen[said.substr(0, said.find('\n'))];
        BOOST_REQUIRE_EQUAL(world.live_stacks(), 0U);
    } while (decides.advance());
    return found;
}
