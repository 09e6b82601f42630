#include <cppvaldi/checkpoint.hpp>

#include "kernel/without_checkpoints.hpp"
#include "kernel/world.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

namespace {

using cppvaldi::checkpoint;
using cppvaldi::value_format;
using test::deciding;
using test::execution;
using test::world;

/// What the checkpoint carries at which the first starter stands.
const cppvaldi::checkpoint_value* carried_in(const world& shown) { return shown.kernel.pending()[0].value; }

} // namespace

// --- rule 12 ---

BOOST_AUTO_TEST_CASE(outside_an_execution_a_checkpoint_has_no_effect) {
    checkpoint("read");
    checkpoint("read", 42);
    checkpoint("started"); // a misuse only where it means something
    checkpoint("");
    BOOST_TEST(!cppvaldi::detail::current_execution);
}

BOOST_AUTO_TEST_CASE(at_a_pause_a_checkpoint_of_the_caller_has_no_effect) {
    cppvaldi::runner run;
    const cppvaldi::starter alice = run.start("alice", [] { checkpoint("read"); });
    checkpoint("read");
    run.declare({alice.at("read"), alice.finished()});
    run.next();
    checkpoint("read");
    BOOST_TEST(run.played().decisions().size() == 1U);
    run.finish();
    checkpoint("read");
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(on_another_os_thread_a_checkpoint_has_no_effect) {
    world tested;
    int passed = 0;
    tested.start("a", [&] {
        std::thread([&] {
            checkpoint("read");
            ++passed;
        }).join();
    });
    tested.finish();
    BOOST_TEST(passed == 1);
    BOOST_TEST(tested.kernel.decisions().size() == 1U);
}

// --- names ---

BOOST_FIXTURE_TEST_CASE(the_names_of_implicit_checkpoints_are_refused, world) {
    for (const char* name : {"started", "finished", "blocked"}) {
        start(std::string("starter of ") + name, [name] { checkpoint(name); });
    }
    strategy.choose = deciding::lowest;
    for (const std::string name : {"started", "finished", "blocked"}) {
        BOOST_TEST((kernel.run() == execution::outcome::raised));
        BOOST_CHECK_EXCEPTION(std::rethrow_exception(kernel.take_exception()), cppvaldi::usage_error,
                              [&](const cppvaldi::usage_error& refused) {
                                  const std::string text = refused.what();
                                  BOOST_TEST(text.starts_with("checkpoint(\"" + name + "\") at checkpoint.cpp:"), text);
                                  BOOST_TEST(text.ends_with("choose another name"), text);
                                  return true;
                              });
    }
}

BOOST_FIXTURE_TEST_CASE(any_other_name_is_taken_as_it_is, world) {
    const std::string names[] = {"",     " ",      "a\"b", std::string("nul\0l", 5), std::string(10'000, 'x'),
                                 "\xff", "Started"};
    start("a", [&] {
        for (const std::string& name : names) {
            checkpoint(name);
        }
    });
    begin_everybody();
    for (const std::string& name : names) {
        BOOST_TEST(label_of(kernel.pending()[0]) == name);
        bool moved = false;
        strategy.choose = [&](const test::scheduling_point& point) {
            return std::exchange(moved, true) ? test::nobody : deciding::lowest(point);
        };
        (void)kernel.run();
    }
    BOOST_TEST(kernel.unfinished() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_name_may_be_gone_as_soon_as_it_was_passed, world) {
    start("a", [] {
        std::string name = "read";
        const std::string_view view = name;
        checkpoint(view);
        name = "gone";
        checkpoint("next");
    });
    begin_everybody();
    BOOST_TEST(label_of(kernel.pending()[0]) == "read");
    finish();
}

BOOST_FIXTURE_TEST_CASE(the_place_is_the_caller_s, world) {
    std::uint32_t line = 0;
    start("a", [&] {
        line = __LINE__ + 1;
        checkpoint("read");
    });
    begin_everybody();
    BOOST_TEST(kernel.pending()[0].where.text() == "checkpoint.cpp:" + std::to_string(line));
}

// --- values ---

BOOST_AUTO_TEST_CASE(a_value_is_carried_as_it_is_and_not_copied) {
    struct not_copied {
        int number = 42;
        not_copied() = default;
        not_copied(const not_copied&) = delete;
        not_copied& operator=(const not_copied&) = delete;
    };
    world tested;
    const not_copied value;
    tested.start("a", [&] { checkpoint("read", value); });
    tested.begin_everybody();
    BOOST_REQUIRE(carried_in(tested));
    BOOST_TEST((carried_in(tested)->address == &value));
    BOOST_TEST((carried_in(tested)->format == value_format::opaque));
}

BOOST_AUTO_TEST_CASE(whole_numbers_are_carried_for_the_trace_too) {
    const auto carries = [](const auto& value, value_format format, std::int64_t number) {
        world tested;
        tested.start("a", [&] { checkpoint("read", value); });
        tested.begin_everybody();
        BOOST_REQUIRE(carried_in(tested));
        BOOST_TEST((carried_in(tested)->format == format));
        BOOST_TEST(carried_in(tested)->number == number);
    };
    carries(true, value_format::boolean, 1);
    carries(-7, value_format::signed_number, -7);
    carries(INT64_MIN, value_format::signed_number, INT64_MIN);
    carries(UINT64_MAX, value_format::unsigned_number, -1);
    carries(std::uint8_t{200}, value_format::unsigned_number, 200);
    carries(1.5, value_format::opaque, 0);
}

BOOST_FIXTURE_TEST_CASE(a_checkpoint_without_a_value_carries_none, world) {
    start("a", [] {
        checkpoint("with", 1);
        checkpoint("without");
    });
    begin_everybody();
    BOOST_TEST(carried_in(*this));
    bool moved = false;
    strategy.choose = [&](const test::scheduling_point& point) {
        return std::exchange(moved, true) ? test::nobody : deciding::lowest(point);
    };
    (void)kernel.run();
    BOOST_TEST(!carried_in(*this));
    BOOST_TEST(label_of(kernel.pending()[0]) == "without");
}

// --- CPPVALDI_CHECKPOINTS=0 ---

BOOST_FIXTURE_TEST_CASE(code_compiled_without_checkpoints_mixes_with_code_that_has_them, world) {
    std::string log;
    start("a", [&] {
        checkpoint("before");
        log = test::pass_where_there_are_none(7);
        checkpoint("after");
    });
    finish();
    BOOST_TEST(log == "123");
    BOOST_TEST(kernel.decisions().size() == 3U); // begin, before, after
}
