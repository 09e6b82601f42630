// What a resource offers to those who write adapters, above all in callbacks of a C library.

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

using cppvaldi::resource;
using cppvaldi::resource_holder;
using cppvaldi::runner;
using cppvaldi::starter;

/// Slots of a pool: a starter that wants some waits until there are as many.
struct pool {
    resource slots{"pool", "slots"};
    int free = 0;

    void take(int wanted) {
        const struct wish {
            const pool& from;
            int wanted;
        } wish{*this, wanted};
        const auto enough = [](const void* context) {
            const auto& asked = *static_cast<const struct wish*>(context);
            return asked.from.free >= asked.wanted;
        };
        (void)slots.wait(enough, &wish, cppvaldi::place::described("take"));
        give(-wanted);
    }

    void give(int more) {
        free += more;
        slots.changed();
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(who_waits_for_something_is_blocked_until_it_has_come) {
    pool shared;
    runner run;
    const starter two = run.start("two", &pool::take, &shared, 2);
    const starter one = run.start("one", &pool::take, &shared, 1);
    run.declare({two.blocked(), one.blocked(), one.finished(), two.finished()});
    (void)run.run_to(one.blocked());
    shared.give(1);
    BOOST_TEST(two.is_blocked());
    BOOST_TEST(!one.is_blocked());
    BOOST_TEST((run.next() == one.finished()));
    shared.give(2);
    BOOST_TEST((run.next() == two.finished()));
    BOOST_TEST(shared.free == 0);
}

BOOST_AUTO_TEST_CASE(who_was_about_to_go_on_is_blocked_again_when_another_is_quicker) {
    pool shared;
    runner run;
    const starter first = run.start("first", &pool::take, &shared, 1);
    const starter second = run.start("second", &pool::take, &shared, 1);
    run.declare({first.blocked(), second.blocked(), second.finished(), first.finished()});
    (void)run.run_to(second.blocked());
    shared.give(1);
    BOOST_TEST(run.status() == "  first   can go on, pool slots has changed at take\n"
                               "  second  can go on, pool slots has changed at take\n");
    BOOST_TEST((run.next() == second.finished()));
    BOOST_TEST(first.is_blocked());
    shared.give(1);
    run.finish();
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_what_is_there_already) {
    pool shared;
    shared.free = 1;
    runner run;
    (void)run.start("one", &pool::take, &shared, 1);
    run.finish();
    BOOST_TEST(shared.free == 0);
}

BOOST_AUTO_TEST_CASE(of_several_holders_the_one_noted_last_is_shown) {
    resource shared("pool", "slots");
    resource_holder first;
    runner run;
    (void)run.start("first", [&] {
        first = resource_holder::running(cppvaldi::place::described("the morning"));
        shared.held(first);
    });
    (void)run.start("second", [&] { shared.held(); });
    const starter third = run.start("third", [&] { (void)shared.wait(); });
    run.declare({third.blocked()});
    (void)run.next();
    const auto shown = [&](const std::string& text) { return run.status().find(text) != std::string::npos; };
    BOOST_TEST(!shown("held by"));
    BOOST_CHECK_THROW(run.finish(), cppvaldi::deadlock);
    BOOST_TEST(shown(", held by second since resource_waits.cpp:"));
    shared.held(first); // the driver may note it too
    BOOST_TEST(shown(", held by first since the morning\n"));
    shared.released();
    BOOST_TEST(!shown("held by"));
}

BOOST_AUTO_TEST_CASE(a_holder_of_another_execution_is_not_shown) {
    resource shared("pool", "slots");
    resource_holder before;
    for (int round = 0; round < 2; ++round) {
        runner run;
        const starter waits = run.start("waits", [&] {
            shared.held(before);
            before = resource_holder::running();
            (void)shared.wait();
        });
        run.declare({waits.blocked()});
        (void)run.next();
        BOOST_TEST(run.status().find("held by") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_does_not_throw_says_when_the_execution_is_over) {
    BOOST_TEST(cppvaldi::try_checkpoint("outside"));
    std::string said;
    {
        runner run;
        const starter alice = run.start("alice", [&] {
            said += cppvaldi::try_checkpoint("first", cppvaldi::place::described("here")) ? "yes " : "no ";
            said += cppvaldi::try_checkpoint("second") ? "yes " : "no ";
            said += cppvaldi::try_checkpoint("third") ? "yes " : "no ";
            cppvaldi::checkpoint("fourth");
            said += "never";
        });
        run.declare({alice.at("first"), alice.at("second"), alice.at("third")});
        (void)run.next();
        BOOST_TEST(run.status() == "  alice  stands at checkpoint 'first' at here\n");
        (void)run.next();
        BOOST_TEST(said == "yes ");
    }
    BOOST_TEST(said == "yes no no ");
}

BOOST_AUTO_TEST_CASE(an_exception_can_be_handed_to_the_driver_past_a_c_library) {
    const auto refuse = [] { cppvaldi::raise_in_driver(std::make_exception_ptr(std::runtime_error("refused"))); };
    refuse(); // outside an execution: no effect
    bool came_back = false;
    {
        runner run;
        const starter alice = run.start("alice", [&] {
            refuse();
            came_back = true;
            refuse();
            cppvaldi::checkpoint("never");
            came_back = false;
        });
        BOOST_CHECK_EXCEPTION(run.finish(), std::runtime_error,
                              [](const std::exception& raised) { return raised.what() == std::string("refused"); });
        BOOST_TEST(!came_back);
        BOOST_TEST(!alice.is_finished());
    }
    BOOST_TEST(came_back); // unwound at its own next scheduling point
}

BOOST_AUTO_TEST_CASE(a_loop_that_tries_again_for_ever_ends_with_its_execution) {
    resource shared("pool", "slots");
    for (const bool waits : {true, false}) {
        runner run;
        const starter alice = run.start("alice", [&] {
            while (!(waits ? shared.wait() : cppvaldi::try_checkpoint("again"))) {}
        });
        run.declare({waits ? alice.blocked() : alice.at("again")});
        (void)run.next();
    }
}
