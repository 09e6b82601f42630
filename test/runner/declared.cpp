// What a declared order means, letter by letter: a to f of the design's section 4.1.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/padlock.hpp"
#include "support/programs.hpp"

#include <chrono>
#include <string>
#include <vector>

using namespace cppvaldi;

BOOST_FIXTURE_TEST_SUITE(declared, clean_world)

BOOST_AUTO_TEST_CASE(the_example_of_the_design_loses_bobs_withdrawal) {
    account acc;
    runner run;
    const starter alice = run.start("alice", &account::withdraw, &acc, 30);
    const starter bob = run.start("bob", [&] { acc.withdraw(50); });
    run.declare({alice.at("read"), bob.at("read"), bob.at("written"), alice.at("written")});
    run.next();
    BOOST_TEST(reached(run) == "alice:read");
    run.run_to(bob.at("written"));
    BOOST_TEST(acc.balance == 50);
    run.finish();
    BOOST_TEST(acc.balance == 70);
    BOOST_CHECK(schedule::parse(run.played().token()) == run.played());
}

// --- a: each mention stands for the next occurrence, unless a number says which ---

BOOST_AUTO_TEST_CASE(each_mention_stands_for_the_next_occurrence) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x", "y", "x"}));
    const starter bob = run.start("bob", reaching({"x", "x"}));
    run.declare({alice.at("x"), bob.at("x"), alice.at("x"), bob.at("x"), alice.at("x")});
    const std::vector<std::string> wanted{"alice:x", "alice:x bob:x", "alice:x bob:x alice:x",
                                          "alice:x bob:x alice:x bob:x", "alice:x bob:x alice:x bob:x alice:y alice:x"};
    std::size_t count = 0;
    for (const checkpoint_ref& here : run) {
        BOOST_TEST(here.name() == "x");
        BOOST_TEST(reached(run) == wanted[count]);
        ++count;
    }
    BOOST_TEST(count == wanted.size());
}

BOOST_AUTO_TEST_CASE(a_number_says_which_occurrence_from_the_beginning) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x", "x", "x", "x"}));
    run.declare({alice.at("x", 2), alice.at("x"), alice.at("x", 5)});
    BOOST_TEST(*run.next() == alice.at("x", 2));
    BOOST_TEST(reached(run) == "alice:x alice:x");
    BOOST_TEST(*run.next() == alice.at("x"));
    BOOST_TEST(reached(run) == "alice:x alice:x alice:x");
    BOOST_TEST(*run.next() == alice.at("x", 5));
    BOOST_TEST(reached(run) == "alice:x alice:x alice:x alice:x alice:x");
    BOOST_TEST(!run.next().has_value());
}

BOOST_AUTO_TEST_CASE(in_a_second_order_next_counts_on_and_numbers_count_from_the_beginning) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x", "x", "x"}));
    run.declare({alice.at("x")});
    BOOST_TEST(run.next().has_value());
    run.declare({alice.at("x"), alice.at("x", 4)});
    BOOST_TEST(*run.next() == alice.at("x"));
    BOOST_TEST(reached(run) == "alice:x alice:x");
    BOOST_TEST(*run.next() == alice.at("x", 4));
    BOOST_TEST(reached(run) == "alice:x alice:x alice:x alice:x");
}

// --- b: who is past its last declared checkpoint ends; then the owner of the due one is resumed ---

BOOST_AUTO_TEST_CASE(those_past_their_last_checkpoint_end_first_the_lowest_id_first) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "last"}));
    const starter bob = run.start("bob", reaching({"x", "last"}));
    const starter carol = run.start("carol", reaching({"x"}));
    run.declare({bob.at("x"), alice.at("x"), carol.at("x")});
    run.next();
    run.next();
    BOOST_TEST(reached(run) == "bob:x bob:last alice:x");
    BOOST_TEST(bob.is_finished());
    run.next();
    BOOST_TEST(reached(run) == "bob:x bob:last alice:x alice:last carol:x");
    BOOST_TEST(alice.is_finished());
    BOOST_TEST(!carol.is_finished());
}

BOOST_AUTO_TEST_CASE(at_a_pause_nobody_runs) {
    runner run;
    int steps = 0;
    const starter alice = run.start("alice", [&] {
        ++steps;
        checkpoint("x");
        ++steps;
    });
    run.declare({alice.at("x")});
    run.next();
    BOOST_TEST(steps == 1);
    checkpoint("the caller is no starter, so this is nothing");
    BOOST_TEST(reached(run) == "alice:x");
}

// --- c: what the order does not mention is passed ---

BOOST_AUTO_TEST_CASE(a_checkpoint_that_is_not_mentioned_is_passed) {
    runner run;
    const starter alice = run.start("alice", reaching({"w", "x", "y", "z"}));
    run.declare({alice.at("y")});
    BOOST_TEST(*run.next() == alice.at("y"));
    BOOST_TEST(reached(run) == "alice:w alice:x alice:y");
}

