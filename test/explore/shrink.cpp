#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/golden.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

namespace {

using cppvaldi::exploration;
using cppvaldi::explore;
using cppvaldi::finding;

/// One round of each of three threads is enough to lose a count; they make `rounds`, and noise beside it.
std::function<void()> lost_update(int rounds) {
    return [rounds] {
        cppvaldi::atomic<int> counted{0};
        cppvaldi::mutex door;
        int noise = 0;
        const auto work = [&] {
            for (int round = 0; round < rounds; ++round) {
                const int seen = counted.load();
                counted.store(seen + 1);
                door.lock();
                ++noise;
                door.unlock();
            }
        };
        cppvaldi::thread alice{"alice", work};
        cppvaldi::thread bob{"bob", work};
        cppvaldi::thread carol{"carol", work};
        alice.join();
        bob.join();
        carol.join();
        cppvaldi::require(counted.load() == 3 * rounds, "every round is counted");
    };
}

void three_philosophers() {
    cppvaldi::mutex forks[3];
    const auto dine = [&](int left, int right) {
        for (int meal = 0; meal < 3; ++meal) {
            forks[left].lock();
            forks[right].lock();
            forks[right].unlock();
            forks[left].unlock();
        }
    };
    cppvaldi::thread plato{"plato", dine, 0, 1};
    cppvaldi::thread kant{"kant", dine, 1, 2};
    cppvaldi::thread hume{"hume", dine, 2, 0};
    plato.join();
    kant.join();
    hume.join();
}

void wrong_choices() {
    std::uint32_t sum = 0;
    for (int asked = 0; asked < 10; ++asked) {
        sum += cppvaldi::choose(4);
    }
    cppvaldi::require(sum < 9, "the sum is small");
}

finding found_by(const std::function<void()>& body, std::uint64_t seed,
                 const cppvaldi::limits& until = {.executions = 10'000}) {
    const exploration came_to = explore(body, cppvaldi::random{.seed = seed}, until);
    BOOST_TEST_REQUIRE(came_to.finding.has_value());
    return *came_to.finding;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(shrink, clean_world)

BOOST_AUTO_TEST_CASE(a_lost_update_comes_down_to_one_preemption_from_whatever_schedule) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const finding found = found_by(lost_update(6), seed);
        BOOST_TEST(found.cost.preemptions == 1U);
        BOOST_TEST(found.cost.switches == 4U); // the first of three goes on again, and main comes last
        BOOST_TEST(found.cost_as_found.switches > 20U);
        BOOST_TEST(found.what == finding::kind::requirement);
    }
}

BOOST_AUTO_TEST_CASE(a_deadlock_of_three_needs_one_preemption_and_no_more) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const finding found = found_by(three_philosophers, seed);
        BOOST_TEST(found.what == finding::kind::deadlock);
        BOOST_TEST(found.cost.preemptions == 1U); // the others stop by themselves
        BOOST_TEST(found.cost.switches <= found.cost_as_found.switches);
    }
}

BOOST_AUTO_TEST_CASE(values_that_need_not_be_chosen_are_zero) {
    const finding found = found_by(wrong_choices, 3);
    std::uint32_t sum = 0;
    std::uint32_t least = 4;
    for (const cppvaldi::decision& each : found.played.decisions()) {
        if (each.what == cppvaldi::decision::kind::value && each.chosen != 0) {
            sum += each.chosen;
            least = std::min(least, each.chosen);
        }
    }
    BOOST_TEST(sum >= 9U);
    BOOST_TEST(sum - least < 9U);
}

BOOST_AUTO_TEST_CASE(the_same_search_shrinks_to_the_same_schedule) {
    const finding once = found_by(lost_update(4), 5);
    const finding again = found_by(lost_update(4), 5);
    BOOST_TEST(once.played == again.played);
    BOOST_TEST(once.report() == again.report());
}

BOOST_AUTO_TEST_CASE(what_is_left_replays_to_the_same_finding) {
    for (const auto& body :
         {lost_update(3), std::function<void()>(three_philosophers), std::function<void()>(wrong_choices)}) {
        const finding found = found_by(body, 11);
        const exploration again = explore(body, cppvaldi::replay{found.played});
        BOOST_TEST_REQUIRE(again.finding.has_value());
        BOOST_TEST(again.finding->report() == found.report());
        BOOST_TEST(again.finding->shrunk() == "");
        BOOST_TEST(again.finding->shown == found.shown);
        BOOST_TEST(again.finding->played == found.played);
    }
}

BOOST_AUTO_TEST_CASE(without_a_limit_of_executions_for_it_the_schedule_stays_as_it_was_found) {
    const finding found = found_by(lost_update(6), 1, {.executions = 10'000, .shrink = {.executions = 0}});
    BOOST_TEST((found.cost == found.cost_as_found));
    BOOST_TEST(found.cost.switches > 20U);
}

BOOST_AUTO_TEST_CASE(a_body_that_changes_is_told_what_it_did_differently) {
    int calls = 0;
    const auto body = [&calls] {
        cppvaldi::atomic<int> number{0};
        cppvaldi::thread alice{"alice", [&] { number.store(++calls); }};
        alice.join();
        cppvaldi::require(number.load() != 3, "it is not the third call");
    };
    const exploration came_to = explore(body, cppvaldi::random{}, {.executions = 10});
    BOOST_TEST_REQUIRE(came_to.finding.has_value());
    BOOST_TEST(came_to.finding->what == finding::kind::divergence);
    BOOST_TEST(came_to.finding->message.find("is not seen again under the same decisions") != std::string::npos);
    BOOST_TEST(came_to.finding->message.find("'alice: store atomic 2 = 5'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_report_shows_the_steps_that_matter_and_how_far_it_was_shrunk) {
    check_golden("explore/golden/lost_update.txt", to_string(found_by(lost_update(6), 7)));
    check_golden("explore/golden/philosophers.txt", to_string(found_by(three_philosophers, 7)));
}

BOOST_AUTO_TEST_SUITE_END()
