// Calls that have no meaning: each is refused by a usage_error whose text names the call, the offending value and the cure.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/padlock.hpp"
#include "support/programs.hpp"
#include "support/says.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>

using namespace cppvaldi;

namespace {

/// Sees that `call` is refused with exactly this message.
template <typename Call>
void check_refused(const std::string& wanted, Call&& call) {
    BOOST_TEST(message_of<usage_error>(std::forward<Call>(call)) == wanted);
}

/// Does it in a thread of its own, to its end.
template <typename Call>
void elsewhere(Call&& call) {
    std::thread(std::forward<Call>(call)).join();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(misuse, clean_world)

BOOST_AUTO_TEST_CASE(two_starters_of_one_name) {
    runner run;
    (void)run.start("alice", [] {});
    check_refused("runner::start(\"alice\"): there is a starter of this name already; give each a name of its own",
                  [&] { (void)run.start("alice", [] {}); });
    run.finish();
    check_refused("runner::start(\"alice\"): there is a starter of this name already; give each a name of its own",
                  [&] { (void)run.start("alice", [] {}); });
}

BOOST_AUTO_TEST_CASE(a_starter_without_a_name) {
    runner run;
    check_refused("runner::start(\"\"): a starter needs a name, so that orders and reports can say whom they mean",
                  [&] { (void)run.start("", [] {}); });
}

BOOST_AUTO_TEST_CASE(an_order_that_names_an_unknown_starter) {
    runner run;
    check_refused(
        "runner::declare: bob:read names a starter 'bob' that this runner does not have (none was started); start "
        "it first, or mend the name",
        [&] { run.declare({at("bob", "read")}); });
    (void)run.start("alice", [] {});
    (void)run.start("robert", [] {});
    check_refused(
        "runner::declare: bob:read names a starter 'bob' that this runner does not have (it has alice, robert); "
        "start it first, or mend the name",
        [&] {
            run.declare({at("alice", "read"), at("bob", "read")});
        });
    check_refused(
        "runner::run_to: bob:read names a starter 'bob' that this runner does not have (it has alice, robert); "
        "start it first, or mend the name",
        [&] { run.run_to(at("bob", "read")); });
    run.finish(); // nothing of it was declared
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(of_many_known_starters_some_are_named) {
    runner run;
    for (int number = 0; number < 25; ++number) {
        (void)run.start("s" + std::to_string(number), [] {});
    }
    check_refused(
        "runner::declare: bob:read names a starter 'bob' that this runner does not have (it has s0, s1, s2, s3, s4, "
        "s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16, s17, s18, s19 and 5 more); start it first, or mend "
        "the name",
        [&] { run.declare({at("bob", "read")}); });
}

BOOST_AUTO_TEST_CASE(a_checkpoint_without_a_name_or_that_is_reached_once_and_has_a_number) {
    runner run;
    const starter alice = run.start("alice", [] {});
    check_refused(
        "runner::declare: alice:\"\" has no name; say which checkpoint, or started(), finished() or blocked()",
        [&] { run.declare({alice.at("")}); });
    check_refused("runner::run_to: alice:\"\" has no name; say which checkpoint, or started(), finished() or blocked()",
                  [&] { run.run_to(alice.at("")); });
    check_refused("runner::declare: alice:finished#2 has a number; it is reached only once, leave the number out",
                  [&] { run.declare({alice.at("finished", 2)}); });
    check_refused("runner::run_to: alice:started#2 has a number; it is reached only once, leave the number out",
                  [&] { run.run_to(alice.at("started", 2)); });
    check_refused(
        "runner::declare: alice:blocked#1 has a number; each mention of it is the next time, leave the number out",
        [&] { run.declare({alice.at("blocked", 1)}); });
    check_refused(
        "runner::run_to: alice:blocked#3 has a number; each mention of it is the next time, leave the number out",
        [&] { run.run_to(alice.at("blocked", 3)); });
}

BOOST_AUTO_TEST_CASE(the_zeroth_occurrence) {
    runner run;
    const starter alice = run.start("alice", [] {});
    check_refused(
        "at(\"read\", 0) for starter 'alice': occurrences are counted from 1; leave the number out for the next one",
        [&] { (void)alice.at("read", 0); });
}

BOOST_AUTO_TEST_CASE(a_checkpoint_at_a_function_that_nobody_watches) {
    account acc;
    runner run;
    const starter alice = run.start("alice", &account::withdraw, &acc, 1);
    check_refused(
        "runner::declare: alice:\"before account::withdraw()\" is a checkpoint at a function that this runner does not "
        "watch; make it with starter::before<&function>() or starter::after<&function>()",
        [&] { run.declare({alice.at("before account::withdraw()")}); });
}

BOOST_AUTO_TEST_CASE(one_checkpoint_declared_twice) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x", "x"}));
    check_refused(
        "runner::declare: alice:finished is declared twice; it is reached only once, so leave one of them out", [&] {
            run.declare({alice.finished(), alice.finished()});
        });
    check_refused(
        "runner::declare: alice:started is declared after another checkpoint of alice; it is reached first, so put "
        "it first",
        [&] {
            run.declare({alice.started(), alice.started()});
        });
    check_refused(
        "runner::declare: alice:started is declared after another checkpoint of alice; it is reached first, so put "
        "it first",
        [&] {
            run.declare({alice.at("x"), alice.started()});
        });
    check_refused("runner::declare: alice:x#1 is declared twice; leave one of them out, or say which times are meant: "
                  "at(name, n)",
                  [&] {
                      run.declare({alice.at("x"), alice.at("x", 1)});
                  });
    check_refused("runner::declare: alice:x#2 is declared twice; leave one of them out, or say which times are meant: "
                  "at(name, n)",
                  [&] {
                      run.declare({alice.at("x", 2), alice.at("x", 3), alice.at("x", 2)});
                  });
    run.declare({alice.at("x", 1), alice.at("x"), alice.at("x", 3)});
    run.finish();
}

BOOST_AUTO_TEST_CASE(declaring_while_an_order_is_under_way) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "y"}));
    run.declare({alice.at("x"), alice.at("y")});
    check_refused(
        "runner::declare: another order is under way, alice:x is due; declare one order with all checkpoints in it, "
        "or play that one to its end first",
        [&] { run.declare({alice.at("y")}); });
    run.next();
    check_refused(
        "runner::declare: another order is under way, alice:y is due; declare one order with all checkpoints in it, "
        "or play that one to its end first",
        [&] { run.declare({alice.at("y")}); });
    run.next();
    run.declare({alice.finished()});
    BOOST_TEST(*run.next() == alice.finished());
}