BOOST_AUTO_TEST_CASE(a_starter_that_is_not_mentioned_waits_until_the_order_is_used_up) {
    runner run;
    const starter alice = run.start("alice", reaching({"x"}));
    const starter bob = run.start("bob", reaching({"x", "y"}));
    run.declare({bob.at("x"), bob.at("y"), bob.finished()});
    run.next();
    run.next();
    run.next();
    BOOST_TEST(reached(run) == "bob:x bob:y");
    BOOST_TEST(!alice.is_finished());
    run.finish();
    BOOST_TEST(reached(run) == "bob:x bob:y alice:x");
}

// --- d: a blocked owner is helped, the lowest id first ---

BOOST_AUTO_TEST_CASE(when_the_owner_blocks_others_are_resumed_the_lowest_id_first) {
    padlock door("door");
    runner run;
    const starter idle = run.start("idle", reaching({"x"}));
    const starter holder = run.start("holder", using_lock(door));
    const starter other = run.start("other", reaching({"x"}));
    const starter late = run.start("late", using_lock(door));
    run.declare({holder.at("has it"), late.at("has it"), holder.at("gave it back")});
    run.next();
    // late blocks; idle and then holder are resumed, and holder gives the lock back on its way to its own checkpoint.
    BOOST_TEST(*run.next() == late.at("has it"));
    BOOST_TEST(idle.is_finished());
    BOOST_TEST(!other.is_finished());
    BOOST_TEST(reached(run) == "holder:has it idle:x holder:uses it holder:gave it back late:has it");
    BOOST_TEST(*run.next() == holder.at("gave it back")); // where it stands already
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_helper_does_not_pass_a_declared_checkpoint_of_its_own) {
    padlock door("door");
    runner run;
    const starter holder = run.start("holder", using_lock(door));
    const starter late = run.start("late", using_lock(door));
    const starter helper = run.start("helper", reaching({"x", "y"}));
    run.declare({holder.at("has it"), late.at("has it"), helper.at("x"), holder.at("gave it back")});
    run.next();
    run.next();
    BOOST_TEST(reached(run) == "holder:has it holder:uses it holder:gave it back late:has it");
    run.next();
    BOOST_TEST(reached(run) ==
               "holder:has it holder:uses it holder:gave it back late:has it late:uses it late:gave it back helper:x");
}

BOOST_AUTO_TEST_CASE(an_owner_that_nobody_may_help_makes_the_order_infeasible) {
    padlock door("door");
    runner run;
    const starter alice = run.start("alice", using_lock(door));
    const starter bob = run.start("bob", using_lock(door));
    run.declare({bob.at("has it"), alice.at("has it"), bob.at("uses it")});
    run.next();
    const std::string text = message_of<infeasible_order>([&] { run.next(); });
    BOOST_TEST(first_line(text) ==
               "infeasible order: alice:\"has it\" is due, but alice waits for lock door, held by bob, "
               "and nobody may go on who could change that");
    BOOST_TEST(alice.is_blocked());
    BOOST_TEST(!bob.is_blocked());
    BOOST_TEST(text == message_of<infeasible_order>([&] { run.next(); })); // it stays so
    BOOST_TEST(text == message_of<infeasible_order>([&] { run.finish(); }));
}

BOOST_AUTO_TEST_CASE(the_caller_may_help_at_a_pause) {
    resource signal("signal", "go");
    bool gone = false;
    runner run;
    const starter alice = run.start("alice", [&] {
        while (!gone) {
            if (!signal.wait()) {
                return;
            }
        }
        checkpoint("went");
    });
    run.declare({alice.blocked(), alice.at("went")});
    run.next();
    gone = true;
    signal.changed();
    BOOST_TEST(!alice.is_blocked());
    BOOST_TEST(*run.next() == alice.at("went"));
}

BOOST_AUTO_TEST_CASE(an_owner_that_sleeps_is_not_blocked_and_time_moves_while_the_others_are_held) {
    runner run;
    const starter alice = run.start("alice", [] {
        this_thread::sleep_for(std::chrono::hours(1));
        checkpoint("awake");
    });
    const starter bob = run.start("bob", reaching({"x", "y"}));
    run.declare({bob.at("x"), alice.at("awake"), bob.at("y")});
    run.next();
    BOOST_TEST(*run.next() == alice.at("awake"));
    BOOST_TEST(*run.next() == bob.at("y")); // it helped, in vain, and was held there
    run.finish();
}

BOOST_AUTO_TEST_CASE(sleeping_is_not_being_blocked) {
    runner run;
    const starter alice = run.start("alice", [] { this_thread::sleep_for(std::chrono::hours(1)); });
    run.declare({alice.blocked()});
    BOOST_TEST(first_line(message_of<missed_checkpoint>([&] { run.next(); })) ==
               "missed checkpoint: alice:blocked was to come, but alice finished before it got there");
}

