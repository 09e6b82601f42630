// A finding becomes a test that goes by the order of its checkpoints.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <mutex>
#include <string>

using namespace cppvaldi;

namespace {

/// Two withdrawals, and how the code has been edited since the finding.
enum class edit : std::uint8_t { none, more_checkpoints, locked, counted, renamed };

void withdrawals(edit made) {
    cppvaldi::atomic<int> balance{100};
    mutex door{"door"};
    const auto withdraw = [&](int amount) {
        std::unique_lock lock(door, std::defer_lock);
        if (made == edit::locked) {
            lock.lock();
        }
        if (made == edit::more_checkpoints) {
            checkpoint("asked");
        }
        const int seen = balance.load();
        checkpoint(made == edit::renamed ? "looked" : "read", seen);
        if (made == edit::counted) {
            balance.fetch_sub(amount);
        } else {
            balance.store(seen - amount);
        }
        if (made == edit::more_checkpoints) {
            checkpoint("written");
        }
    };
    cppvaldi::thread alice{"alice", withdraw, 30};
    cppvaldi::thread bob{"bob \"2\"", withdraw, 50};
    alice.join();
    bob.join();
    require(balance.load() == 20, "nothing is lost");
}

finding lost() {
    const exploration found = explore([] { withdrawals(edit::none); }, exhaustive{.preemptions = 3});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    return *found.finding;
}

exploration searched(const order& kept, edit made) {
    return explore([made] { withdrawals(made); }, exhaustive{.preemptions = 1}, {}, given(kept).if_possible());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(regression_tests, clean_world)

BOOST_AUTO_TEST_CASE(a_finding_knows_the_order_of_its_checkpoints) {
    BOOST_TEST(lost().shown.checkpoints().text() ==
               "\"bob \\\"2\\\"\":read alice:read alice:finished \"bob \\\"2\\\"\":finished");
}

BOOST_AUTO_TEST_CASE(it_writes_the_test_that_keeps_it) {
    BOOST_TEST(lost().regression_test() ==
               "// failed requirement: nothing is lost does not hold at regression_tests.cpp:46\n"
               "cppvaldi::check(body, cppvaldi::exhaustive{.preemptions = 1}, {},\n"
               "                cppvaldi::given(cppvaldi::order::parse(R\"(\"bob \\\"2\\\"\":read alice:read "
               "alice:finished \"bob \\\"2\\\"\":finished)\")).if_possible());\n");
}

BOOST_AUTO_TEST_CASE(that_test_finds_it_again_also_in_edited_code) {
    const order kept = lost().shown.checkpoints();
    for (const edit made : {edit::none, edit::more_checkpoints}) {
        const exploration again = searched(kept, made);
        BOOST_TEST_REQUIRE(again.finding.has_value());
        BOOST_TEST(again.finding->what == finding::kind::requirement);
    }
}

BOOST_AUTO_TEST_CASE(it_passes_when_the_order_does_no_harm_any_more_or_cannot_come_any_more) {
    const order kept = lost().shown.checkpoints();
    BOOST_TEST(!searched(kept, edit::counted).finding.has_value());
    BOOST_TEST(searched(kept, edit::counted).executions > 0U);
    BOOST_TEST(!searched(kept, edit::locked).finding.has_value());
    BOOST_TEST(searched(kept, edit::locked).executions == 0U);
}

BOOST_AUTO_TEST_CASE(it_fails_when_its_checkpoints_are_gone) {
    const exploration renamed = searched(lost().shown.checkpoints(), edit::renamed);
    BOOST_TEST_REQUIRE(renamed.finding.has_value());
    BOOST_TEST(renamed.finding->what == finding::kind::infeasible_order);
}

BOOST_AUTO_TEST_CASE(without_if_possible_an_order_that_nothing_keeps_is_a_finding) {
    const exploration strict = explore([] { withdrawals(edit::locked); }, exhaustive{}, {}, lost().shown.checkpoints());
    BOOST_TEST_REQUIRE(strict.finding.has_value());
    BOOST_TEST(strict.finding->what == finding::kind::infeasible_order);
}

BOOST_AUTO_TEST_CASE(one_without_checkpoints_replays_what_its_steps_are) {
    const exploration found = explore(
        [] {
            cppvaldi::atomic<int> count{0};
            const auto add = [&] { count.store(count.load() + 1); };
            cppvaldi::thread one{"one", add};
            cppvaldi::thread two{"two", add};
            one.join();
            two.join();
            require(count.load() == 2);
        },
        exhaustive{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    const std::string text = found.finding->regression_test();
    const std::string before = "cppvaldi::check(body, cppvaldi::tolerant_replay{cppvaldi::schedule::parse(R\"(";
    const std::size_t begin = text.find(before);
    BOOST_TEST_REQUIRE(begin != std::string::npos);
    const std::size_t end = text.find(")\")});\n");
    BOOST_TEST_REQUIRE(end != std::string::npos);
    const schedule kept = schedule::parse(text.substr(begin + before.size(), end - begin - before.size()));
    BOOST_TEST(kept == found.finding->recorded);
    BOOST_TEST(kept.steps() == found.finding->recorded.steps(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
