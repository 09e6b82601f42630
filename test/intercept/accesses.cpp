// Code under test that is compiled with -fsanitize=thread, here by each compiler, unoptimised and optimised: plain accesses are watched
// for races, atomics are scheduling points, and memory that is free is known.

#include "instrumented/programs.hpp"

#include <cppvaldi/explore.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/strategies.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using cppvaldi::accesses;
using cppvaldi::exploration;
using cppvaldi::finding;

namespace {

/// Runs a program under some interleavings, of which each must come out clean and with one of these results.
void clean(int (*program)(bool), const std::set<int>& results, std::uint64_t executions = 300) {
    const auto body = [&] {
        const int result = program(false);
        cppvaldi::require(results.contains(result), "a result that is wanted");
    };
    const exploration seen = cppvaldi::explore(body, cppvaldi::random{.seed = 1}, {.executions = executions});
    BOOST_TEST(!seen.finding.has_value(), (seen.finding ? to_string(*seen.finding) : ""));
    BOOST_TEST(seen.executions == executions);
}

template <int (*Program)()>
int plainly(bool) {
    return Program();
}

/// Returns what the program's mistake is found as, which is seen again under its schedule, word for word.
finding mistake(int (*program)(bool), finding::kind wanted) {
    const auto body = [&] { (void)program(true); };
    const exploration seen = cppvaldi::explore(body, cppvaldi::random{.seed = 1}, {.executions = 300});
    BOOST_REQUIRE(seen.finding.has_value());
    BOOST_TEST(seen.finding->what == wanted, seen.finding->report());
    const auto played = cppvaldi::schedule::parse(seen.finding->played.token());
    const exploration again = cppvaldi::explore(body, cppvaldi::replay{played});
    BOOST_REQUIRE(again.finding.has_value());
    BOOST_TEST(again.finding->report() == seen.finding->report());
    return *seen.finding;
}

finding race(int (*program)(bool)) { return mistake(program, finding::kind::data_race); }

/// The results of a program under all its interleavings.
std::multiset<int> results(int (*program)(), accesses which) {
    std::multiset<int> seen;
    const exploration found = cppvaldi::explore([&] { seen.insert(program()); }, cppvaldi::exhaustive{},
                                                {.each = {.plain_accesses_switch = which, .data_races = false}});
    BOOST_TEST(found.complete);
    BOOST_TEST(!found.finding.has_value(), (found.finding ? to_string(*found.finding) : ""));
    return seen;
}

} // namespace

using namespace programs;

BOOST_AUTO_TEST_CASE(what_is_guarded_or_handed_over_is_ordered_and_what_is_not_races) {
    clean(&counted_under_mutex, {2});
    (void)race(&counted_under_mutex);
    clean(&handed_over_by_atomic, {0, 1});
    const std::string handed_over = race(&handed_over_by_atomic).race;
    BOOST_TEST(handed_over.find("store atomic 2 at programs.cpp:53 ") != std::string::npos, handed_over);
    BOOST_TEST(handed_over.find("load atomic 2 at programs.cpp:61 ") != std::string::npos, handed_over);
    clean(&handed_over_by_condition, {1});
    (void)race(&handed_over_by_condition);
    clean(&told_to_thread, {1});
    (void)race(&told_to_thread);
    clean(&read_by_many, {21});
    (void)race(&read_by_many);
    clean(&vectors, {6});
    (void)race(&vectors);
    clean(&once_each, {10});
    (void)race(&once_each);
    clean(&fences, {0, 1});
    (void)race(&fences);
    clean(&plain_against_atomic, {5, 6});
    (void)race(&plain_against_atomic);
}

