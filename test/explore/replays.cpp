#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/says.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace {

using cppvaldi::checkpoint;
using cppvaldi::exhaustive;
using cppvaldi::exploration;
using cppvaldi::explore;
using cppvaldi::finding;
using cppvaldi::replay;
using cppvaldi::schedule;
using cppvaldi::tolerant_replay;

/// Two withdrawals. `edit` is what has changed in the code since it was recorded.
enum class edit : std::uint8_t { none, another_checkpoint, a_checkpoint_less, a_new_starter_first, locked, renamed };

void withdrawals(edit made) {
    int balance = 100;
    cppvaldi::mutex door{"door"};
    const auto withdraw = [&](int amount) {
        if (made == edit::locked) {
            door.lock();
        }
        if (made == edit::another_checkpoint) {
            checkpoint("asked");
            checkpoint("allowed");
        }
        const int seen = balance;
        checkpoint(made == edit::renamed ? "looked" : "read");
        balance = seen - amount;
        if (made != edit::a_checkpoint_less) {
            checkpoint("written");
        }
        if (made == edit::locked) {
            door.unlock();
        }
    };
    cppvaldi::thread first;
    if (made == edit::a_new_starter_first) {
        first = cppvaldi::thread{"auditor", [] { checkpoint("audited"); }};
    }
    cppvaldi::thread alice{"alice", withdraw, 30};
    cppvaldi::thread bob{"bob", withdraw, 50};
    alice.join();
    bob.join();
    if (first.joinable()) {
        first.join();
    }
    cppvaldi::require(balance == 20, "nothing is lost");
}

