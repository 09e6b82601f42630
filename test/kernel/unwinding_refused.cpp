// Rule 8 against code that does not let itself be unwound: it swallows the unwinding, replaces it, or cannot let it pass.

#include "kernel/world.hpp"
#include "support/child.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <exception>
#include <memory>
#include <string>

namespace {

using cppvaldi::checkpoint;
using test::execution;
using test::notes_when_destroyed;
using test::world;

/// A checkpoint when it is destroyed.
struct reaches_when_destroyed {
    std::string& log;
    const char* name;
    ~reaches_when_destroyed() {
        checkpoint(name);
        log += name + std::string(" ");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(refused_unwinding, world)

// --- catch (...) ---

BOOST_AUTO_TEST_CASE(a_starter_that_swallows_its_unwinding_runs_on_to_its_next_checkpoint_at_most) {
    std::string log;
    start("to the end", [&] {
        try {
            checkpoint("x");
        } catch (...) {
            log += "swallowed ";
        }
        log += "end ";
    });
    start("to a checkpoint", [&] {
        const notes_when_destroyed guard(log, "guard");
        try {
            checkpoint("x");
        } catch (...) {
            log += "swallowed ";
        }
        checkpoint("y");
        log += "never ";
    });
    begin_everybody();
    end();
    BOOST_TEST(log == "swallowed guard swallowed end ");
}

BOOST_AUTO_TEST_CASE(a_starter_that_swallows_its_unwinding_for_ever_is_given_up) {
    const test::ended child = test::in_a_child([] {
        std::string log;
        {
            world inner;
            inner.start("before", [&] {
                const notes_when_destroyed guard(log, "before");
                checkpoint("x");
            });
            inner.start("stubborn", [&] {
                for (;;) {
                    try {
                        checkpoint("x");
                    } catch (...) {}
                }
            });
            inner.begin_everybody();
        }
        world again; // on the stack that was given up
        again.start("after", [&] { log += "after "; });
        again.finish();
        std::_Exit(log == "before after " ? 0 : 1);
    });
    BOOST_TEST(child.status == 0);
    BOOST_TEST(child.standard_error ==
               "cppvaldi: starter 'stubborn' could not be unwound to its end, what is left on its stack is not "
               "destroyed: its code catches and drops the unwinding every time, in a loop\n");
}

BOOST_AUTO_TEST_CASE(an_exception_pointer_to_a_swallowed_unwinding_may_be_kept) {
    std::exception_ptr kept;
    start("a", [&] {
        try {
            checkpoint("x");
        } catch (...) {
            kept = std::current_exception();
        }
    });
    begin_everybody();
    end();
    BOOST_TEST(static_cast<bool>(kept));

    world later;
    later.start("b", [&] { std::rethrow_exception(kept); });
    BOOST_TEST((later.kernel.run() == execution::outcome::raised));
    BOOST_CHECK_EXCEPTION(
        std::rethrow_exception(later.kernel.take_exception()), cppvaldi::usage_error,
        [](const cppvaldi::usage_error& told) {
            return std::string(told.what()).starts_with("starter 'b' threw the unwinding of an execution that is over");
        });
}

BOOST_AUTO_TEST_CASE(what_a_starter_throws_instead_of_its_unwinding_is_dropped) {
    const auto alive = std::make_shared<int>(0);
    std::string log;
    start("a", [&] {
        const notes_when_destroyed guard(log, "a");
        checkpoint("x");
    });
    start("b", [&] {
        try {
            checkpoint("x");
        } catch (...) {
            throw alive;
        }
    });
    begin_everybody();
    end();
    BOOST_TEST(log == "a ");
    BOOST_TEST(alive.use_count() == 1);
}

// --- where no exception can pass ---

BOOST_AUTO_TEST_CASE(what_an_abandoned_starter_handles_is_destroyed) {
    const auto alive = std::make_shared<int>(0);
    std::string log;
    start("noexcept", [&] {
        try {
            throw alive;
        } catch (...) {
            const reaches_when_destroyed guard{log, "never"};
        }
    });
    begin_everybody();
    BOOST_TEST(alive.use_count() == 2);
    end();
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_starter_in_a_destructor_that_is_not_unwinding_is_abandoned_with_a_word_and_all_goes_on) {
    const test::ended child = test::in_a_child([] {
        std::string log;
        {
            world inner;
            inner.start("before", [&] {
                const notes_when_destroyed guard(log, "before");
                checkpoint("x");
            });
            inner.start("noexcept", [&] {
                const notes_when_destroyed lost(log, "lost");
                { const reaches_when_destroyed guard{log, "never"}; }
            });
            inner.start("after", [&] {
                const notes_when_destroyed guard(log, "after");
                checkpoint("x");
            });
            inner.begin_everybody();
        }
        world again;
        for (const char* name : {"x", "y", "z"}) {
            again.start(name, [&, name] {
                const notes_when_destroyed guard(log, name);
                checkpoint("here");
            });
        }
        again.begin_everybody();
        again.end();
        std::_Exit(log == "after before z y x " ? 0 : 1);
    });
    BOOST_TEST(child.status == 0);
    BOOST_TEST(child.standard_error ==
               "cppvaldi: starter 'noexcept' could not be unwound to its end, what is left on its stack is not "
               "destroyed: it stood in a function that is noexcept, a destructor say\n");
}

BOOST_AUTO_TEST_CASE(an_abandoned_starter_has_its_callable_destroyed_and_frees_the_exception) {
    // In this process, so that a leak is seen at its end.
    const auto alive = std::make_shared<int>(0);
    std::string log;
    start("noexcept", [&log, alive] { const reaches_when_destroyed guard{log, "never"}; });
    begin_everybody();
    end();
    BOOST_TEST(log.empty());
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(the_terminate_handler_is_the_user_s_again_after_the_end) {
    const std::terminate_handler before = std::get_terminate();
    start("a", [] { checkpoint("x"); });
    begin_everybody();
    end();
    BOOST_TEST((std::get_terminate() == before));
}

BOOST_AUTO_TEST_CASE(a_terminate_of_the_driver_s_own_is_not_taken_for_a_starter_s) {
    const test::ended child = test::in_a_child([] {
        std::set_terminate([] { std::_Exit(42); });
        world inner;
        inner.start("a", [] { checkpoint("x"); });
        inner.begin_everybody();
        inner.end();
        std::terminate();
    });
    BOOST_TEST(child.status == 42);
}

BOOST_AUTO_TEST_SUITE_END()
