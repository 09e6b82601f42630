/// What every strategy must keep to, whatever its algorithm: one line in `all_strategies` for each.

#include "kernel/execution.hpp"
#include "reading/tracing.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/require.hpp>
#include <cppvaldi/semaphore.hpp>
#include <cppvaldi/strategies.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace {

using cppvaldi::execution;
using cppvaldi::strategy;
using namespace std::chrono_literals;

// --- the strategies ---

struct named_strategy {
    std::string name;
    bool has_seed;
    std::function<std::unique_ptr<strategy>(std::uint64_t seed)> make;

    friend std::ostream& operator<<(std::ostream& out, const named_strategy& shown) { return out << shown.name; }
};

template <typename Description>
named_strategy described(std::string name, const Description& by) {
    return {std::move(name), false, [by](std::uint64_t) { return make_strategy(by); }};
}

template <typename Description>
named_strategy seeded(std::string name, Description by) {
    return {std::move(name), true, [by](std::uint64_t seed) mutable {
                by.seed = seed;
                return make_strategy(by);
            }};
}

/// A user's own: a generator of the plainest kind.
class own_strategy final : public strategy {
public:
    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        return point.enabled.at(number() % point.enabled.size());
    }

    std::uint32_t value(const cppvaldi::value_point& point) override {
        return static_cast<std::uint32_t>(number() % point.count);
    }

private:
    std::uint64_t number() {
        last_ = last_ * 6364136223846793005U + 1442695040888963407U;
        return last_ >> 33;
    }

    std::uint64_t last_ = 1;
};

const std::vector<named_strategy> all_strategies = {
    described("exhaustive", cppvaldi::exhaustive{}),
    described("exhaustive with a bound", cppvaldi::exhaustive{.preemptions = 2}),
    described("dpor", cppvaldi::dpor{}),
    described("dpor with a bound", cppvaldi::dpor{.preemptions = 2}),
    seeded("random", cppvaldi::random{}),
    seeded("sticky", cppvaldi::sticky{}),
    seeded("pct", cppvaldi::pct{}),
    seeded("pct of depth 1", cppvaldi::pct{.depth = 1}),
    seeded("pos", cppvaldi::pos{}),
    seeded("surw", cppvaldi::surw{}),
    seeded("surw of checkpoints", cppvaldi::surw{.interesting = cppvaldi::surw::events::checkpoints}),
    seeded("surw of all", cppvaldi::surw{.interesting = cppvaldi::surw::events::all}),
    described("round_robin", cppvaldi::round_robin{}),
    described("round_robin in threes", cppvaldi::round_robin{.turn = 3}),
    described("portfolio", cppvaldi::portfolio{{cppvaldi::pct{}, cppvaldi::exhaustive{}, cppvaldi::round_robin{}}}),
    described("portfolio with a reduction", cppvaldi::portfolio{{cppvaldi::pct{}, cppvaldi::dpor{}}}),
    {"a user's own", false, [](std::uint64_t) { return std::make_unique<own_strategy>(); }},
};

// --- the programs; none has a fault, and each comes to its end if nobody is starved ---

struct program {
    std::string name;
    std::function<void()> body;

    friend std::ostream& operator<<(std::ostream& out, const program& shown) { return out << shown.name; }
};

template <typename... Lives>
void run_together(Lives... lives) {
    std::vector<cppvaldi::thread> threads;
    (threads.emplace_back(lives), ...);
    for (cppvaldi::thread& each : threads) {
        each.join();
    }
}

void locks() {
    cppvaldi::mutex guard;
    int count = 0;
    const auto add = [&] {
        for (int round = 0; round < 3; ++round) {
            const std::scoped_lock lock(guard);
            ++count;
        }
    };
    run_together(add, add, add);
    cppvaldi::require(count == 9);
}

