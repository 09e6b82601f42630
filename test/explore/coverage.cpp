// What a search has seen, and what not: pairs of checkpoints, and what starters share.

#include "support/fixture.hpp"
#include "support/golden.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <sstream>
#include <string>

BOOST_FIXTURE_TEST_SUITE(seen_and_not_seen, clean_world)

namespace {

using namespace std::chrono_literals;
using cppvaldi::checkpoint;
using cppvaldi::coverage;

/// Two that only announce what they do.
void two_readers() {
    cppvaldi::thread alice{"alice", [] { checkpoint("read"); }};
    cppvaldi::thread bob{"bob", [] { checkpoint("read"); }};
    alice.join();
    bob.join();
}

/// The second begins where the first lets it.
void one_after_the_other() {
    cppvaldi::atomic<int> go{0};
    cppvaldi::thread alice{"alice", [&] {
                               checkpoint("prepared");
                               go = 1;
                               checkpoint("done");
                           }};
    cppvaldi::thread bob{"bob", [&] {
                             go.wait(0);
                             checkpoint("begun");
                         }};
    go.notify_one();
    alice.join();
    go.notify_one();
    bob.join();
}

/// A little of everything that a report speaks of.
void shop() {
    cppvaldi::mutex door{"door"};
    cppvaldi::mutex cellar{"cellar"};
    cppvaldi::atomic<int> bell{0};
    cppvaldi::atomic<int> purse{0};
    cppvaldi::counting_semaphore<9> chairs{2, "chairs"};
    const auto visit = [&](const char* what) {
        chairs.acquire();
        const cppvaldi::scoped_lock held(door);
        checkpoint(what);
        ++bell;
        chairs.release();
    };
    cppvaldi::thread alice{"alice", [&] {
                               ++purse;
                               visit("buys");
                               if (cppvaldi::choose(2) == 0) {
                                   checkpoint("pays");
                               } else {
                                   checkpoint("forgets");
                               }
                           }};
    cppvaldi::thread bob{"bob", [&] { visit("looks"); }};
    alice.join();
    bob.join();
    cellar.lock();
    cellar.unlock();
    checkpoint("closes");
}

template <typename Strategy>
coverage covered(const std::function<void()>& body, const Strategy& by, std::uint64_t executions = 10'000) {
    const cppvaldi::exploration found = cppvaldi::explore(body, by, {.executions = executions, .coverage = true});
    BOOST_TEST(!found.finding);
    BOOST_TEST(found.coverage().executions == found.executions + found.abandoned);
    return found.coverage();
}

const coverage::pair& pair_of(const coverage& in, const std::string& one, const std::string& other) {
    const auto place = std::find_if(in.pairs.begin(), in.pairs.end(),
                                    [&](const coverage::pair& each) { return each.one == one && each.other == other; });
    BOOST_REQUIRE(place != in.pairs.end());
    return *place;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_interleaving_has_two_checkpoints_in_both_orders) {
    const coverage all = covered(&two_readers, cppvaldi::exhaustive{});
    BOOST_TEST(all.executions == 2U);
    BOOST_TEST(all.pairs.size() == 1U);
    BOOST_TEST(pair_of(all, "alice:read", "bob:read").in_both_orders());
}

BOOST_AUTO_TEST_CASE(one_execution_has_them_in_one) {
    const coverage once = covered(&two_readers, cppvaldi::random{.seed = 1}, 1);
    BOOST_TEST(!once.pairs.at(0).in_both_orders());
    BOOST_TEST(!once.pairs.at(0).never_together());
}

BOOST_AUTO_TEST_CASE(the_one_member_of_a_class_stands_for_all) {
    const coverage reduced = covered(&two_readers, cppvaldi::dpor{});
    BOOST_TEST(reduced.executions == 1U);
    BOOST_TEST(reduced.pairs.at(0).in_both_orders());
}

BOOST_AUTO_TEST_CASE(what_is_ordered_is_seen_in_one_order_by_every_strategy) {
    for (const coverage& each :
         {covered(&one_after_the_other, cppvaldi::dpor{}), covered(&one_after_the_other, cppvaldi::exhaustive{})}) {
        const coverage::pair& prepared = pair_of(each, "alice:prepared", "bob:begun");
        BOOST_TEST(prepared.one_first);
        BOOST_TEST(!prepared.other_first);
        BOOST_TEST(pair_of(each, "alice:done", "bob:begun").in_both_orders());
    }
}

BOOST_AUTO_TEST_CASE(both_searches_of_everything_see_the_same) {
    const coverage all = covered(&shop, cppvaldi::exhaustive{}, 1'000'000);
    const coverage reduced = covered(&shop, cppvaldi::dpor{});
    BOOST_TEST(all.executions > reduced.executions);
    BOOST_TEST((all.pairs.size() == reduced.pairs.size()));
    for (const coverage::pair& each : all.pairs) {
        BOOST_TEST_CONTEXT(each.one << ' ' << each.other) {
            const auto same =
                std::find_if(reduced.pairs.begin(), reduced.pairs.end(), [&](const coverage::pair& other) {
                    return (other.one == each.one && other.other == each.other) ||
                           (other.one == each.other && other.other == each.one);
                });
            BOOST_REQUIRE(same != reduced.pairs.end());
            BOOST_TEST(same->in_both_orders() == each.in_both_orders());
            BOOST_TEST(same->never_together() == each.never_together());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_report_names_what_is_left) {
    std::ostringstream text;
    text << covered(&shop, cppvaldi::dpor{}) << '\n' << covered(&shop, cppvaldi::random{.seed = 3}, 3);
    check_golden("explore/golden/coverage.txt", text.str());
}

BOOST_AUTO_TEST_CASE(who_is_refused_contends) {
    const coverage refused = covered(
        [] {
            cppvaldi::mutex door{"door"};
            door.lock();
            cppvaldi::thread bob{"bob", [&] { BOOST_TEST(!door.try_lock()); }};
            bob.join();
            door.unlock();
        },
        cppvaldi::exhaustive{});
    BOOST_TEST(refused.objects.at(0).object == "mutex door");
    BOOST_TEST(refused.objects.at(0).contended);
    BOOST_TEST(refused.objects.at(0).starters.size() == 2U);
}

BOOST_AUTO_TEST_CASE(executions_outside_of_what_is_given_do_not_count) {
    const auto body = [] {
        const auto work = [] {
            checkpoint("begun");
            checkpoint("ended");
        };
        cppvaldi::thread alice{"alice", work};
        cppvaldi::thread bob{"bob", work};
        alice.join();
        bob.join();
    };
    const cppvaldi::given only(
        {cppvaldi::happens_before{cppvaldi::at("alice", "ended"), cppvaldi::at("bob", "ended")}});
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::exhaustive{}, {.coverage = true}, only);
    BOOST_TEST(found.complete);
    BOOST_TEST(found.coverage().executions == found.executions);
    BOOST_TEST(found.discarded > 0U);
}

BOOST_AUTO_TEST_CASE(it_is_the_same_whenever_it_is_collected_and_changes_nothing_else) {
    const cppvaldi::limits with{.executions = 500, .coverage = true};
    const cppvaldi::limits without{.executions = 500};
    const cppvaldi::exploration first = cppvaldi::explore(&shop, cppvaldi::random{.seed = 5}, with);
    const cppvaldi::exploration again = cppvaldi::explore(&shop, cppvaldi::random{.seed = 5}, with);
    const cppvaldi::exploration plain = cppvaldi::explore(&shop, cppvaldi::random{.seed = 5}, without);
    BOOST_TEST((first.coverage() == again.coverage()));
    BOOST_TEST(first.steps == plain.steps);
    BOOST_TEST(first.distinct == plain.distinct);
}

BOOST_AUTO_TEST_CASE(who_has_not_asked_for_it_is_told_how) {
    const cppvaldi::exploration found = cppvaldi::explore(&two_readers, cppvaldi::dpor{});
    BOOST_CHECK_EXCEPTION((void)found.coverage(), cppvaldi::usage_error, [](const cppvaldi::usage_error& refused) {
        return std::string(refused.what()).find("limits{.coverage = true}") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
