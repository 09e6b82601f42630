// Driving a declared order: exceptions, determinism, and the calls of the runner; g and h of the design's section 4.1.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/padlock.hpp"
#include "support/programs.hpp"

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

using namespace cppvaldi;

BOOST_FIXTURE_TEST_SUITE(driving, clean_world)

// --- g: exceptions come out as they were ---

BOOST_AUTO_TEST_CASE(an_exception_is_rethrown_as_it_was) {
    struct special final : std::runtime_error {
        using std::runtime_error::runtime_error;
        int number = 0;
    };
    const special* thrown = nullptr;
    runner run;
    const starter alice = run.start("alice", [&] {
        checkpoint("x");
        try {
            special made("out of money");
            made.number = 42;
            throw made;
        } catch (const special& same) {
            thrown = &same;
            throw;
        }
    });
    const starter bob = run.start("bob", reaching({"x"}));
    run.declare({alice.at("x"), bob.at("x"), alice.finished()});
    run.next();
    run.next();
    try {
        run.next();
        BOOST_ERROR("nothing was thrown");
    } catch (const special& caught) {
        BOOST_TEST(&caught == thrown);
        BOOST_TEST(caught.number == 42);
        BOOST_TEST(caught.what() == "out of money");
    }
    BOOST_TEST(alice.is_finished());
    BOOST_TEST(bob.is_finished()); // it was past its last checkpoint
}

BOOST_AUTO_TEST_CASE(anything_may_be_thrown) {
    runner run;
    (void)run.start("alice", [] { throw 42; });
    BOOST_CHECK_EXCEPTION(run.finish(), int, [](int thrown) { return thrown == 42; });

    runner nested;
    (void)nested.start("alice", [] {
        try {
            throw std::runtime_error("inner");
        } catch (...) {
            std::throw_with_nested(std::logic_error("outer"));
        }
    });
    try {
        nested.finish();
        BOOST_ERROR("nothing was thrown");
    } catch (const std::logic_error& outer) {
        BOOST_TEST(outer.what() == "outer");
        BOOST_CHECK_EXCEPTION(std::rethrow_if_nested(outer), std::runtime_error,
                              [](const std::runtime_error& inner) { return inner.what() == std::string("inner"); });
    }
}

BOOST_AUTO_TEST_CASE(after_an_exception_the_others_stay_where_they_are_and_may_go_on) {
    runner run;
    const starter alice = run.start("alice", [] {
        checkpoint("x");
        throw std::runtime_error("no");
    });
    const starter bob = run.start("bob", reaching({"x", "y"}));
    run.declare({bob.at("x"), alice.at("x"), alice.finished(), bob.at("y")});
    run.next();
    run.next();
    BOOST_CHECK_THROW(run.next(), std::runtime_error);
    BOOST_TEST(reached(run) == "bob:x alice:x");
    BOOST_TEST(!bob.is_finished());
    BOOST_TEST(!run.done());
    // The order cannot be kept any more, and that is said.
    BOOST_TEST(first_line(message_of<missed_checkpoint>([&] { run.next(); })) ==
               "missed checkpoint: alice:finished was to come, but alice ended by an exception before it got there");
}

