// A runner plays a schedule up to a step, and the caller goes on by hand.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/says.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace cppvaldi;

namespace {

/// What two withdrawals have come to, for tests that look at it in between.
struct bank {
    int balance = 100;

    void withdraw(int amount) {
        const int seen = balance;
        checkpoint("read", seen);
        balance = seen - amount;
        checkpoint("written", balance);
    }

    void both() {
        cppvaldi::thread alice{"alice", [this] { withdraw(30); }};
        cppvaldi::thread bob{"bob", [this] { withdraw(50); }};
        alice.join();
        bob.join();
        require(balance == 20, "nothing is lost");
    }
};

finding lost_withdrawal() {
    const exploration found = explore([] { bank().both(); }, exhaustive{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    return *found.finding;
}

/// A wait that may time out although the other starter could have notified before.
void impatient() {
    mutex door{"door"};
    condition_variable bell{"bell"};
    bool rung = false;
    cppvaldi::thread waiting{"waiting", [&] {
                                 std::unique_lock lock(door);
                                 require(bell.wait_for(lock, std::chrono::hours(1), [&] { return rung; }), "it rang");
                             }};
    cppvaldi::thread ringing{"ringing", [&] {
                                 const std::lock_guard lock(door);
                                 rung = true;
                                 bell.notify_one();
                             }};
    waiting.join();
    ringing.join();
}

std::vector<trace::step> without_pauses(trace all) {
    std::erase_if(all.steps, [](const trace::step& step) { return step.what == trace::event::paused; });
    for (trace::step& step : all.steps) {
        step.matters = true; // which is known at the end
    }
    return all.steps;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(playing, clean_world)

BOOST_AUTO_TEST_CASE(a_schedule_is_played_up_to_a_step_of_its_timeline) {
    const finding found = lost_withdrawal();
    bank acc;
    runner run;
    (void)run.start("main", [&] { acc.both(); });
    run.play(found.played, 6); // both have read, and nobody has written
    BOOST_TEST(acc.balance == 100);
    BOOST_TEST(!run.done());
    run.declare({at("bob", "written")});
    BOOST_TEST(run.next().value() == at("bob", "written"));
    BOOST_TEST(acc.balance == 50);
    BOOST_CHECK_EXCEPTION(run.finish(), requirement_failed, says({"nothing is lost"}));
    BOOST_TEST(acc.balance == 70);
}

BOOST_AUTO_TEST_CASE(the_caller_may_let_the_others_go_first) {
    const finding found = lost_withdrawal();
    bank acc;
    runner run;
    (void)run.start("main", [&] { acc.both(); });
    run.play(found.played, 4); // only alice has read
    run.run_to(at("alice", "finished"));
    run.finish();
    BOOST_TEST(acc.balance == 20);
}

BOOST_AUTO_TEST_CASE(without_a_number_a_schedule_is_played_to_its_end) {
    const finding found = lost_withdrawal();
    bank acc;
    runner run;
    (void)run.start("main", [&] { acc.both(); });
    BOOST_CHECK_EXCEPTION(run.play(schedule::parse(found.played.token())), requirement_failed,
                          says({"nothing is lost"}));
    BOOST_TEST((without_pauses(run.trace_so_far()) == without_pauses(found.shown)));
}

BOOST_AUTO_TEST_CASE(at_each_step_the_same_has_happened_as_when_it_was_recorded) {
    const std::vector<trace::step> all = without_pauses(lost_withdrawal().shown);
    const schedule played = lost_withdrawal().played;
    for (std::size_t step = 0; step + 1 < all.size(); ++step) {
        bank acc;
        runner run;
        (void)run.start("main", [&] { acc.both(); });
        run.play(played, step);
        const std::vector<trace::step> so_far = without_pauses(run.trace_so_far());
        BOOST_TEST(so_far.size() >= step);
        BOOST_TEST(so_far.size() <= step + 2); // to the next scheduling point
        BOOST_TEST(std::equal(so_far.begin(), so_far.end(), all.begin()));
    }
}

BOOST_AUTO_TEST_CASE(waits_time_out_where_they_did) {
    const exploration found = explore(&impatient, exhaustive{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    runner run;
    (void)run.start("main", &impatient);
    BOOST_CHECK_EXCEPTION(run.play(found.finding->played), requirement_failed, says({"it rang"}));

    runner by_hand;
    (void)by_hand.start("main", &impatient);
    by_hand.play(found.finding->played, 4); // before the wait: by hand nothing times out while others can run
    by_hand.finish();
    BOOST_TEST(by_hand.done());
}

BOOST_AUTO_TEST_CASE(what_another_runner_has_played_is_played_too) {
    bank first;
    runner recording;
    const starter alice = recording.start("alice", &bank::withdraw, &first, 30);
    const starter bob = recording.start("bob", &bank::withdraw, &first, 50);
    recording.declare({alice.at("read"), bob.at("read"), bob.finished(), alice.finished()});
    recording.finish();
    BOOST_TEST(first.balance == 70);

    bank second;
    runner run;
    (void)run.start("alice", &bank::withdraw, &second, 30);
    (void)run.start("bob", &bank::withdraw, &second, 50);
    run.play(recording.played());
    BOOST_TEST(run.done());
    BOOST_TEST(second.balance == 70);
    BOOST_TEST(run.timeline() == recording.timeline());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_done_as_it_is_recorded_is_a_divergence_that_shows_where_everybody_is) {
    const schedule played = lost_withdrawal().recorded;
    runner run;
    (void)run.start("main", [] {
        cppvaldi::thread alice{"alice", [] { checkpoint("asked"); }};
        cppvaldi::thread bob{"bob", [] { checkpoint("read"); }};
        alice.join();
        bob.join();
    });
    const auto names_both_and_shows_all = [](const divergence& thrown) {
        const std::string text = thrown.what();
        return text.starts_with(
                   "decision 4 differs: recorded is starter 1, 'alice: checkpoint read'; now it is 'alice: "
                   "checkpoint asked'\n") &&
               text.find("  alice  ") != std::string::npos && text.find("played so far:\n") != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(run.play(played), divergence, names_both_and_shows_all);
    run.finish(); // by hand it goes on
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_schedule_is_played_from_the_beginning_and_alone) {
    const schedule played = lost_withdrawal().played;
    runner begun;
    (void)begun.start("alice", [] { checkpoint("x"); });
    begun.declare({at("alice", "x")});
    BOOST_CHECK_EXCEPTION(begun.play(played), usage_error, says({"an order is declared"}));
    (void)begun.next();
    BOOST_CHECK_EXCEPTION(begun.play(played), usage_error, says({"has begun"}));
    begun.finish();

    runner inside;
    (void)inside.start("alice", [&] { inside.play(played); });
    BOOST_CHECK_EXCEPTION(inside.finish(), usage_error, says({"runner::play is called by starter 'alice'"}));
}

BOOST_AUTO_TEST_CASE(a_pause_is_marked_in_the_timeline) {
    const schedule played = lost_withdrawal().played;
    bank acc;
    runner run;
    (void)run.start("main", [&] { acc.both(); });
    run.play(played, 4);
    const std::string timeline = run.timeline();
    BOOST_TEST(timeline.find("||    4") != std::string::npos, timeline);
}

BOOST_AUTO_TEST_SUITE_END()