BOOST_AUTO_TEST_CASE(declaring_what_is_behind) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x", "y"}));
    const starter bob = run.start("bob", [] {});
    run.run_to(alice.at("y"));
    run.run_to(bob.finished());
    check_refused("runner::declare: alice:x#2 is behind: alice has been there 2 times; declare what is still to come",
                  [&] { run.declare({alice.at("x", 2)}); });
    check_refused("runner::declare: alice:y#1 is behind: alice has been there 1 time; declare what is still to come",
                  [&] { run.declare({alice.at("y", 1)}); });
    check_refused("runner::declare: alice:started is behind: alice has begun; declare what is still to come",
                  [&] { run.declare({alice.started()}); });
    check_refused("runner::declare: bob:finished is behind: bob has ended; declare what is still to come",
                  [&] { run.declare({bob.finished()}); });
}

BOOST_AUTO_TEST_CASE(running_to_what_is_behind) {
    runner run;
    const starter alice = run.start("alice", reaching({"x", "x", "y", "x"}));
    const starter bob = run.start("bob", [] {});
    const auto behind = [&](const checkpoint_ref& ref) {
        check_refused("runner::run_to: " + ref.text() +
                          " is behind; ask for one that is still to come, or for a later occurrence by its number: "
                          "at(name, n)",
                      [&] { run.run_to(ref); });
    };
    run.declare({bob.finished(), alice.at("x"), alice.at("x"), alice.at("y")});
    run.run_to(alice.at("y"));
    behind(alice.at("x"));
    behind(alice.at("x", 2));
    behind(alice.at("y"));
    behind(alice.started());
    behind(bob.started());
    behind(bob.finished());
    behind(bob.at("x"));
    behind(bob.blocked());
    BOOST_TEST(run.run_to(alice.at("x", 3)) == alice.at("x", 3));
}

BOOST_AUTO_TEST_CASE(driving_from_inside_a_starter) {
    std::string messages;
    runner run;
    const starter alice = run.start("alice", [&] {
        const auto note = [&](auto call) { messages += message_of<usage_error>(call) + '\n'; };
        note([&] { (void)run.next(); });
        note([&] { run.run_to(at("alice", "x")); });
        note([&] { run.finish(); });
        note([&] { run.declare({at("alice", "x")}); });
        note([&] { (void)run.begin(); });
    });
    run.finish();
    const std::string wanted =
        " is called by starter 'alice', which this runner drives; call it outside, where the runner "
        "was made\n";
    BOOST_TEST(messages == "runner::next" + wanted + "runner::run_to" + wanted + "runner::finish" + wanted +
                               "runner::declare" + wanted + "runner::next" + wanted);
}