finding recorded() {
    const exploration found = explore([] { withdrawals(edit::none); }, exhaustive{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    return *found.finding;
}

exploration replayed(const schedule& played, edit made) {
    return explore([made] { withdrawals(made); }, replay{played});
}

exploration replayed_tolerantly(const schedule& played, edit made) {
    return explore([made] { withdrawals(made); }, tolerant_replay{played, cppvaldi::round_robin{}});
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(replays, clean_world)

BOOST_AUTO_TEST_CASE(a_finding_says_of_each_decision_what_it_led_to) {
    const finding found = recorded();
    BOOST_TEST(found.recorded.text() == "cppvaldi schedule 1\n"
                                        "go 0 main: begin\n"
                                        "go 1 alice: begin\n"
                                        "go 2 bob: begin\n"
                                        "go 1 alice: checkpoint read\n"
                                        "go 1 alice: checkpoint written\n"
                                        "go 0 main: join starter alice\n"
                                        "go 2 bob: checkpoint read\n"
                                        "go 2 bob: checkpoint written\n"
                                        "go 0 main: join starter bob\n");
}

BOOST_AUTO_TEST_CASE(a_file_replays_like_its_token) {
    const finding found = recorded();
    const exploration again = replayed(schedule::parse(found.recorded.text()), edit::none);
    BOOST_TEST_REQUIRE(again.finding.has_value());
    BOOST_TEST(again.finding->report() == found.report());
}

BOOST_AUTO_TEST_CASE(a_strict_replay_names_the_first_step_that_differs) {
    const schedule played = recorded().recorded;
    const exploration renamed = replayed(played, edit::renamed);
    BOOST_TEST_REQUIRE(renamed.finding.has_value());
    BOOST_TEST(renamed.finding->what == finding::kind::divergence);
    BOOST_TEST(renamed.finding->message ==
               "decision 4 differs: recorded is starter 1, 'alice: checkpoint read'; now it is "
               "'alice: checkpoint looked'");
    const exploration first = replayed(played, edit::a_new_starter_first);
    BOOST_TEST_REQUIRE(first.finding.has_value());
    BOOST_TEST(first.finding->message == "decision 2 differs: recorded is starter 1, 'alice: begin'; now it is "
                                         "'auditor: begin'");
}

BOOST_AUTO_TEST_CASE(a_strict_replay_of_a_token_names_who_cannot_go_on) {
    const schedule played = schedule::parse(recorded().recorded.token());
    const exploration locked =
        replayed(schedule({played.decisions()[0], played.decisions()[1], {.chosen = 9}}), edit::none);
    BOOST_TEST_REQUIRE(locked.finding.has_value());
    BOOST_TEST(locked.finding->message == "decision 3 differs: recorded is starter 9; now there are only 3 starters");
}

BOOST_AUTO_TEST_CASE(a_tolerant_replay_goes_by_what_the_steps_are) {
    const schedule played = recorded().recorded;
    for (const edit made : {edit::none, edit::a_checkpoint_less, edit::a_new_starter_first}) {
        const exploration again = replayed_tolerantly(played, made);
        BOOST_TEST_REQUIRE(again.finding.has_value());
        BOOST_TEST(again.finding->what == finding::kind::requirement);
        BOOST_TEST(again.remark.starts_with("the recording fits"));
        BOOST_TEST(again.remark.find("decides") == std::string::npos);
    }
    BOOST_TEST(replayed_tolerantly(played, edit::none).remark == "the recording fits");
    BOOST_TEST(replayed_tolerantly(played, edit::another_checkpoint).remark == "the recording fits, 4 new");
}

BOOST_AUTO_TEST_CASE(where_nothing_fits_any_more_it_says_so_and_another_strategy_goes_on) {
    // Recorded is that alice stands at "read" while bob goes on; now she has the lock there.
    const schedule played({{.chosen = 1}, {.chosen = 2}, {.chosen = 1}, {.chosen = 2}, {.chosen = 1}},
                          {"alice: begin", "bob: begin", "alice: lock mutex door", "bob: checkpoint read",
                           "alice: checkpoint read"});
    const exploration mended =
        explore([] { withdrawals(edit::locked); }, tolerant_replay{played, cppvaldi::random{.seed = 7}});
    BOOST_TEST(!mended.finding.has_value());
    BOOST_TEST(mended.remark.find("out of turn") != std::string::npos);

    const schedule none({{.chosen = 1}, {.chosen = 2}, {.chosen = 7}},
                        {"alice: begin", "bob: begin", "carol: checkpoint read"});
    const exploration left =
        explore([] { withdrawals(edit::none); }, tolerant_replay{none, cppvaldi::random{.seed = 7}});
    BOOST_TEST(left.remark ==
               "the recording fits up to step 2 of 3, where 'carol: checkpoint read' was to come; from there "
               "random{.seed = 7} decides");
}

BOOST_AUTO_TEST_CASE(the_environment_asks_for_a_replay_by_token_or_by_file) {
    const finding found = recorded();
    const std::string path = (std::filesystem::temp_directory_path() / "cppvaldi-replays.schedule").string();
    std::ofstream(path) << "# not yet\n";
    const auto body = [] { withdrawals(edit::none); };
    ::setenv("CPPVALDI_REPLAY", found.played.token().c_str(), 1);
    BOOST_TEST(explore(body, exhaustive{}).executions == 1U);
    std::ofstream(path) << found.recorded.text();
    ::setenv("CPPVALDI_REPLAY", ("@" + path).c_str(), 1);
    const exploration by_file = explore(body, exhaustive{});
    ::setenv("CPPVALDI_REPLAY_MODE", "tolerant", 1);
    const exploration tolerant = explore([] { withdrawals(edit::another_checkpoint); }, exhaustive{});
    ::setenv("CPPVALDI_REPLAY_MODE", "loose", 1);
    BOOST_CHECK_EXCEPTION((void)explore(body, exhaustive{}), cppvaldi::usage_error,
                          says({"CPPVALDI_REPLAY_MODE=loose: is neither 'strict' nor 'tolerant'"}));
    ::unsetenv("CPPVALDI_REPLAY_MODE");
    ::setenv("CPPVALDI_REPLAY", "@/nowhere/at all", 1);
    BOOST_CHECK_EXCEPTION((void)explore(body, exhaustive{}), cppvaldi::usage_error, says({"@/nowhere/at all"}));
    ::unsetenv("CPPVALDI_REPLAY");
    std::filesystem::remove(path);
    BOOST_TEST_REQUIRE(by_file.finding.has_value());
    BOOST_TEST(by_file.finding->report() == found.report());
    BOOST_TEST(tolerant.remark == "the recording fits, 4 new");
}

BOOST_AUTO_TEST_SUITE_END()