BOOST_AUTO_TEST_CASE(an_exception_of_one_that_the_order_does_not_need_any_more_does_not_end_the_order) {
    runner run;
    const starter alice = run.start("alice", [] {
        checkpoint("x");
        throw std::runtime_error("no");
    });
    const starter bob = run.start("bob", reaching({"x"}));
    run.declare({alice.at("x"), bob.at("x")});
    run.next();
    BOOST_CHECK_THROW(run.next(), std::runtime_error);
    BOOST_TEST(*run.next() == bob.at("x"));
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(destroying_the_runner_unwinds_those_that_are_left_the_youngest_first) {
    std::string log;
    struct writes_when_destroyed {
        std::string& log;
        const char* text;
        ~writes_when_destroyed() { log += text; }
    };
    {
        runner run;
        for (const char* name : {"a", "b", "c"}) {
            (void)run.start(name, [&log, name] {
                const writes_when_destroyed outer{log, name};
                const writes_when_destroyed inner{log, "-"};
                checkpoint("x");
                log += "not reached";
            });
        }
        run.run_to(at("a", "x"));
        run.run_to(at("b", "x"));
        BOOST_TEST(log == "");
    }
    BOOST_TEST(log == "-b-a"); // c never began
}

// --- h, and the calls ---

BOOST_AUTO_TEST_CASE(finish_alone_runs_the_lowest_id_first_and_switches_only_when_it_must) {
    padlock door("door");
    runner run;
    (void)run.start("alice", reaching({"x", "y"}));
    (void)run.start("bob", [&] {
        door.take();
        checkpoint("has it");
        door.give_back();
    });
    (void)run.start("carol", reaching({"x"}));
    run.finish();
    BOOST_TEST(reached(run) == "alice:x alice:y bob:has it carol:x");
    BOOST_TEST(
        run.played().token() ==
        schedule(
            {{.chosen = 0}, {.chosen = 0}, {.chosen = 0}, {.chosen = 1}, {.chosen = 1}, {.chosen = 2}, {.chosen = 2}})
            .token());
}

BOOST_AUTO_TEST_CASE(the_same_order_gives_the_same_schedule_however_it_is_driven) {
    std::vector<std::string> tokens;
    for (const std::string how : {"next", "finish", "range", "run_to"}) {
        account acc;
        runner run;
        const starter alice = run.start("alice", &account::withdraw, &acc, 30);
        const starter bob = run.start("bob", &account::withdraw, &acc, 50);
        run.declare({bob.at("read"), alice.at("read"), bob.at("written"), alice.at("written")});
        if (how == "next") {
            while (run.next()) {}
        } else if (how == "range") {
            for (const checkpoint_ref& here : run) {
                (void)here;
            }
        } else if (how == "run_to") {
            run.run_to(bob.at("written"));
        }
        run.finish();
        tokens.push_back(run.played().token());
    }
    BOOST_TEST(tokens == std::vector<std::string>(4, tokens.front()));
}

BOOST_AUTO_TEST_CASE(next_says_when_the_order_is_used_up_and_then_everything_has_ended) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "y"}));
    run.declare({alice.at("x")});
    BOOST_TEST(run.next().has_value());
    BOOST_TEST(!run.done());
    BOOST_TEST(!run.next().has_value());
    BOOST_TEST(run.done());
    BOOST_TEST(!run.next().has_value());
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_loop_over_the_runner_may_be_left_and_taken_up_again) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "y", "z"}));
    run.declare({alice.at("x"), alice.at("y"), alice.at("z")});
    std::string names;
    for (const checkpoint_ref& here : run) {
        names += here.name();
        if (here.name() == "y") {
            break;
        }
    }
    for (const checkpoint_ref& here : run) {
        names += here.name();
    }
    BOOST_TEST(names == "xyz");
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(run_to_skips_the_pauses_before_a_mentioned_checkpoint) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x", "x", "y"}));
    const starter bob = run.start("bob", reaching({"x"}));
    run.declare({alice.at("x"), bob.at("x"), alice.at("x"), alice.at("x"), alice.at("y")});
    BOOST_TEST(run.run_to(alice.at("x", 3)) == alice.at("x")); // as it was declared
    BOOST_TEST(reached(run) == "alice:x bob:x alice:x alice:x");
    BOOST_TEST(run.run_to(alice.finished()) == alice.finished());
    BOOST_TEST(alice.is_finished());
}

