// Whole reports, as a person sees them: a golden file for each. The places are given, so that they do not move with this file.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/golden.hpp"
#include "support/padlock.hpp"
#include "support/programs.hpp"

#include <chrono>
#include <string>

using namespace cppvaldi;

namespace {

constexpr place at_line(std::uint32_t line) { return {"src/bank/account.cpp", line}; }

/// An account behind a lock.
struct guarded_account {
    padlock lock;
    int balance = 100;

    explicit guarded_account(std::string name) : lock(std::move(name)) {}

    void withdraw(int amount) {
        lock.take(at_line(10));
        const int seen = balance;
        checkpoint("read", seen, at_line(12));
        balance = seen - amount;
        checkpoint("written", balance, at_line(14));
        lock.give_back();
        checkpoint("done", at_line(16));
    }

    void move_to(guarded_account& other, int amount) {
        lock.take(at_line(20));
        checkpoint("has the first", at_line(21));
        other.lock.take(at_line(22));
        balance -= amount;
        other.balance += amount;
        other.lock.give_back();
        lock.give_back();
    }
};

template <typename Error, typename Call>
void check_report(const std::string& name, Call&& call) {
    check_golden("runner/golden/" + name + ".txt", message_of<Error>(std::forward<Call>(call)));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(messages, clean_world)

BOOST_AUTO_TEST_CASE(infeasible_order_says_who_waits_for_whom_and_who_is_held) {
    guarded_account acc("savings");
    runner run;
    const starter alice = run.start("alice", &guarded_account::withdraw, &acc, 30);
    const starter bob = run.start("bob", &guarded_account::withdraw, &acc, 50);
    const starter auditor = run.start("the auditor", reaching({"looked"}));
    run.declare({auditor.started(), alice.at("read"), bob.at("read"), alice.at("written"), auditor.at("looked")});
    run.next();
    run.next();
    check_report<infeasible_order>("infeasible_order", [&] { run.next(); });
}

BOOST_AUTO_TEST_CASE(infeasible_run_to_says_what_was_wanted) {
    guarded_account acc("savings");
    runner run;
    const starter alice = run.start("alice", &guarded_account::withdraw, &acc, 30);
    const starter bob = run.start("bob", &guarded_account::withdraw, &acc, 50);
    const starter gate = run.start("gatekeeper", [] {
        resource door("door", "front");
        (void)door.wait(at_line(40));
    });
    run.declare({alice.at("read"), gate.finished(), alice.at("written")});
    run.next();
    check_report<infeasible_order>("infeasible_run_to", [&] { run.run_to(bob.at("done")); });
}

BOOST_AUTO_TEST_CASE(missed_checkpoint_says_how_often_it_was_reached) {
    guarded_account acc("savings");
    runner run;
    const starter alice = run.start("alice", &guarded_account::withdraw, &acc, 30);
    const starter bob = run.start("bob", &guarded_account::withdraw, &acc, 50);
    run.declare({alice.at("read"), alice.at("written"), alice.at("read", 2), bob.at("read")});
    run.next();
    check_report<missed_checkpoint>("missed_checkpoint", [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(missed_checkpoint_of_a_starter_that_ended_by_an_exception) {
    runner run;
    const starter alice = run.start("alice", [] { throw 1; });
    const starter bob = run.start("bob", reaching({"x"}));
    run.declare({alice.at("read"), bob.at("x")});
    BOOST_CHECK_THROW(run.next(), int);
    check_report<missed_checkpoint>("missed_after_exception", [&] { run.next(); });
}

BOOST_AUTO_TEST_CASE(out_of_order_names_both_checkpoints) {
    guarded_account acc("savings");
    runner run;
    const starter alice = run.start("alice", &guarded_account::withdraw, &acc, 30);
    run.declare({alice.at("written"), alice.at("read"), alice.at("done")});
    check_report<out_of_order>("out_of_order", [&] { run.next(); });
}

BOOST_AUTO_TEST_CASE(deadlock_shows_the_cycle) {
    guarded_account savings("savings");
    guarded_account current("current");
    runner run;
    const starter alice = run.start("alice", &guarded_account::move_to, &savings, std::ref(current), 10);
    const starter bob = run.start("bob", &guarded_account::move_to, &current, std::ref(savings), 20);
    run.declare({alice.at("has the first"), bob.at("has the first"), alice.finished()});
    check_report<deadlock>("deadlock_cycle", [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(deadlock_without_a_cycle) {
    resource letter("letter", "from bob");
    runner run;
    (void)run.start("alice", [&] { (void)letter.wait(at_line(30)); });
    (void)run.start("bob", [] {});
    (void)run.start("carol", [&] { (void)letter.wait(at_line(32)); });
    check_report<deadlock>("deadlock_without_cycle", [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(step_limit_reached_shows_the_last_steps) {
    runner run(execution_options{.step_limit = 60});
    (void)run.start("alice", [] {
        for (int turn = 0;; ++turn) {
            checkpoint("turn", turn, at_line(50));
        }
    });
    (void)run.start("bob", [] {});
    check_report<step_limit_reached>("step_limit_reached", [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(livelock_shows_the_last_steps) {
    runner run;
    const starter alice = run.start("alice", [] {
        for (;;) {
            this_thread::yield(at_line(60));
        }
    });
    (void)run.start("bob", [] { this_thread::sleep_for(std::chrono::seconds(1), at_line(61)); });
    check_report<livelock>("livelock", [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(with_many_starters_a_report_stays_readable) {
    guarded_account acc("savings");
    runner run(execution_options{.stack_size_bytes = 16 * 1024});
    order declared;
    for (int number = 0; number < 500; ++number) {
        const starter each = run.start("teller " + std::to_string(number), &guarded_account::withdraw, &acc, 1);
        declared.push_back(each.at("read"));
    }
    declared.push_back(at("teller 0", "written"));
    run.declare(declared);
    check_report<infeasible_order>("many_starters", [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(names_with_odd_characters_do_not_break_a_report) {
    runner run;
    const starter odd = run.start("al\nice \xe2\x82\xac", [] { checkpoint("re\tad", 1, at_line(70)); });
    const starter plain = run.start("bob", [] {});
    run.declare({odd.at("re\tad"), odd.at("re\tad"), plain.finished()});
    check_report<missed_checkpoint>("odd_names", [&] { run.finish(); });
}

BOOST_AUTO_TEST_CASE(a_status_says_of_each_starter_what_it_does) {
    guarded_account acc("savings");
    runner run;
    const starter alice = run.start("alice", &guarded_account::withdraw, &acc, 30);
    const starter bob = run.start("bob", &guarded_account::withdraw, &acc, 50);
    const starter carol = run.start("carol", [] { throw 1; });
    const starter dave = run.start("dave", [] {});
    (void)run.start("erin", [] {});
    run.run_to(alice.at("read"));
    run.run_to(bob.blocked());
    BOOST_CHECK_THROW(run.run_to(carol.finished()), int);
    run.run_to(dave.finished());
    check_golden("runner/golden/status.txt", run.status());
    check_golden("runner/golden/timeline.txt", run.timeline());
}

BOOST_AUTO_TEST_SUITE_END()
