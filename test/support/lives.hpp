#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/strategy.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace test {

/// Makes every sequence of decisions once, depth first: the plainest search that there is, and independent of the library's own.
class every_schedule final : public cppvaldi::strategy {
public:
    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        return point.enabled.at(decide(static_cast<std::uint32_t>(point.enabled.size())));
    }

    std::uint32_t value(const cppvaldi::value_point& point) override { return decide(point.count); }

    /// Goes on to the next sequence. Returns false if there is none.
    bool advance() {
        depth_ = 0;
        while (!path_.empty() && path_.back().taken + 1 == path_.back().count) {
            path_.pop_back();
        }
        if (path_.empty()) {
            return false;
        }
        ++path_.back().taken;
        return true;
    }

private:
    struct choice {
        std::uint32_t taken;
        std::uint32_t count;
    };

    std::uint32_t decide(std::uint32_t count) {
        if (depth_ == path_.size()) {
            path_.push_back({0, count});
        }
        return path_[depth_++].taken;
    }

    std::vector<choice> path_;
    std::size_t depth_ = 0;
};

struct named {
    std::string name;
    std::function<void()> life;
};

/// Plays one execution of `lives` under `decides`, then calls `look` while what happened can still be seen.
template <typename Look>
cppvaldi::execution::outcome play(cppvaldi::strategy& decides, const std::vector<named>& lives, Look look,
                                  const cppvaldi::execution_options& options = {}) {
    static cppvaldi::execution world;
    world.begin(decides, options, {});
    for (const named& each : lives) {
        cppvaldi::detail::with_job(
            [&](cppvaldi::detail::job_shape shape, cppvaldi::detail::job_maker maker) {
                (void)world.spawn(each.name, shape, maker);
            },
            [&life = each.life] { life(); });
    }
    const cppvaldi::execution::outcome came_back = world.run();
    look(world);
    world.end();
    return came_back;
}

/// Plays all schedules of what `make` returns, made anew for each; `look` sees how each came back. Returns how many there were.
template <typename Make, typename Look>
int play_all(Make make, Look look, const cppvaldi::execution_options& options = {}) {
    every_schedule decides;
    int schedules = 0;
    do {
        const std::vector<named> lives = make();
        cppvaldi::execution::outcome came_back{};
        came_back = play(
            decides, lives, [](const cppvaldi::execution&) {}, options);
        look(came_back);
        ++schedules;
    } while (decides.advance());
    return schedules;
}

/// Lets the lowest id go on, or the highest.
class by_id final : public cppvaldi::strategy {
public:
    enum class first : std::uint8_t { lowest, highest };
    explicit by_id(first which) : which_(which) {}

    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        return point.enabled.at(which_ == first::lowest ? 0 : point.enabled.size() - 1);
    }

private:
    first which_;
};

/// Plays `lives` with the lowest id first, and with the highest first. Returns whether all of them ended.
inline bool ends_either_way(const std::vector<named>& lives) {
    for (const by_id::first which : {by_id::first::lowest, by_id::first::highest}) {
        by_id decides(which);
        if (play(decides, lives, [](const cppvaldi::execution&) {}) != cppvaldi::execution::outcome::all_finished) {
            return false;
        }
    }
    return true;
}

} // namespace test