void conditions() {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable changed;
    int items = 0;
    const auto put = [&] {
        const std::scoped_lock lock(guard);
        ++items;
        changed.notify_one();
    };
    const auto take = [&] {
        std::unique_lock lock(guard);
        changed.wait(lock, [&] { return items > 0; });
        --items;
    };
    run_together(take, take, put, put);
    cppvaldi::require(items == 0);
}

void timeouts() {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable changed;
    bool ready = false;
    run_together(
        [&] {
            std::unique_lock lock(guard);
            while (!changed.wait_for(lock, 1s, [&] { return ready; })) {}
        },
        [&] {
            cppvaldi::this_thread::sleep_for(10ms);
            cppvaldi::checkpoint("slept");
            const std::scoped_lock lock(guard);
            ready = true;
            changed.notify_all();
        });
}

void choices() {
    cppvaldi::atomic<unsigned> sum{0};
    const auto add = [&] {
        for (int round = 0; round < 4; ++round) {
            sum += cppvaldi::choose(3);
        }
    };
    run_together(add, add);
    cppvaldi::require(sum <= 16);
}

void spawning() {
    cppvaldi::atomic<int> born{0};
    const std::function<void(int)> bear = [&](int depth) {
        ++born;
        if (depth > 0) {
            cppvaldi::thread left(bear, depth - 1);
            cppvaldi::checkpoint("between");
            cppvaldi::thread right(bear, depth - 1);
            left.join();
            right.join();
        }
    };
    bear(2);
    cppvaldi::require(born == 7);
}

void spinning() {
    cppvaldi::atomic<bool> locked{false};
    int count = 0;
    const auto add = [&] {
        for (int round = 0; round < 2; ++round) {
            while (locked.exchange(true)) {}
            ++count;
            locked = false;
        }
    };
    run_together(add, add, add);
    cppvaldi::require(count == 6);
}

void yielding() {
    cppvaldi::atomic<int> turn{0};
    const auto wait_for = [&](int mine) {
        while (turn.load() != mine) {
            cppvaldi::this_thread::yield();
        }
        turn = mine + 1;
    };
    run_together([&] { wait_for(2); }, [&] { wait_for(1); }, [&] { wait_for(0); });
}

void waiting_in_turn() {
    cppvaldi::counting_semaphore<4> ready{0};
    cppvaldi::atomic<int> gone{0};
    const auto follow = [&] {
        while (!ready.try_acquire_for(1ms)) {}
        ++gone;
    };
    run_together(follow, follow, [&] {
        for (int step = 0; step < 5; ++step) {
            cppvaldi::checkpoint("a step");
        }
        ready.release(2);
    });
    cppvaldi::require(gone == 2);
}

const std::vector<program> programs = {
    {"locks", locks},       {"conditions", conditions}, {"timeouts", timeouts}, {"choices", choices},
    {"spawning", spawning}, {"spinning", spinning},     {"yielding", yielding}, {"waiting in turn", waiting_in_turn},
};

// --- what is asked of them ---

/// Hands on what another one decides, after a look at it.
class inspected final : public strategy {
public:
    explicit inspected(strategy& decides) : decides_(decides) {}

    [[nodiscard]] bool begin_execution() override { return decides_.begin_execution(); }
    [[nodiscard]] cppvaldi::strategy_needs needs() const override { return decides_.needs(); }

    [[nodiscard]] bool end_execution(const cppvaldi::scheduling_point& point) override {
        return decides_.end_execution(point);
    }

    [[nodiscard]] cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        const cppvaldi::starter_id chosen = decides_.next(point);
        BOOST_REQUIRE(point.enabled.contains(chosen) || (point.resting != nullptr && point.resting->contains(chosen)));
        return chosen;
    }

    [[nodiscard]] std::uint32_t value(const cppvaldi::value_point& point) override {
        const std::uint32_t chosen = decides_.value(point);
        BOOST_REQUIRE_LT(chosen, point.count);
        return chosen;
    }