BOOST_AUTO_TEST_CASE(a_race_is_reported_with_the_places_of_both) {
    const finding found = race(&told_to_thread);
    BOOST_TEST(found.message ==
               "main writes memory 2 at programs.cpp:103, thread-1 reads memory 2 at programs.cpp:101, and "
               "nothing orders the two");
    BOOST_TEST(found.race.find("no synchronisation before that since it began") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_are_told_apart) {
    clean(&plainly<&neighbours>, {4});
    clean(&plainly<&bit_neighbours>, {8});
}

BOOST_AUTO_TEST_CASE(accesses_of_all_widths_are_seen) {
    clean(&unaligned, {7});
    (void)race(&unaligned);
    clean(&wide_values, {2});
    (void)race(&wide_values);
    clean(&copied_structs, {1});
    (void)race(&copied_structs);
}

BOOST_AUTO_TEST_CASE(objects_are_seen_being_called_and_destroyed) {
    clean(&called_virtually, {3});
    const exploration seen =
        cppvaldi::explore([] { (void)called_virtually(true); }, cppvaldi::random{.seed = 1}, {.executions = 300});
    BOOST_REQUIRE(seen.finding.has_value());
    BOOST_TEST((seen.finding->what == finding::kind::data_race || seen.finding->what == finding::kind::freed_memory));
    clean(&plainly<&shared_pointers>, {10});
    clean(&plainly<&local_static>, {8});
}

BOOST_AUTO_TEST_CASE(memory_that_is_free_is_not_used_nor_freed_again) {
    clean(&used_after_free, {5});
    const finding used = mistake(&used_after_free, finding::kind::freed_memory);
    BOOST_TEST(used.message.starts_with("main reads memory 1 at programs.cpp:"), used.message);
    clean(&freed_twice, {5});
    (void)mistake(&freed_twice, finding::kind::freed_memory);
    clean(&freed_by_other, {5});
    const exploration seen =
        cppvaldi::explore([] { (void)freed_by_other(true); }, cppvaldi::random{.seed = 1}, {.executions = 300});
    BOOST_REQUIRE(seen.finding.has_value());
    BOOST_TEST((seen.finding->what == finding::kind::data_race || seen.finding->what == finding::kind::freed_memory));
}

BOOST_AUTO_TEST_CASE(memory_that_is_used_again_is_new) {
    clean(&plainly<&reused_memory>, {12});
    clean(&plainly<&stacks_of_others>, {4});
}

BOOST_AUTO_TEST_CASE(atomics_do_what_they_say) {
    clean(&plainly<&atomics_of_all_widths>, {4}, 5);
    clean(&plainly<&spins>, {2});
}

BOOST_AUTO_TEST_CASE(an_atomic_is_a_scheduling_point) {
    const std::multiset<int> seen = results(&updated_in_two_steps, accesses::none);
    BOOST_TEST(seen.size() == 6U); // two starters, a load and a store each
    BOOST_TEST(std::set<int>(seen.begin(), seen.end()) == (std::set<int>{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(plain_accesses_are_scheduling_points_where_asked_for) {
    const std::multiset<int> without = results(&lost_update, accesses::none);
    BOOST_TEST(without.count(1) == 0U);
    const std::multiset<int> with = results(&lost_update, accesses::all);
    BOOST_TEST(with.size() > without.size());
    BOOST_TEST(with.count(1) > 0U);
    BOOST_TEST(with.count(2) > 0U);
    const std::multiset<int> some = results(&lost_update, accesses::sampled(3));
    BOOST_TEST(some.size() < with.size());
    BOOST_TEST((results(&lost_update, accesses::sampled(3)) == some));
}

BOOST_AUTO_TEST_CASE(a_runner_lets_instrumented_code_be) {
    cppvaldi::runner run;
    int seen = 0;
    run.start("alice", [&] { seen = lost_update(); });
    run.finish();
    BOOST_TEST(seen == 2);
}

BOOST_AUTO_TEST_CASE(outside_an_execution_it_runs_as_it_would_without) {
    BOOST_TEST(reused_memory() == 12);
    BOOST_TEST(atomics_of_all_widths() == 4);
    BOOST_TEST(counted_under_mutex(false) == 2);
}