BOOST_AUTO_TEST_CASE(an_owner_that_yields_goes_on_while_the_others_are_held) {
    runner run;
    const starter alice = run.start("alice", [] {
        for (int turn = 0; turn < 3; ++turn) {
            this_thread::yield();
        }
        checkpoint("x");
    });
    const starter bob = run.start("bob", reaching({"x"}));
    run.declare({bob.started(), alice.at("x"), bob.at("x")});
    run.next();
    BOOST_TEST(*run.next() == alice.at("x"));
    run.finish();
}

BOOST_AUTO_TEST_CASE(an_owner_that_goes_round_in_circles_for_a_held_one_is_a_livelock) {
    bool told = false;
    runner run;
    const starter alice = run.start("alice", [&] {
        while (!told) {
            this_thread::yield();
        }
        checkpoint("x");
    });
    const starter bob = run.start("bob", [&] {
        checkpoint("x");
        told = true;
    });
    run.declare({bob.at("x"), alice.at("x"), bob.finished()});
    BOOST_TEST(*run.next() == bob.at("x"));
    BOOST_TEST(*run.next() == alice.at("x")); // bob helps: nothing declared is in its way
    run.finish();

    told = false;
    runner again;
    const starter carol = again.start("alice", [&] {
        while (!told) {
            this_thread::yield();
        }
        checkpoint("x");
    });
    const starter dave = again.start("bob", [&] {
        checkpoint("x");
        checkpoint("y");
        told = true;
    });
    again.declare({dave.at("x"), carol.at("x"), dave.at("y")});
    again.next();
    BOOST_CHECK_THROW(again.next(), livelock);
}

// --- e: blocked is a checkpoint ---

BOOST_AUTO_TEST_CASE(blocked_is_reached_when_only_another_can_help) {
    padlock door("door");
    runner run;
    const starter alice = run.start("alice", using_lock(door));
    const starter bob = run.start("bob", using_lock(door));
    run.declare({alice.at("has it"), bob.blocked(), alice.at("gave it back"), bob.at("has it")});
    run.next();
    BOOST_TEST(!bob.is_blocked());
    BOOST_TEST(*run.next() == bob.blocked());
    BOOST_TEST(bob.is_blocked());
    BOOST_TEST(door.taken());
    BOOST_TEST(*run.next() == alice.at("gave it back"));
    BOOST_TEST(!bob.is_blocked());
    BOOST_TEST(*run.next() == bob.at("has it"));
    run.finish();
    BOOST_TEST(!bob.is_blocked());
}

BOOST_AUTO_TEST_CASE(blocked_may_be_the_last_thing_that_anybody_reaches) {
    padlock door("door");
    door.take(); // outside: by nobody
    runner run;
    const starter alice = run.start("alice", using_lock(door));
    run.declare({alice.blocked()});
    BOOST_TEST(*run.next() == alice.blocked());
    BOOST_TEST(first_line(message_of<deadlock>([&] { run.finish(); })) ==
               "deadlock: alice waits for lock door, and there is nobody left to change that");
}

BOOST_AUTO_TEST_CASE(one_that_was_to_block_and_did_not_is_reported) {
    padlock door("door");
    runner run;
    const starter alice = run.start("alice", using_lock(door));
    run.declare({alice.blocked(), alice.at("has it")});
    BOOST_TEST(first_line(message_of<out_of_order>([&] { run.next(); })) ==
               "out of order: alice reached alice:\"has it\" before alice:blocked, which is declared to come first");

    runner again;
    const starter bob = again.start("bob", using_lock(door));
    again.declare({bob.blocked()});
    door.give_back();
    BOOST_TEST(first_line(message_of<missed_checkpoint>([&] { again.next(); })) ==
               "missed checkpoint: bob:blocked was to come, but bob finished before it got there");
}

BOOST_AUTO_TEST_CASE(started_and_finished_are_checkpoints_of_every_starter) {
    runner run;
    bool ran = false;
    const starter alice = run.start("alice", [&] { ran = true; });
    const starter bob = run.start("bob", reaching({"x"}));
    run.declare({bob.started(), alice.started(), alice.finished(), bob.finished()});
    BOOST_TEST(*run.next() == bob.started());
    BOOST_TEST(*run.next() == alice.started());
    BOOST_TEST(!ran);
    BOOST_TEST(*run.next() == alice.finished());
    BOOST_TEST(ran);
    BOOST_TEST(alice.is_finished());
    BOOST_TEST(reached(run) == "");
    BOOST_TEST(*run.next() == bob.finished());
    BOOST_TEST(run.done());
    BOOST_TEST(!run.next().has_value());
}

// --- f: what the code under test may do wrong ---