BOOST_AUTO_TEST_CASE(a_refusal_that_a_starter_does_not_catch_comes_out_of_the_call_that_drives) {
    runner run;
    (void)run.start("alice", [&] { run.finish(); });
    check_refused(
        "runner::finish is called by starter 'alice', which this runner drives; call it outside, where the runner "
        "was made",
        [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(starting_from_inside_a_starter_and_after_the_run_has_begun_is_allowed) {
    std::string log;
    runner run;
    std::optional<starter> child;
    const starter alice = run.start("alice", [&] {
        child = run.start("child", [&] { log += "child "; });
        checkpoint("x");
        log += "alice ";
    });
    run.declare({alice.at("x")});
    run.next();
    BOOST_TEST(child.has_value());
    const starter late = run.start("late", [&] { log += "late "; });
    run.declare({late.finished(), child->finished()});
    run.finish();
    BOOST_TEST(log == "alice late child "); // alice was past its last checkpoint
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_has_the_name_of_one_that_every_starter_has) {
    const std::string wanted = "' is a checkpoint that every starter has of itself; choose another name";
    for (const std::string name : {"started", "finished", "blocked"}) {
        runner run;
        (void)run.start("alice", [&] { checkpoint(name, place{"src/account.cpp", 12}); });
        check_refused("checkpoint(\"" + name + "\") at account.cpp:12: '" + name + wanted, [&] { run.finish(); });
    }
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_or_where_there_is_none) {
    runner run;
    const starter alice = run.start("alice", [] {
        checkpoint("with", 42);
        checkpoint("without");
    });
    const std::string call = "starter::value<int>() of 'alice': ";
    const std::string elsewhere_text =
        call + "it does not stand at a checkpoint; drive it to one first, as in run_to(alice.at(\"read\"))";
    const auto ask = [&] { (void)alice.value<int>(); };
    check_refused(elsewhere_text, ask);
    run.run_to(alice.at("with"));
    BOOST_TEST(alice.value<int>() == 42);
    check_refused("starter::value<long>() of 'alice': checkpoint 'with' carries a value of type int; ask for that",
                  [&] { (void)alice.value<long>(); });
    run.run_to(alice.at("without"));
    check_refused(call + "checkpoint 'without' carries no value; pass one, as in checkpoint(\"without\", seen)", ask);
    run.finish();
    check_refused(elsewhere_text, ask);
}

BOOST_AUTO_TEST_CASE(a_value_asked_for_by_the_starter_that_runs) {
    runner run;
    std::optional<starter> self;
    self = run.start("alice", [&] {
        checkpoint("x", 42);
        (void)self->value<int>();
    });
    check_refused("starter::value<int>() of 'alice': it does not stand at a checkpoint; drive it to one first, as in "
                  "run_to(alice.at(\"read\"))",
                  [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(a_result_too_early_of_another_type_or_of_one_that_has_none) {
    runner run;
    const starter alice = run.start("alice", [] {
        checkpoint("x");
        return 42;
    });
    const starter bob = run.start("bob", [] {});
    const starter carol = run.start("carol", []() -> int { throw std::runtime_error("no"); });
    const auto ask = [&] { (void)alice.result<int>(); };
    const std::string early = "starter::result<int>() of 'alice': it has not finished; drive it to finished() first";
    check_refused(early, ask);
    run.run_to(alice.at("x"));
    check_refused(early, ask);
    BOOST_CHECK_THROW(run.finish(), std::runtime_error);
    BOOST_TEST(alice.result<int>() == 42);
    check_refused("starter::result<long>() of 'alice': its callable returns int; ask for that",
                  [&] { (void)alice.result<long>(); });
    check_refused(
        "starter::result<int>() of 'bob': its callable returns nothing; leave the question out, or return something",
        [&] { (void)bob.result<int>(); });
    check_refused("starter::result<int>() of 'carol': it ended by an exception, and returned nothing; mend that first",
                  [&] { (void)carol.result<int>(); });
}

BOOST_AUTO_TEST_CASE(a_starter_whose_runner_is_gone) {
    std::optional<starter> stale;
    {
        runner run;
        stale = run.start("alice", [] { return 1; });
        run.finish();
    }
    const auto check = [&] {
        const std::string wanted = ": the runner of 'alice' is gone; ask while it lives";
        check_refused("starter::is_finished" + wanted, [&] { (void)stale->is_finished(); });
        check_refused("starter::is_blocked" + wanted, [&] { (void)stale->is_blocked(); });
        check_refused("starter::value" + wanted, [&] { (void)stale->value<int>(); });
        check_refused("starter::result" + wanted, [&] { (void)stale->result<int>(); });
        BOOST_TEST(stale->name() == "alice");
        BOOST_TEST(stale->at("x").text() == "alice:x");
    };
    check();
    runner reusing_its_memory;
    (void)reusing_its_memory.start("another", [] { return 2; });
    reusing_its_memory.finish();
    check();
}

BOOST_AUTO_TEST_CASE(a_starter_whose_thread_is_gone) {
    std::optional<starter> stale;
    elsewhere([&] {
        runner run;
        stale = run.start("alice", [] { return 1; });
        run.finish();
    });
    check_refused("starter::result: the runner of 'alice' is gone; ask while it lives",
                  [&] { (void)stale->result<int>(); });
}

BOOST_AUTO_TEST_CASE(a_runner_used_from_another_thread) {
    runner run;
    const starter alice = run.start("alice", [] {});
    elsewhere([&] {
        const std::string wanted = ": a runner is used by the OS thread that made it; make one in each thread";
        check_refused("runner::start" + wanted, [&] { (void)run.start("bob", [] {}); });
        check_refused("runner::declare" + wanted, [&] { run.declare({alice.finished()}); });
        check_refused("runner::next" + wanted, [&] { (void)run.next(); });
        check_refused("runner::run_to" + wanted, [&] { run.run_to(alice.finished()); });
        check_refused("runner::finish" + wanted, [&] { run.finish(); });
    });
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_callable_that_is_larger_than_the_stack_allows) {
    std::array<char, 300 * 1024> large{};
    runner run;
    const std::string text = message_of<usage_error>([&] { (void)run.start("alice", [large] { return large[0]; }); });
    BOOST_TEST(text.starts_with("starter 'alice': its callable and arguments take 307"));
    BOOST_TEST(
        text.ends_with(" bytes, more than half of its stack of 262144; raise execution_options::stack_size_bytes, or "
                       "pass large arguments by std::ref or pointer"));
    (void)run.start(
        "alice", [](const std::array<char, 300 * 1024>& same) { return same[0]; }, std::cref(large));
    run.finish();

    runner roomy(execution_options{.stack_size_bytes = 1024 * 1024});
    (void)roomy.start("alice", [large] { return large[0]; });
    roomy.finish();
}

BOOST_AUTO_TEST_CASE(a_stack_of_no_size_or_of_any) {
    runner none(execution_options{.stack_size_bytes = 0});
    BOOST_CHECK_THROW((void)none.start("alice", [] {}), usage_error);
    check_refused(
        "runner: execution_options::stack_size_bytes is 18446744073709551615, and at most 68719476736 can be had; "
        "lower it",
        [] { const runner all(execution_options{.stack_size_bytes = ~std::size_t{0}}); });
    runner large(execution_options{.stack_size_bytes = std::size_t{1} << 26});
    (void)large.start("alice", [] {});
    large.finish();
}

BOOST_AUTO_TEST_CASE(a_step_limit_that_is_reached) {
    runner run(execution_options{.step_limit = 3});
    const starter alice = run.start("alice", reaching({"x", "x", "x", "x"}));
    BOOST_TEST(
        first_line(message_of<step_limit_reached>([&] { run.finish(); })) ==
        "step limit reached: 3 steps, and no starter began or ended meanwhile; if that is not a loop without end, raise "
        "execution_options::step_limit");
    run.finish(); // each call has the limit anew
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_runner_driven_while_it_is_destroyed) {
    std::string messages;
    struct drives_when_destroyed {
        runner& run;
        std::string& messages;
        ~drives_when_destroyed() {
            messages = message_of<usage_error>([&] { run.finish(); }) + '\n' +
                       message_of<usage_error>([&] { (void)run.start("late", [] {}); });
        }
    };
    {
        runner run;
        const starter alice = run.start("alice", [&] {
            const drives_when_destroyed at_the_end{run, messages};
            checkpoint("x");
        });
        run.run_to(alice.at("x"));
    }
    BOOST_TEST(messages == "runner::finish: the runner is being destroyed; drive it while it lives\n"
                           "runner::start(\"late\"): the runner is being destroyed; start while it lives");
}

BOOST_AUTO_TEST_CASE(a_function_of_a_program_that_is_compiled_without_the_flag_is_refused_with_the_flag) {
    runner run;
    const starter alice = run.start("alice", [] {});
    BOOST_CHECK_EXCEPTION((void)alice.before("main"), usage_error,
                          says({"starter::before(\"main\") of 'alice': nothing in this program",
                                "-finstrument-functions"}));
    BOOST_CHECK_EXCEPTION((void)alice.after<&cppvaldi::detail::timelines_of_runners>(), usage_error,
                          says({"-finstrument-functions"}));
}

BOOST_AUTO_TEST_SUITE_END()
