#include "explore/stopwatch.hpp"
#include "support/fixture.hpp"
#include "support/golden.hpp"
#include "support/says.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace {

using cppvaldi::measurement;
using cppvaldi::quantiles;
using std::chrono::nanoseconds;

/// A clock that stands still unless somebody works.
nanoseconds fake_now{0};

nanoseconds read_fake_clock() { return fake_now; }

void work(int time) { fake_now += nanoseconds{time}; }

quantiles always(int time) { return {nanoseconds{time}, nanoseconds{time}, nanoseconds{time}, nanoseconds{time}}; }

/// Runs alice and bob under `played`, by the clock that stands still.
measurement by_fake_clock(const cppvaldi::schedule& played, int repetitions) {
    cppvaldi::execution world;
    cppvaldi::stopwatch watch(world, &read_fake_clock);
    for (int repetition = 0; repetition <= repetitions; ++repetition) {
        world.end();
        world.begin(watch, {}, {.tracing = false});
        cppvaldi::mutex guard{"guard"};
        const auto spawn = [&](const char* name, auto life) {
            cppvaldi::detail::with_job(
                [&](cppvaldi::detail::job_shape shape, cppvaldi::detail::job_maker maker) {
                    (void)world.spawn(name, shape, maker);
                },
                life);
        };
        spawn("alice", [&] {
            work(100);
            guard.lock();
            work(10);
            cppvaldi::checkpoint("inside");
            work(repetition);
            guard.unlock();
            work(1);
        });
        spawn("bob", [&] {
            work(200);
            guard.lock();
            work(20);
            guard.unlock();
        });
        const auto decides = make_strategy(cppvaldi::replay{played});
        (void)decides->begin_execution();
        watch.begin(*decides, repetition > 0);
        BOOST_TEST((world.run() == cppvaldi::execution::outcome::all_finished));
        watch.end(read_fake_clock());
        world.end();
    }
    return watch.result();
}

/// The schedule of these choices.
cppvaldi::schedule choosing(std::initializer_list<std::uint32_t> starters) {
    std::vector<cppvaldi::decision> decisions;
    for (const std::uint32_t each : starters) {
        decisions.push_back({cppvaldi::decision::kind::starter, each});
    }
    return cppvaldi::schedule(decisions);
}

/// Two starters of a runner with three checkpoints each.
void two_starters(cppvaldi::runner& run) {
    const auto go = [] {
        cppvaldi::checkpoint("first");
        cppvaldi::checkpoint("second");
    };
    run.start("alice", go);
    run.start("bob", go);
}

