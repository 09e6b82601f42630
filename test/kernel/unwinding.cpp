// Rules 7 and 8: what happens to starters that have not finished when their execution ends.

#include "kernel/world.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/resource.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using cppvaldi::checkpoint;
using test::deciding;
using test::execution;
using test::notes_when_destroyed;
using test::world;

/// A checkpoint when it is destroyed.
struct reaches_when_destroyed {
    std::string& log;
    const char* name;
    ~reaches_when_destroyed() {
        checkpoint(name);
        log += name + std::string(std::uncaught_exceptions() > 0 ? "! " : " ");
    }
};

/// Something that is destroyed once, or else the sanitizer says so.
using counted = std::shared_ptr<int>;

[[gnu::noinline]] void stand_at_depth(int depth, std::string& log) {
    const notes_when_destroyed guard(log, std::to_string(depth));
    if (depth == 0) {
        checkpoint("deep");
    } else {
        stand_at_depth(depth - 1, log);
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(unwinding, world)

// --- the order ---

BOOST_AUTO_TEST_CASE(destructors_run_the_youngest_starter_first) {
    std::string log;
    for (const char* name : {"a", "b", "c"}) {
        start(name, [&log, name] {
            const notes_when_destroyed outer(log, name + std::string("1"));
            const notes_when_destroyed inner(log, name + std::string("2"));
            checkpoint("x");
            log += "never ";
        });
    }
    begin_everybody();
    end();
    BOOST_TEST(log == "c2 c1 b2 b1 a2 a1 ");
}

BOOST_AUTO_TEST_CASE(starters_that_never_began_have_their_callable_and_arguments_destroyed_in_their_turn) {
    std::string log;
    start("a", [&log] {
        const notes_when_destroyed guard(log, "a");
        checkpoint("x");
    });
    begin_everybody();
    const auto alive = std::make_shared<int>(0);
    start(
        "b", [held = notes_when_destroyed(log, "callable"), alive](const notes_when_destroyed&) { (void)held; },
        notes_when_destroyed(log, "argument"));
    start("c", [&log] { log += "never "; });
    BOOST_TEST(alive.use_count() == 2);
    end();
    BOOST_TEST(alive.use_count() == 1);
    BOOST_TEST((log == "callable argument a " || log == "argument callable a "), log); // the library's tuple decides
}

BOOST_AUTO_TEST_CASE(ended_starters_have_their_results_destroyed) {
    const auto alive = std::make_shared<int>(0);
    start("a", [alive] { return alive; });
    start("b", [alive]() -> counted {
        checkpoint("x");
        return alive;
    });
    start("c", [alive]() -> counted { throw std::runtime_error("no result"); });
    strategy.choose = deciding::round_robin;
    BOOST_TEST((kernel.run() == execution::outcome::raised));
    BOOST_TEST(kernel.live_stacks() == 3U);
    end();
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(deep_stacks_are_unwound_frame_by_frame) {
    std::string log, wanted;
    start("a", [&] { stand_at_depth(300, log); });
    begin_everybody();
    end();
    for (int depth = 0; depth <= 300; ++depth) {
        wanted += std::to_string(depth) + ' ';
    }
    BOOST_TEST(log == wanted);
}

BOOST_AUTO_TEST_CASE(unwinding_is_the_same_wherever_the_driver_stands) {
    std::string log;
    const auto one = [&] {
        world inner;
        inner.start("a", [&] {
            const notes_when_destroyed guard(log, std::to_string(std::uncaught_exceptions()));
            checkpoint("x");
        });
        inner.begin_everybody();
    };
    one();
    struct in_a_destructor {
        decltype(one)& body;
        ~in_a_destructor() { body(); }
    };
    try {
        const in_a_destructor guard{one};
        throw 1;
    } catch (int) {
        one();
    }
    BOOST_TEST(log == "0 0 0 ");
}

// --- checkpoints meanwhile ---

BOOST_AUTO_TEST_CASE(checkpoints_in_destructors_do_not_switch) {
    std::string log;
    for (const char* name : {"a", "b"}) {
        start(name, [&log, name] {
            const reaches_when_destroyed outer{log, name};
            const reaches_when_destroyed inner{log, name};
            checkpoint("x");
        });
    }
    strategy.choose = deciding::begin_everybody;
    BOOST_TEST((kernel.run() == execution::outcome::held));
    const std::size_t decisions = kernel.decisions().size();
    strategy.choose = [&](const test::scheduling_point& point) {
        log += "asked ";
        return deciding::round_robin(point);
    };
    BOOST_TEST(decisions == 2U);
    end();
    BOOST_TEST(log == "b! b! a! a! ");
}

BOOST_AUTO_TEST_CASE(a_starter_that_is_blocked_is_told_and_unwound) {
    cppvaldi::resource door("door", "front");
    std::string log;
    start("a", [&] {
        const notes_when_destroyed guard(log, "a");
        log += door.wait() ? "true " : "false ";
        log += door.wait() ? "true " : "false ";
        checkpoint("x");
        log += "never ";
    });
    begin_everybody();
    end();
    BOOST_TEST(log == "false false a ");
}

// --- exceptions that are there already ---

BOOST_AUTO_TEST_CASE(a_starter_in_a_catch_block_is_unwound_and_what_it_handles_is_destroyed) {
    const auto outer = std::make_shared<int>(0);
    const auto inner = std::make_shared<int>(0);
    std::string log;
    start("a", [&, outer, inner] {
        try {
            throw outer;
        } catch (const counted&) {
            const notes_when_destroyed guard(log, "outer");
            try {
                throw inner;
            } catch (const counted&) {
                const notes_when_destroyed deeper(log, "inner");
                checkpoint("x");
            }
        }
    });
    begin_everybody();
    BOOST_TEST(outer.use_count() == 3);
    end();
    BOOST_TEST(log == "inner outer ");
    BOOST_TEST(outer.use_count() == 1);
    BOOST_TEST(inner.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_starter_in_a_destructor_during_unwinding_goes_on_with_that_and_is_then_unwound) {
    const auto thrown = std::make_shared<int>(0);
    std::string log;
    start("a", [&, thrown] {
        const notes_when_destroyed guard(log, "guard");
        try {
            const reaches_when_destroyed outer{log, "outer"};
            const reaches_when_destroyed inner{log, "inner"};
            throw thrown;
        } catch (const counted&) {
            log += "caught ";
        }
        checkpoint("next");
        log += "never ";
    });
    begin_everybody();
    BOOST_TEST(log.empty());
    end();
    BOOST_TEST(log == "inner! outer! caught guard ");
    BOOST_TEST(thrown.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(an_exception_on_its_way_out_of_its_starter_is_dropped_when_the_execution_ends) {
    const auto thrown = std::make_shared<int>(0);
    std::string log;
    start("a", [&, thrown] {
        const reaches_when_destroyed guard{log, "guard"};
        throw thrown;
    });
    begin_everybody();
    end();
    BOOST_TEST(log == "guard! ");
    BOOST_TEST(thrown.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(an_exception_that_nobody_took_is_dropped) {
    const auto thrown = std::make_shared<int>(0);
    start("a", [&, thrown] { throw thrown; });
    BOOST_TEST((kernel.run() == execution::outcome::raised));
    end();
    BOOST_TEST(thrown.use_count() == 1);
}

// --- starters and executions that begin meanwhile ---

BOOST_AUTO_TEST_CASE(starters_that_a_destructor_starts_never_begin) {
    const auto alive = std::make_shared<int>(0);
    std::string log;
    struct starts_when_destroyed {
        world& in;
        std::string& log;
        counted alive;
        ~starts_when_destroyed() {
            for (const char* name : {"late1", "late2"}) {
                in.start(name, [&log = log, alive = alive] { log += "never "; });
            }
            log += "started ";
        }
    };
    start("a", [&, alive] {
        const starts_when_destroyed guard{*this, log, alive};
        checkpoint("x");
    });
    start("b", [&] {
        const notes_when_destroyed guard(log, "b");
        checkpoint("x");
    });
    begin_everybody();
    end();
    BOOST_TEST(log == "b started ");
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_nested_execution_is_unwound_with_the_starter_that_drives_it) {
    std::string log;
    start("outer", [&] {
        const notes_when_destroyed guard(log, "outer");
        world inner;
        for (const char* name : {"inner1", "inner2"}) {
            inner.start(name, [&log, name] {
                const reaches_when_destroyed deeper{log, name};
                checkpoint("x");
            });
        }
        inner.begin_everybody();
        checkpoint("between");
    });
    start("other", [&] {
        const notes_when_destroyed guard(log, "other");
        checkpoint("x");
    });
    begin_everybody();
    end();
    BOOST_TEST(log == "other inner2! inner1! outer ");
}

BOOST_AUTO_TEST_CASE(a_nested_execution_may_be_played_by_a_destructor_meanwhile) {
    std::string log;
    struct plays_when_destroyed {
        std::string& log;
        ~plays_when_destroyed() {
            world inner;
            inner.start("a", [this] {
                checkpoint("x");
                log += "played ";
            });
            inner.finish();
        }
    };
    start("outer", [&] {
        const plays_when_destroyed guard{log};
        checkpoint("x");
    });
    begin_everybody();
    end();
    BOOST_TEST(log == "played ");
}

// --- objects that live longer, or shorter ---

BOOST_AUTO_TEST_CASE(an_object_may_die_before_those_who_wait_for_it) {
    std::string log;
    {
        cppvaldi::resource door("door", "front");
        start("a", [&] {
            const notes_when_destroyed guard(log, "a");
            (void)door.wait();
        });
        start("b", [&] { (void)door.wait(); });
        begin_everybody();
    }
    BOOST_TEST((kernel.run() == execution::outcome::stuck));
    end();
    BOOST_TEST(log == "a ");
}

BOOST_AUTO_TEST_CASE(an_object_of_a_younger_starter_may_die_while_older_ones_wait_for_it) {
    cppvaldi::resource* shared = nullptr;
    std::string log;
    start("older", [&] {
        checkpoint("x");
        log += shared->wait() ? "true " : "false ";
    });
    start("younger", [&] {
        cppvaldi::resource door("door", "mine");
        shared = &door;
        checkpoint("y");
    });
    begin_everybody();
    strategy.choose = [](const test::scheduling_point& point) {
        return point.enabled.contains(test::starter_id{0}) ? test::starter_id{0} : test::nobody;
    };
    BOOST_TEST((kernel.run() == execution::outcome::held));
    end();
    BOOST_TEST(log == "false ");
}

BOOST_AUTO_TEST_CASE(an_object_that_outlives_its_execution_wakes_nobody_in_the_next) {
    cppvaldi::resource door("door", "front");
    for (int round = 0; round < 2; ++round) {
        for (const char* name : {"a", "b", "c"}) {
            start(name, [&] { (void)door.wait(); });
        }
        begin_everybody();
        end();
        door.changed(); // nobody waits any more
        kernel.begin(strategy, {}, {});
        BOOST_TEST(kernel.enabled().empty());
        door.changed();
        BOOST_TEST(kernel.enabled().empty());
    }
    auto gone = std::make_unique<world>();
    gone->start("a", [&] { (void)door.wait(); });
    gone->begin_everybody();
    gone = nullptr;
    door.changed();
}

// --- through the runner ---

BOOST_AUTO_TEST_CASE(a_runner_that_is_destroyed_half_way_unwinds_its_starters) {
    std::string log;
    {
        cppvaldi::runner run;
        const cppvaldi::starter alice = run.start("alice", [&] {
            const notes_when_destroyed guard(log, "alice");
            checkpoint("read");
            checkpoint("written");
        });
        const cppvaldi::starter bob = run.start("bob", [&] {
            const notes_when_destroyed guard(log, "bob");
            checkpoint("read");
        });
        run.start("carol", [&, never = notes_when_destroyed(log, "carol")] { log += "began "; });
        run.declare({alice.at("read"), bob.at("read"), alice.at("written"), bob.finished()});
        run.next();
        run.next();
    }
    BOOST_TEST(log == "carol bob alice "); // carol had not begun
}

BOOST_AUTO_TEST_SUITE_END()