BOOST_AUTO_TEST_CASE(a_starter_that_ends_too_early_missed_its_checkpoint) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x"}));
    const starter bob = run.start("bob", reaching({"x"}));
    run.declare({alice.at("x"), alice.at("x"), alice.at("x"), bob.at("x")});
    run.next();
    run.next();
    const std::string text = message_of<missed_checkpoint>([&] { run.next(); });
    BOOST_TEST(first_line(text) == "missed checkpoint: alice:x was to come, but alice finished before it got there; it "
                                   "was at 'x' 2 times");
    BOOST_TEST(alice.is_finished());
    BOOST_TEST(!bob.is_finished());
    BOOST_CHECK_THROW(run.finish(), missed_checkpoint);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_reached_before_another_of_its_own_is_out_of_order) {
    runner run;
    const starter alice = run.start("alice", reaching({"y", "x"}));
    run.declare({alice.at("x"), alice.at("y")});
    BOOST_TEST(first_line(message_of<out_of_order>([&] { run.next(); })) ==
               "out of order: alice reached alice:y before alice:x, which is declared to come first");
}

BOOST_AUTO_TEST_CASE(occurrences_declared_backwards_are_out_of_order) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x"}));
    run.declare({alice.at("x", 2), alice.at("x", 1)});
    BOOST_TEST(first_line(message_of<out_of_order>([&] { run.next(); })) ==
               "out of order: alice reached alice:x#1 before alice:x#2, which is declared to come first");
}

BOOST_AUTO_TEST_CASE(nothing_comes_after_finished) {
    runner run;
    const starter alice = run.start("alice", reaching({"x"}));
    run.declare({alice.finished(), alice.at("x")});
    BOOST_TEST(first_line(message_of<out_of_order>([&] { run.next(); })) ==
               "out of order: alice reached alice:x before alice:finished, which is declared to come first");
}

BOOST_AUTO_TEST_CASE(starters_that_wait_for_each_other_are_a_deadlock_with_its_cycle) {
    padlock left("left");
    padlock right("right");
    const auto take_both = [](padlock& one, padlock& other) {
        return [&one, &other] {
            one.take();
            checkpoint("has one");
            other.take();
            checkpoint("has both");
            other.give_back();
            one.give_back();
        };
    };
    runner run;
    const starter alice = run.start("alice", take_both(left, right));
    const starter bob = run.start("bob", take_both(right, left));
    run.declare({alice.at("has one"), bob.at("has one"), alice.at("has both")});
    run.next();
    run.next();
    const std::string text = message_of<deadlock>([&] { run.next(); });
    BOOST_TEST(first_line(text) ==
               "deadlock: alice waits for lock right, held by bob, who waits for lock left, held by alice");
    BOOST_TEST(alice.is_blocked());
    BOOST_TEST(bob.is_blocked());
    BOOST_CHECK_THROW(run.finish(), deadlock);
}

BOOST_AUTO_TEST_CASE(a_deadlock_of_some_is_one_though_others_could_go_on) {
    padlock left("left");
    padlock right("right");
    const auto take_both = [](padlock& one, padlock& other) {
        return [&one, &other] {
            one.take();
            checkpoint("has one");
            other.take();
        };
    };
    runner run;
    const starter alice = run.start("alice", take_both(left, right));
    const starter bob = run.start("bob", take_both(right, left));
    const starter carol = run.start("carol", reaching({"x"}));
    run.declare({carol.started(), alice.at("has one"), bob.at("has one"), alice.finished(), carol.at("x")});
    for (int pause = 0; pause < 3; ++pause) {
        run.next();
    }
    BOOST_TEST(first_line(message_of<deadlock>([&] { run.next(); })) ==
               "deadlock: alice waits for lock right, held by bob, who waits for lock left, held by alice");
}

BOOST_AUTO_TEST_CASE(all_outcomes_are_execution_errors) {
    runner run;
    const starter alice = run.start("alice", [] {});
    run.declare({alice.at("x")});
    BOOST_CHECK_THROW(run.finish(), execution_error);
}

BOOST_AUTO_TEST_CASE(a_loop_without_end_is_stopped) {
    runner run(execution_options{.step_limit = 100});
    const starter alice = run.start("alice", [] {
        for (;;) {
            checkpoint("turn");
        }
    });
    run.declare({alice.at("turn"), alice.at("never")});
    BOOST_TEST(*run.next() == alice.at("turn"));
    BOOST_TEST(
        first_line(message_of<step_limit_reached>([&] { run.next(); })) ==
        "step limit reached: 100 steps, and no starter began or ended meanwhile; if that is not a loop without end, "
        "raise execution_options::step_limit");
    BOOST_CHECK_THROW(run.run_to(alice.finished()), step_limit_reached);
}

BOOST_AUTO_TEST_SUITE_END()
