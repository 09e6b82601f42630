// How starters come to life, and on what stacks.

#include "kernel/world.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

using cppvaldi::checkpoint;
using test::deciding;
using test::execution;
using test::scheduling_point;
using test::starter_id;
using test::world;
using outcome = execution::outcome;

constexpr starter_id second{1};

} // namespace

BOOST_FIXTURE_TEST_SUITE(births, world)

BOOST_AUTO_TEST_CASE(a_stack_is_given_back_when_its_starter_ends_unless_its_result_lies_there) {
    start("a", [] {});
    start("b", [] { return 42; });
    start("c", [] {});
    start("d", [] {});
    finish();
    BOOST_TEST(kernel.live_stacks() == 2U); // b's, and d's, on which the last step was made
    BOOST_TEST(*static_cast<int*>(kernel.starters()[second].work->result()) == 42);
}

BOOST_AUTO_TEST_CASE(a_callable_whose_copy_throws_makes_no_starter) {
    struct throws_when_copied {
        throws_when_copied() = default;
        throws_when_copied(const throws_when_copied&) { throw std::runtime_error("copied"); }
        void operator()() const {}
    } const bad;
    BOOST_CHECK_THROW(start("a", bad), std::runtime_error);
    BOOST_TEST(kernel.live_stacks() == 0U);
    BOOST_TEST(index(start("a", [] {})) == 0U);
    finish();
}

BOOST_AUTO_TEST_CASE(a_callable_may_reach_checkpoints_while_it_is_copied) {
    struct reaches_when_copied {
        reaches_when_copied() = default;
        reaches_when_copied(const reaches_when_copied&) { checkpoint("copied"); }
        void operator()() const {}
    } const curious;
    std::string log;
    strategy.choose = [&](const scheduling_point& point) {
        BOOST_TEST(point.enabled.size() <= point.pending.size());
        return point.enabled.at(point.enabled.size() - 1);
    };
    start("a", [&] { log += std::to_string(index(start("late", curious))); });
    start("b", [&] { start("early", [&] { log += "early "; }); });
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(log == "early 3");
}

BOOST_AUTO_TEST_CASE(arguments_that_do_not_fit_their_stack_are_refused) {
    struct large {
        std::array<std::byte, 200 * 1024> bytes{};
    };
    BOOST_CHECK_EXCEPTION(start(
                              "a", [](const large&) {}, large{}),
                          cppvaldi::usage_error, [](const cppvaldi::usage_error& refused) {
                              const std::string text = refused.what();
                              return text.starts_with("starter 'a': its callable and arguments take ") &&
                                     text.find("raise execution_options::stack_size_bytes") != std::string::npos;
                          });
    BOOST_TEST(kernel.live_stacks() == 0U);
}

BOOST_AUTO_TEST_CASE(stacks_of_any_size_work_or_are_refused) {
    for (const std::size_t size_bytes : {std::size_t{20'000}, std::size_t{20'001}, std::size_t{1} << 32}) {
        kernel.end();
        kernel.begin(strategy, {.stack_size_bytes = size_bytes}, {});
        start("a", [] { checkpoint("x"); });
        finish();
    }
    for (const std::size_t size_bytes : {std::size_t{0}, std::size_t{1}}) {
        kernel.end();
        kernel.begin(strategy, {.stack_size_bytes = size_bytes}, {});
        BOOST_CHECK_THROW(start("a", [] {}), cppvaldi::usage_error);
    }
    for (const std::size_t size_bytes : {std::size_t{1} << 55, SIZE_MAX}) {
        kernel.end();
        kernel.begin(strategy, {.stack_size_bytes = size_bytes}, {});
        BOOST_CHECK_THROW(start("a", [] {}), std::system_error);
        BOOST_CHECK_THROW(start("b", [] {}), std::system_error);
    }
}

BOOST_AUTO_TEST_CASE(an_over_aligned_callable_lies_aligned) {
    struct alignas(256) aligned {
        bool* good;
        void operator()() const { *good = reinterpret_cast<std::uintptr_t>(this) % 256 == 0; }
    };
    bool good = false;
    start("a", aligned{&good});
    finish();
    BOOST_TEST(good);
}

BOOST_AUTO_TEST_CASE(an_execution_is_driven_from_within_a_starter) {
    std::string log;
    start("outer", [&] {
        world inner;
        inner.start("inner", [&] {
            log += "inner1 ";
            checkpoint("x");
            log += "inner2 ";
        });
        inner.begin_everybody();
        checkpoint("between"); // the outer execution's
        log += "outer ";
        inner.finish();
        BOOST_TEST(inner.kernel.decisions().size() == 2U);
        log += "done ";
    });
    start("other", [&] { log += "other "; });
    strategy.choose = deciding::round_robin;
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(log == "inner1 other outer inner2 done ");
}

BOOST_AUTO_TEST_SUITE_END()
