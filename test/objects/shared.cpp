// A plain variable that the kernel knows of: what its members do, and where its accesses are scheduling points.

#include "support/lives.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/shared.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using cppvaldi::access_kind;
using cppvaldi::operation_kind;
using cppvaldi::step;

constinit cppvaldi::shared<int> global(5);

static_assert(sizeof(cppvaldi::shared<int>) <= 24);
static_assert(std::same_as<decltype(cppvaldi::shared(1)), cppvaldi::shared<int>>);
static_assert(std::is_convertible_v<int, cppvaldi::shared<int>>);
static_assert(!std::is_convertible_v<std::size_t, cppvaldi::shared<std::vector<int>>>);
static_assert(!std::is_copy_constructible_v<cppvaldi::shared<std::unique_ptr<int>>>);

/// Returns the kinds of the operations that `life` performs, one letter each.
template <typename Life>
std::string accesses(Life life, const cppvaldi::execution_options& options = {}) {
    test::by_id decides(test::by_id::first::lowest);
    std::string letters;
    test::play(
        decides, {{"alice", life}},
        [&](const cppvaldi::execution& world) {
            for (const step& each : world.steps()) {
                if (each.event == step::what::did) {
                    letters += each.kind == operation_kind::read ? 'r' : each.kind == operation_kind::write ? 'w' : '?';
                }
            }
        },
        options);
    return letters;
}

} // namespace

BOOST_AUTO_TEST_SUITE(shared)

BOOST_AUTO_TEST_CASE(it_is_used_like_the_variable_that_it_is) {
    BOOST_TEST(global == 5);
    cppvaldi::shared<int> number;
    BOOST_TEST(number.read() == 0);
    number = 1;
    number.write(2);
    BOOST_TEST(number.get() == 2);
    BOOST_TEST(*std::as_const(number) == 2);
    number += 3;
    number -= 1;
    BOOST_TEST(number == 4);
    BOOST_TEST(++number == 5);
    BOOST_TEST(number++ == 5);
    BOOST_TEST(--number == 5);
    BOOST_TEST(number-- == 5);
    *number = 7;
    number.change() += 1;
    const cppvaldi::shared<int> copy(number);
    number = 0;
    BOOST_TEST(copy == 8);
    number = copy;
    BOOST_TEST(number + 1 == 9);
    cppvaldi::shared<std::string> text("ab", "text");
    text->push_back('c');
    text += "d";
    BOOST_TEST(text.read() == "abcd");
    BOOST_TEST(std::as_const(text)->size() == 4U);
    cppvaldi::shared<std::unique_ptr<int>> owner;
    owner = std::make_unique<int>(3);
    BOOST_TEST(*owner.read() == 3);
    cppvaldi::shared<std::vector<int>> list{{1, 2, 3}};
    BOOST_TEST(list.read().size() == 3U);
}

BOOST_AUTO_TEST_CASE(every_access_is_known) {
    cppvaldi::shared<int> number;
    const cppvaldi::shared<int>& constant = number;
    BOOST_TEST(accesses([&] { (void)number.read(); }) == "r");
    BOOST_TEST(accesses([&] { (void)static_cast<int>(number); }) == "r");
    BOOST_TEST(accesses([&] { (void)*constant; }) == "r");
    BOOST_TEST(accesses([&] { number = 1; }) == "w");
    BOOST_TEST(accesses([&] { *number = 1; }) == "w");
    BOOST_TEST(accesses([&] { number += 1; }) == "rw");
    BOOST_TEST(accesses([&] { ++number; }) == "rw");
    BOOST_TEST(accesses([&] { number++; }) == "rw");
    BOOST_TEST(accesses([&] { cppvaldi::shared<int> copy(number); }) == "r");
    BOOST_TEST(accesses([&] { number = constant; }) == "rw");
}

BOOST_AUTO_TEST_CASE(accesses_are_no_scheduling_points_unless_asked_for) {
    cppvaldi::shared<int> number;
    std::set<int> ends;
    const auto make = [&] {
        number.write(0);
        const auto life = [&number] { number += 1; };
        return std::vector<test::named>{{"alice", life}, {"bob", life}};
    };
    const auto look = [&](cppvaldi::execution::outcome) { ends.insert(number.read()); };
    BOOST_TEST(test::play_all(make, look) == 2); // who begins
    BOOST_TEST(ends == std::set<int>{2}, boost::test_tools::per_element());

    ends.clear();
    BOOST_TEST(test::play_all(make, look, {.shared_accesses_switch = true}) == 20);
    BOOST_TEST(ends == (std::set<int>{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_trace_shows_values_and_places) {
    cppvaldi::shared<int> number(1, "balance");
    cppvaldi::runner run;
    run.start("alice", [&] { number.write(number.read() + 1); });
    run.finish();
    const cppvaldi::trace played = run.trace_so_far();
    BOOST_REQUIRE(played.steps.size() == 4U);
    BOOST_TEST(played.steps[1].text == "read shared balance = 1");
    BOOST_TEST(played.steps[2].text == "write shared balance = 2");
    BOOST_TEST(played.steps[2].file == "shared.cpp");
}

BOOST_AUTO_TEST_CASE(a_loop_that_reads_until_another_writes_comes_to_its_end) {
    cppvaldi::shared<bool> ready(false);
    cppvaldi::runner run;
    run.start("reader", [&] {
        while (!ready) {}
    });
    run.start("writer", [&] { ready = true; });
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_loop_that_nobody_can_end_is_reported) {
    cppvaldi::shared<bool> ready(false);
    cppvaldi::runner run;
    run.start("reader", [&] {
        while (!ready) {}
    });
    BOOST_CHECK_THROW(run.finish(), cppvaldi::livelock);
}

BOOST_AUTO_TEST_SUITE_END()