BOOST_AUTO_TEST_CASE(run_to_a_checkpoint_that_is_not_mentioned_pauses_there_on_the_way) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "between", "y"}));
    const starter bob = run.start("bob", reaching({"x", "between"}));
    run.declare({alice.at("x"), bob.at("x"), alice.at("y")});
    BOOST_TEST(run.run_to(alice.at("between")) == alice.at("between"));
    BOOST_TEST(reached(run) == "alice:x bob:x bob:between alice:between");
    BOOST_TEST(*run.next() == alice.at("y"));

    runner free;
    const starter carol = free.start("carol", reaching({"x", "x", "x"}));
    const starter dave = free.start("dave", reaching({"x"}));
    BOOST_TEST(free.run_to(carol.at("x", 2)) == carol.at("x", 2));
    BOOST_TEST(free.run_to(dave.at("x")) == dave.at("x"));
    BOOST_TEST(free.run_to(carol.at("x")) == carol.at("x"));
    BOOST_TEST(reached(free) == "carol:x carol:x dave:x carol:x");
    BOOST_TEST(free.run_to(dave.finished()) == dave.finished());
    BOOST_TEST(!carol.is_finished());
}

BOOST_AUTO_TEST_CASE(run_to_started_runs_nothing_and_run_to_blocked_stops_at_the_lock) {
    padlock door("door");
    runner run;
    const starter alice = run.start("alice", using_lock(door));
    const starter bob = run.start("bob", using_lock(door));
    run.run_to(bob.started());
    BOOST_TEST(run.trace_so_far().steps.size() == 1U); // the pause
    run.run_to(alice.at("has it"));
    run.run_to(bob.blocked());
    BOOST_TEST(bob.is_blocked());
    run.run_to(bob.blocked()); // it still is
    run.run_to(bob.at("has it"));
    BOOST_TEST(reached(run) == "alice:has it alice:uses it alice:gave it back bob:has it");
}

BOOST_AUTO_TEST_CASE(run_to_a_checkpoint_that_never_comes_is_a_missed_one) {
    runner run;
    const starter alice = run.start("alice", reaching({"x"}));
    BOOST_TEST(first_line(message_of<missed_checkpoint>([&] { run.run_to(alice.at("y")); })) ==
               "missed checkpoint: alice:y was to come, but alice finished before it got there");
    padlock door("door");
    door.take();
    const starter bob = run.start("bob", using_lock(door));
    const starter carol = run.start("carol", reaching({"x"}));
    run.declare({carol.at("x")});
    run.next();
    run.declare({carol.finished()});
    (void)run.start("dave", using_lock(door));
    BOOST_TEST(first_line(message_of<deadlock>([&] { run.run_to(bob.at("has it")); })) ==
               "deadlock: bob waits for lock door, and everybody else who has not finished waits too");
}

BOOST_AUTO_TEST_CASE(run_to_what_cannot_be_reached_says_what_was_wanted) {
    padlock door("door");
    padlock gate("gate");
    gate.take();
    runner run;
    const starter alice = run.start("alice", using_lock(door));
    const starter bob = run.start("bob", using_lock(door));
    const starter carol = run.start("carol", using_lock(gate));
    run.declare({alice.at("has it"), carol.at("has it"), alice.at("uses it")});
    run.next();
    BOOST_TEST(
        first_line(message_of<infeasible_order>([&] { run.run_to(bob.at("has it")); })) ==
        "infeasible order: run_to wants bob:\"has it\", but bob waits for lock door, held by alice, and nobody may go "
        "on who could change that");
    gate.give_back();
    run.finish(); // the order itself can be kept
    BOOST_TEST(bob.is_finished());
}

BOOST_AUTO_TEST_CASE(what_others_reach_while_they_help_a_run_to_counts_for_the_order) {
    padlock door("door");
    runner run;
    const starter alice = run.start("alice", using_lock(door));
    const starter bob = run.start("bob", using_lock(door));
    const starter carol = run.start("carol", reaching({"x"}));
    run.declare({alice.at("has it"), carol.at("x"), alice.at("uses it")});
    run.next();
    BOOST_TEST(run.run_to(bob.at("has it")) == bob.at("has it"));
    BOOST_TEST(reached(run) == "alice:has it alice:uses it carol:x alice:gave it back bob:has it");
    BOOST_TEST(!run.next().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
