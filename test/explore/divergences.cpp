// Rule 11 under a search: a body that does something else under the same decisions is told so, whatever the strategy.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace cppvaldi;

namespace {

const std::vector<description> strategies{
    exhaustive{},      exhaustive{.preemptions = 2}, dpor{},         cppvaldi::random{.seed = 3},
    sticky{.seed = 3}, pct{.depth = 2, .seed = 3},   pos{.seed = 3}, surw{.seed = 3}};

/// Two starters that each do `life`. They meet at the end, so that a reduction has something to explore.
void two(const std::function<void()>& life) {
    cppvaldi::atomic<int> met{0};
    const auto live_and_meet = [&] {
        life();
        met.fetch_add(1);
    };
    cppvaldi::thread alice{"alice", live_and_meet};
    cppvaldi::thread bob{"bob", live_and_meet};
    alice.join();
    bob.join();
}

/// Bodies that depend on how often they have run before.
std::function<void()> with_another_checkpoint() {
    return [runs = 0]() mutable { two([odd = ++runs % 2] { checkpoint(odd == 1 ? "odd" : "even"); }); };
}

std::function<void()> with_more_steps() {
    return [runs = 0]() mutable {
        two([run = ++runs] {
            for (int step = 0; step < 1 + run % 2; ++step) {
                checkpoint("step");
            }
        });
    };
}

std::function<void()> with_another_object() {
    return [runs = 0]() mutable {
        mutex one{"one"};
        mutex other{"other"};
        two([&, odd = ++runs % 2 == 1] {
            checkpoint("begin");
            mutex& mine = odd ? one : other;
            mine.lock();
            mine.unlock();
        });
    };
}

std::function<void()> with_another_choice() {
    return [runs = 0]() mutable {
        two([run = ++runs] {
            checkpoint("begin");
            checkpoint("chosen", choose(2 + static_cast<std::uint32_t>(run % 2)));
        });
    };
}

exploration searched(const std::function<void()>& body, const description& by) {
    return explore(body, by, {.executions = 200});
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(divergences, clean_world)

BOOST_AUTO_TEST_CASE(every_strategy_finds_a_body_that_is_not_deterministic) {
    for (const auto body : {&with_another_checkpoint, &with_more_steps, &with_another_object, &with_another_choice}) {
        for (const description& by : strategies) {
            const exploration found = searched(body(), by);
            BOOST_TEST_CONTEXT(by) {
                BOOST_TEST_REQUIRE(found.finding.has_value());
                BOOST_TEST(found.finding->what == finding::kind::divergence, found.finding->report());
                BOOST_TEST(found.finding->message.find("the body depends on something that is not a decision") !=
                               std::string::npos,
                           found.finding->message);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_finding_names_the_first_step_that_differs) {
    const exploration found = searched(with_another_checkpoint(), cppvaldi::random{.seed = 3});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    BOOST_TEST(
        found.finding->message ==
        "the same 2 decisions are followed by 'alice: checkpoint odd' in one execution and by 'alice: checkpoint "
        "even' in another, so the body depends on something that is not a decision: time, addresses, chance, the last execution; "
        "under the same decisions step 4 is 'alice: odd' at divergences.cpp:39 once, and 'alice: even' "
        "at divergences.cpp:39 another time");
}

BOOST_AUTO_TEST_CASE(what_depends_on_decisions_alone_is_none) {
    const auto body = [] {
        cppvaldi::atomic<int> turn{0};
        int last = 0;
        two([&] {
            const int mine = turn.fetch_add(1);
            checkpoint(mine == 0 ? "first" : "second");
            if (choose(2) == 1) {
                checkpoint("lucky", last);
            }
            last = mine;
        });
    };
    for (const description& by : strategies) {
        const exploration found = explore(body, by, {.executions = 5'000});
        BOOST_TEST_CONTEXT(by) { BOOST_TEST(!found.finding.has_value()); }
    }
}

BOOST_AUTO_TEST_CASE(the_body_is_run_no_more_often_than_is_counted) {
    for (const description& by : strategies) {
        std::uint64_t runs = 0;
        const exploration found = explore(
            [&] {
                ++runs;
                two([] { checkpoint("step"); });
            },
            by, {.executions = 100});
        BOOST_TEST(runs == found.executions);
    }
}

BOOST_AUTO_TEST_SUITE_END()
