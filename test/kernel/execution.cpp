#include "kernel/execution.hpp"

#include "kernel/world.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/resource.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

// Every switch of contexts goes through `__wrap_jump_fcontext`: the linker is told so (test/meson.build).

extern "C" std::size_t switches;
std::size_t switches = 0;

#if defined(__x86_64__) // where it is entered by a jump, with a stack that need not be aligned as for a call
asm(".text\n"
    ".globl __wrap_jump_fcontext\n"
    "__wrap_jump_fcontext:\n\t"
    "incq switches(%rip)\n\t"
    "jmp __real_jump_fcontext@PLT\n");
#else
struct transfer {
    void* context;
    void* data;
};
extern "C" transfer __real_jump_fcontext(void* to, void* data);
extern "C" transfer __wrap_jump_fcontext(void* to, void* data);
extern "C" transfer __wrap_jump_fcontext(void* to, void* data) {
    ++switches;
    return __real_jump_fcontext(to, data);
}
#endif

namespace {
std::size_t allocations = 0;
} // namespace

[[gnu::noinline]] void* operator new(std::size_t size_bytes) {
    ++allocations;
    if (void* made = std::malloc(size_bytes)) {
        return made;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* gone) noexcept { std::free(gone); }
[[gnu::noinline]] void operator delete(void* gone, std::size_t) noexcept { std::free(gone); }

namespace {

using cppvaldi::checkpoint;
using test::deciding;
using test::execution;
using test::nobody;
using test::operation_kind;
using test::scheduling_point;
using test::starter_id;
using test::world;
using outcome = execution::outcome;

std::string message_of(const std::exception_ptr& problem) {
    try {
        std::rethrow_exception(problem);
    } catch (const std::exception& thrown) {
        return thrown.what();
    }
}

constexpr starter_id first{0};

} // namespace

BOOST_FIXTURE_TEST_SUITE(executions, world)

// --- rule 1 ---

BOOST_AUTO_TEST_CASE(what_is_announced_is_not_done_before_it_is_chosen) {
    std::string log;
    strategy.choose = [&](const scheduling_point& point) {
        if (point.running != nobody) {
            log += "announced:" + std::string(label_of(point.pending[index(point.running)])) + ' ';
        }
        return deciding::round_robin(point);
    };
    for (const char* name : {"a", "b"}) {
        start(name, [&log, name] {
            log += name + std::string("1 ");
            checkpoint("x");
            log += name + std::string("2 ");
        });
    }
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(log == "a1 announced:x b1 announced:x a2 announced:finished b2 ");
}

BOOST_AUTO_TEST_CASE(the_pending_operation_of_every_starter_is_known_at_every_point) {
    std::vector<std::string> seen;
    strategy.choose = [&](const scheduling_point& point) {
        std::string row;
        for (const cppvaldi::operation& each : point.pending) {
            row += std::string(label_of(each)) + ' ';
        }
        seen.push_back(row);
        return deciding::round_robin(point);
    };
    start("a", [] { checkpoint("a1"); });
    start("b", [] {
        checkpoint("b1");
        checkpoint("b2");
    });
    BOOST_TEST((kernel.run() == outcome::all_finished));
    const std::vector<std::string> wanted{"started started ", "a1 started ", "a1 b1 ", "finished b1 ", "finished b2 "};
    BOOST_TEST(seen == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_announced_operation_has_its_kind_its_object_and_its_place) {
    cppvaldi::resource door("door", "front");
    bool seen = false;
    strategy.choose = [&](const scheduling_point& point) {
        const cppvaldi::operation& waiting = point.pending[index(first)];
        if (waiting.kind == operation_kind::wait) {
            seen = true;
            BOOST_TEST(kernel.object_text(waiting.object) == "door front");
            BOOST_TEST(waiting.where.text().starts_with("execution.cpp:"), waiting.where.text());
        }
        return deciding::lowest(point);
    };
    start("a", [&] { (void)door.wait(); });
    start("b", [&] { door.changed(); });
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(seen);
}

// --- rule 2 ---

BOOST_AUTO_TEST_CASE(only_enabled_starters_are_offered) {
    cppvaldi::resource door("door", "front");
    std::string log;
    strategy.choose = [&](const scheduling_point& point) {
        for (starter_id each = point.enabled.first(); each != nobody; each = point.enabled.after(each)) {
            log += std::to_string(index(each));
        }
        log += ' ';
        return deciding::lowest(point);
    };
    start("a", [&] { BOOST_TEST(door.wait()); });
    start("b", [&] {
        checkpoint("closed");
        door.changed();
        checkpoint("open");
    });
    BOOST_TEST((kernel.run() == outcome::all_finished));
    // The waiting one is offered again at the first point after the change.
    BOOST_TEST(log == "01 1 1 01 1 ");
}

BOOST_AUTO_TEST_CASE(all_who_wait_are_enabled_by_a_change_and_who_asks_again_waits_again) {
    cppvaldi::resource door("door", "front");
    int passed = 0;
    for (const char* name : {"a", "b", "c"}) {
        start(name, [&] {
            BOOST_TEST(door.wait());
            BOOST_TEST(door.wait());
            ++passed;
        });
    }
    begin_everybody();
    BOOST_TEST(kernel.enabled().empty());
    door.changed(); // by the driver, at a pause
    BOOST_TEST(kernel.enabled().size() == 3U);
    strategy.choose = deciding::lowest;
    BOOST_TEST((kernel.run() == outcome::stuck));
    BOOST_TEST(passed == 0);
    door.changed();
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(passed == 3);
}

BOOST_AUTO_TEST_CASE(when_nobody_is_enabled_the_driver_gets_control) {
    cppvaldi::resource door("door", "front");
    start("a", [&] { (void)door.wait(); });
    start("b", [] {});
    BOOST_TEST((kernel.run() == outcome::stuck));
    BOOST_TEST(kernel.unfinished() == 1U);
    BOOST_TEST((kernel.run() == outcome::stuck));
}

BOOST_AUTO_TEST_CASE(an_execution_without_starters_is_finished) { BOOST_TEST((kernel.run() == outcome::all_finished)); }

// --- rule 3 ---

BOOST_AUTO_TEST_CASE(staying_makes_no_switch) {
    strategy.choose = deciding::stay;
    start("a", [] {
        for (int step = 0; step < 100; ++step) {
            checkpoint("x");
        }
    });
    switches = 0;
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(switches == 2U); // from the driver and back
    BOOST_TEST(kernel.decisions().size() == 101U);
}

BOOST_AUTO_TEST_CASE(a_change_makes_exactly_one_switch) {
    strategy.choose = deciding::round_robin;
    for (const char* name : {"a", "b", "c"}) {
        start(name, [] {
            for (int step = 0; step < 10; ++step) {
                checkpoint("x");
            }
        });
    }
    switches = 0;
    BOOST_TEST((kernel.run() == outcome::all_finished));
    std::size_t changes = 2; // from the driver and back
    for (std::size_t position = 1; position < kernel.decisions().size(); ++position) {
        changes += kernel.decisions()[position].chosen != kernel.decisions()[position - 1].chosen ? 1 : 0;
    }
    BOOST_TEST(changes == 34U); // 33 decisions, each another than the one before
    BOOST_TEST(switches == changes);
}

BOOST_AUTO_TEST_CASE(a_starter_that_ends_switches_straight_to_the_next) {
    for (const char* name : {"a", "b", "c", "d"}) {
        start(name, [] {});
    }
    switches = 0;
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(switches == 5U);
}

BOOST_AUTO_TEST_CASE(blocking_and_being_enabled_again_make_no_further_switches) {
    cppvaldi::resource door("door", "front");
    strategy.choose = deciding::stay;
    start("a", [&] { (void)door.wait(); });
    start("b", [&] {
        door.changed();
        checkpoint("x");
    });
    switches = 0;
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(switches == 4U); // driver, a, b, a, driver
}

BOOST_AUTO_TEST_CASE(holding_and_going_on_make_one_switch_each) {
    start("a", [] { checkpoint("x"); });
    switches = 0;
    begin_everybody();
    BOOST_TEST(switches == 2U);
    strategy.choose = [](const scheduling_point&) { return nobody; };
    BOOST_TEST((kernel.run() == outcome::held));
    BOOST_TEST(switches == 2U);
    finish();
    BOOST_TEST(switches == 4U);
}

// --- rule 4 ---

BOOST_AUTO_TEST_CASE(starters_are_numbered_by_birth_whoever_starts_them) {
    std::string log;
    BOOST_TEST(index(start("z", [&] { log += std::to_string(index(start("y", [] {}))); })) == 0U);
    BOOST_TEST(index(start("x", [&] { log += std::to_string(index(start("w", [] {}))); })) == 1U);
    strategy.choose = [](const scheduling_point& point) { // the youngest first
        return point.enabled.at(point.enabled.size() - 1);
    };
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(log == "23");
    BOOST_TEST(index(kernel.find("w")) == 2U);
    BOOST_TEST(kernel.name_of(starter_id{3}) == "y");
    BOOST_TEST((kernel.find("nobody") == nobody));
    BOOST_TEST((kernel.find("started") == nobody));
}

BOOST_AUTO_TEST_CASE(objects_are_numbered_when_they_are_first_met) {
    cppvaldi::resource born_first("door", "one");
    cppvaldi::resource born_second("door", "two");
    start("a", [&] { (void)born_second.wait(); });
    start("b", [&] { (void)born_first.wait(); });
    begin_everybody();
    BOOST_TEST(static_cast<unsigned>(kernel.pending()[0].object) == 1U);
    BOOST_TEST(static_cast<unsigned>(kernel.pending()[1].object) == 2U);
    BOOST_TEST(kernel.object_text(cppvaldi::object_id{1}) == "door two");
}

BOOST_AUTO_TEST_CASE(the_next_execution_counts_from_the_beginning) {
    cppvaldi::resource door("door", "front");
    for (int round = 0; round < 3; ++round) {
        BOOST_TEST(index(start("a", [&] { (void)door.wait(); })) == 0U);
        begin_everybody();
        BOOST_TEST(static_cast<unsigned>(kernel.pending()[0].object) == 1U);
        BOOST_TEST(kernel.decisions().size() == 1U);
        kernel.end();
        kernel.begin(strategy, {}, {});
    }
}

// --- what a strategy may get wrong ---

BOOST_AUTO_TEST_CASE(a_strategy_that_chooses_who_is_not_enabled_is_told_so) {
    cppvaldi::resource door("door", "front");
    start("a", [&] { (void)door.wait(); });
    start("b", [] { checkpoint("x"); });
    for (const starter_id wrong : {first, starter_id{7}, starter_id{4'000'000'000}}) {
        begin_everybody();
        strategy.choose = [wrong](const scheduling_point&) { return wrong; };
        BOOST_TEST((kernel.run() == outcome::raised));
        const std::exception_ptr problem = kernel.take_exception();
        BOOST_CHECK_THROW(std::rethrow_exception(problem), cppvaldi::usage_error);
        BOOST_TEST(message_of(problem) == "strategy::next returned starter " + std::to_string(index(wrong)) +
                                              ", which is not enabled; return one of scheduling_point::enabled, or "
                                              "nobody");
        BOOST_TEST(!kernel.take_exception());
    }
    strategy.choose = deciding::lowest; // nobody has moved, and all can go on
    BOOST_TEST((kernel.run() == outcome::stuck));
    BOOST_TEST(kernel.unfinished() == 1U);
}

BOOST_AUTO_TEST_CASE(a_strategy_that_throws_hands_its_exception_to_the_driver) {
    start("a", [] { checkpoint("x"); });
    start("b", [] {});
    for (std::uint64_t step = 0; step < 4; ++step) { // at the driver, at a checkpoint, at an end
        strategy.choose = [&](const scheduling_point& point) {
            if (point.step == step) {
                throw std::runtime_error("step " + std::to_string(point.step));
            }
            return deciding::lowest(point);
        };
        if (step < 3) {
            BOOST_TEST((kernel.run() == outcome::raised));
            BOOST_TEST(message_of(kernel.take_exception()) == "step " + std::to_string(step));
        }
    }
    finish();
}

BOOST_AUTO_TEST_CASE(an_exception_that_leaves_a_starter_stops_the_others_where_they_are) {
    std::string log;
    start("a", [&] { throw std::runtime_error("thrown"); });
    start("b", [&] { log += "b"; });
    BOOST_TEST((kernel.run() == outcome::raised));
    BOOST_TEST(message_of(kernel.take_exception()) == "thrown");
    BOOST_TEST(log.empty());
    BOOST_TEST((kernel.starters()[first].state == cppvaldi::starter_state::raised));
    finish();
    BOOST_TEST(log == "b");
}

// --- steps ---

BOOST_AUTO_TEST_CASE(a_strategy_sees_how_many_decisions_were_taken_and_who_runs) {
    std::string log;
    strategy.choose = [&](const scheduling_point& point) {
        log +=
            std::to_string(point.step) + (point.running == nobody ? "-" : std::to_string(index(point.running))) + ' ';
        return deciding::round_robin(point);
    };
    start("a", [] { checkpoint("x"); });
    start("b", [] { checkpoint("x"); });
    BOOST_TEST((kernel.run() == outcome::all_finished));
    BOOST_TEST(log == "0- 10 21 30 ");
    std::string chosen;
    for (const cppvaldi::decision& each : kernel.decisions()) {
        chosen += std::to_string(each.chosen);
    }
    BOOST_TEST(chosen == "0101");
}

BOOST_AUTO_TEST_CASE(the_step_limit_counts_steps_since_a_starter_began_or_ended) {
    kernel.end();
    kernel.begin(strategy, {.step_limit = 50}, {});
    int steps = 0;
    start("a", [&] {
        for (;;) {
            ++steps;
            checkpoint("x");
        }
    });
    BOOST_TEST((kernel.run() == outcome::out_of_steps));
    BOOST_TEST(steps == 51); // it begins, and makes fifty
    BOOST_TEST((kernel.run() == outcome::out_of_steps));
    BOOST_TEST(steps == 101); // each drive has the limit to itself
}

BOOST_AUTO_TEST_CASE(many_starters_of_few_steps_do_not_reach_the_step_limit) {
    kernel.end();
    kernel.begin(strategy, {.step_limit = 5}, {});
    for (int each = 0; each < 100; ++each) {
        start(std::to_string(each), [] {
            checkpoint("x");
            checkpoint("y");
        });
    }
    finish();
}

BOOST_AUTO_TEST_CASE(the_largest_step_limit_is_no_limit_and_the_smallest_lets_nobody_move) {
    kernel.end();
    kernel.begin(strategy, {.step_limit = UINT64_MAX}, {});
    start("a", [] {
        for (int step = 0; step < 100; ++step) {
            checkpoint("x");
        }
    });
    begin_everybody();
    finish();
    kernel.end();
    kernel.begin(strategy, {.step_limit = 0}, {});
    start("a", [] {});
    BOOST_TEST((kernel.run() == outcome::out_of_steps));
}

// --- rule 10 ---

BOOST_AUTO_TEST_CASE(in_the_steady_state_nothing_is_allocated) {
    cppvaldi::resource door("door", "front");
    std::array<std::size_t, 6> made{};
    strategy.choose = deciding::round_robin;
    for (std::size_t& here : made) {
        const std::size_t before = allocations;
        for (const char* name : {"a", "b", "c"}) {
            start(name, [&door, name] {
                for (int step = 0; step < 50; ++step) {
                    checkpoint("x", step);
                    checkpoint(name);
                    if (step % 10 == 9) {
                        door.changed();
                    }
                }
                (void)door.wait();
            });
        }
        (void)kernel.run();
        kernel.end();
        kernel.begin(strategy, {}, {});
        here = allocations - before;
    }
    BOOST_TEST(made[0] > 0U);
    BOOST_TEST(made[4] == 0U);
    BOOST_TEST(made[5] == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