cppvaldi::schedule of_runner(const std::string& declared) {
    cppvaldi::runner run;
    two_starters(run);
    run.declare(cppvaldi::order::parse(declared));
    run.finish();
    return run.played();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(measurements, clean_world)

BOOST_AUTO_TEST_CASE(time_goes_to_who_runs_and_to_who_is_blocked_meanwhile) {
    // alice comes to the guard; bob does, takes it, works under it, gives it back and ends; alice goes on.
    const measurement seen = by_fake_clock(choosing({0, 1, 1, 1}), 3);
    BOOST_TEST(seen.repetitions == 3U);
    BOOST_TEST_REQUIRE(seen.segments.size() == 3U);
    // Repetition n works n units inside: 1, 2, 3.
    const measurement::segment bob{"bob", "started", "finished", always(220), always(100)};
    const measurement::segment outside{"alice", "started", "inside", always(110), always(220)};
    BOOST_TEST((seen.segments[0] == bob));
    BOOST_TEST((seen.segments[1] == outside));
    BOOST_TEST(seen.segments[2].from == "inside");
    BOOST_TEST(seen.segments[2].to == "finished");
    BOOST_TEST((seen.segments[2].ran == quantiles{nanoseconds{2}, nanoseconds{3}, nanoseconds{3}, nanoseconds{3}}));
    BOOST_TEST_REQUIRE(seen.shares.size() == 2U);
    BOOST_TEST(seen.shares[0].switches == 2U);
    BOOST_TEST(seen.shares[1].switches == 1U);
    BOOST_TEST((seen.shares[0].blocked == always(20)));
    BOOST_TEST((seen.shares[1].blocked == always(0)));
    BOOST_TEST((seen.shares[1].ran == always(220)));
    BOOST_TEST(seen.whole.median.count() == 333);
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_lock_is_blocked_as_long_as_another_has_it) {
    // alice takes the guard and stands inside; bob begins and comes to the guard; alice goes on to her end.
    const measurement seen = by_fake_clock(choosing({0, 0, 1, 0, 0}), 1);
    BOOST_TEST(seen.shares[1].blocked.median.count() == 1); // what alice works inside
    BOOST_TEST(seen.shares[0].blocked.median.count() == 0);
}

BOOST_AUTO_TEST_CASE(two_schedules_of_the_same_starters_have_the_same_segments_and_other_switches) {
    const cppvaldi::schedule in_turn = of_runner("alice:first alice:second alice:finished bob:first");
    const cppvaldi::schedule zigzag = of_runner("alice:first bob:first alice:second bob:second");
    const measurement one = cppvaldi::measure(&two_starters, in_turn, 100);
    const measurement other = cppvaldi::measure(&two_starters, zigzag, 100);
    BOOST_TEST(one.segments.size() == 6U);
    BOOST_TEST(other.segments.size() == 6U);
    BOOST_TEST(one.shares[0].switches + one.shares[1].switches == 2U);
    BOOST_TEST(other.shares[0].switches + other.shares[1].switches == 4U);
    BOOST_TEST(other.segments[0].to == "first");
    BOOST_TEST(other.segments[1].starter == "bob");
    for (const measurement::segment& each : other.segments) {
        BOOST_TEST(each.ran.least.count() > 0);
        BOOST_TEST((each.ran.least <= each.ran.median && each.ran.median <= each.ran.most_of_ten &&
                    each.ran.most_of_ten <= each.ran.most_of_hundred));
    }
}

BOOST_AUTO_TEST_CASE(a_body_is_measured_under_a_schedule_that_was_found) {
    volatile int sink = 0;
    const auto body = [&](int rounds) {
        cppvaldi::jthread alice{"alice", [&] {
                                    cppvaldi::checkpoint("begins");
                                    for (int round = 0; round < rounds; ++round) {
                                        sink = sink + 1;
                                    }
                                    cppvaldi::checkpoint("ends");
                                }};
        cppvaldi::jthread bob{"bob", [] { cppvaldi::checkpoint("looks"); }};
    };
    const measurement quick = cppvaldi::measure([&] { body(1); }, cppvaldi::schedule(), 50);
    const measurement slow = cppvaldi::measure([&] { body(200'000); }, cppvaldi::schedule(), 50);
    const auto work = [](const measurement& of) {
        for (const measurement::segment& each : of.segments) {
            if (each.from == "begins") {
                return each.ran.least;
            }
        }
        return nanoseconds{0};
    };
    BOOST_TEST(work(quick).count() > 0);
    BOOST_TEST(work(slow).count() > 10 * work(quick).count());
    BOOST_TEST(quick.shares.size() == 3U);
}

BOOST_AUTO_TEST_CASE(tables_json_and_comparisons_print_as_in_the_golden_files) {
    const measurement one = by_fake_clock(choosing({0, 1, 1, 1}), 100);
    const measurement other = by_fake_clock(choosing({0, 0, 1, 0, 0}), 1);
    check_golden("explore/golden/measurement.txt", one.table());
    check_golden("explore/golden/measurement.json", one.json() + '\n');
    check_golden("explore/golden/comparison.txt", comparison(one, other));
}

BOOST_AUTO_TEST_CASE(names_are_quoted_in_json) {
    measurement odd;
    odd.segments.push_back({"a\"b\\c\n", "", "", {}, {}});
    BOOST_TEST(odd.json().find(R"("starter":"a\"b\\c\u000a")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_segment_that_only_one_has_stands_alone_in_a_comparison) {
    measurement one;
    one.segments = {{"alice", "started", "read", always(10), {}},
                    {"alice", "read", "read", always(20), {}},
                    {"alice", "read", "read", always(30), {}}};
    measurement other;
    other.segments = {{"alice", "read", "read", always(40), {}}, {"bob", "started", "read", always(5), {}}};
    check_golden("explore/golden/comparison_of_others.txt", comparison(one, other));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_measured_is_refused) {
    BOOST_CHECK_EXCEPTION((void)cppvaldi::measure([] {}, cppvaldi::schedule(), 0), cppvaldi::usage_error,
                          says({"0 repetitions"}));
    BOOST_CHECK_EXCEPTION((void)cppvaldi::measure([] { cppvaldi::require(false); }, cppvaldi::schedule(), 1),
                          cppvaldi::execution_error, says({"shows something wrong", "does not hold"}));
    BOOST_CHECK_EXCEPTION((void)cppvaldi::measure(&two_starters, choosing({7}), 1), cppvaldi::execution_error,
                          says({"shows something wrong", "divergence"}));
}

BOOST_AUTO_TEST_SUITE_END()