private:
    strategy& decides_;
};

struct played {
    cppvaldi::schedule decisions;
    cppvaldi::trace shown;
};

/// One execution. Whoever is starved, or starves others, is found by the step limit.
played play_once(strategy& decides, const program& what) {
    execution world;
    cppvaldi::execution_options options;
    options.step_limit = 50'000;
    world.begin(decides, options,
                {.tracing = true, .timeouts_are_decisions = true, .results = decides.needs().results});
    (void)cppvaldi::detail::with_job(
        [&world](cppvaldi::detail::job_shape shape, cppvaldi::detail::job_maker maker) {
            return world.spawn("main", shape, maker);
        },
        [&what] { what.body(); });
    const execution::outcome came_back = world.run();
    (void)decides.end_execution(world.point());
    if (came_back == execution::outcome::raised) {
        std::rethrow_exception(world.take_exception());
    }
    BOOST_REQUIRE_MESSAGE(came_back == execution::outcome::all_finished,
                          "it came back with " << static_cast<int>(came_back));
    return {cppvaldi::schedule({world.decisions().begin(), world.decisions().end()}), cppvaldi::trace_of(world)};
}

std::vector<played> play(strategy& decides, const program& what, std::size_t executions) {
    inspected watched(decides);
    std::vector<played> all;
    while (all.size() < executions && watched.begin_execution()) {
        all.push_back(play_once(watched, what));
    }
    return all;
}

std::vector<cppvaldi::schedule> schedules(const std::vector<played>& all) {
    std::vector<cppvaldi::schedule> only;
    for (const played& each : all) {
        only.push_back(each.decisions);
    }
    return only;
}

constexpr std::size_t many = 60;

const auto strategies_and_programs =
    boost::unit_test::data::make(all_strategies) * boost::unit_test::data::make(programs);

} // namespace

BOOST_AUTO_TEST_SUITE(conformance)

BOOST_DATA_TEST_CASE(only_what_is_possible_is_chosen_and_nobody_starves, strategies_and_programs, by, what) {
    const std::unique_ptr<strategy> decides = by.make(1);
    BOOST_TEST(!play(*decides, what, 4 * many).empty());
}

BOOST_DATA_TEST_CASE(the_same_again_makes_the_same_schedules, strategies_and_programs, by, what) {
    const std::unique_ptr<strategy> once = by.make(7);
    const std::vector<cppvaldi::schedule> first = schedules(play(*once, what, many));
    std::vector<std::vector<char>> in_the_way; // so that what is allocated lies elsewhere, on which nothing may depend
    for (std::size_t size_bytes = 16; size_bytes < 2'000; size_bytes += 16) {
        in_the_way.emplace_back(size_bytes);
    }
    const std::unique_ptr<strategy> again = by.make(7);
    BOOST_TEST((schedules(play(*again, what, many)) == first));
}

BOOST_DATA_TEST_CASE(another_seed_makes_other_schedules, strategies_and_programs, by, what) {
    if (by.has_seed) {
        const std::unique_ptr<strategy> one = by.make(7);
        const std::unique_ptr<strategy> other = by.make(8);
        BOOST_TEST((schedules(play(*one, what, many)) != schedules(play(*other, what, many))));
    }
}

BOOST_DATA_TEST_CASE(every_schedule_replays_to_the_same_trace, strategies_and_programs, by, what) {
    const std::unique_ptr<strategy> decides = by.make(3);
    for (const played& first : play(*decides, what, many)) {
        const std::unique_ptr<strategy> replayed = make_strategy(cppvaldi::replay{first.decisions});
        const std::vector<played> again = play(*replayed, what, many);
        BOOST_REQUIRE_EQUAL(again.size(), 1U);
        BOOST_TEST((again.front().decisions == first.decisions));
        BOOST_TEST(again.front().shown == first.shown);
    }
}

BOOST_AUTO_TEST_SUITE_END()
