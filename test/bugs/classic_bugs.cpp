#include "bugs/bug.hpp"
#include "bugs/lost_update.hpp"

#include "support/fixture.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <set>
#include <string>
#include <string_view>

namespace bugs {

/// What Boost.Test calls a data-driven case by.
std::ostream& operator<<(std::ostream& out, const bug& shown);
std::ostream& operator<<(std::ostream& out, const bug& shown) { return out << shown.name; }

} // namespace bugs

namespace {

using bugs::attempt;
using bugs::bug;
using bugs::version;
using cppvaldi::exploration;
using cppvaldi::finding;

exploration explored(const bug& shown, version is, const attempt& tried) {
    return cppvaldi::explore([&] { shown.body(is); }, *tried.make(),
                             {.executions = tried.executions, .each = shown.each});
}

// Each of these returns what is wrong, or nothing.

std::string wrong_with_finding(const bug& shown, const attempt& tried) {
    const exploration found = explored(shown, version::buggy, tried);
    BOOST_TEST_MESSAGE(shown.name << ": execution " << found.executions << " of " << tried.executions);
    if (!found.finding) {
        return "nothing is found in " + std::to_string(found.executions) + " executions";
    }
    return found.finding->what == shown.shows ? "" : "something else is found: " + found.finding->report();
}

std::string wrong_with_replay(const bug& shown, const attempt& tried) {
    const exploration found = explored(shown, version::buggy, tried);
    if (!found.finding) {
        return "nothing is found";
    }
    const cppvaldi::schedule parsed = cppvaldi::schedule::parse(found.finding->played.token());
    const exploration again = explored(shown, version::buggy, {cppvaldi::replay{parsed}, 1});
    const std::string report = again.finding ? again.finding->report() : "nothing";
    return report == found.finding->report() ? "" : found.finding->report() + "and, replayed, " + report;
}

std::string wrong_with_order(const bug& shown, const attempt& tried) {
    const exploration found = explored(shown, version::buggy, tried);
    if (!found.finding) {
        return "nothing is found";
    }
    const cppvaldi::order reached = found.finding->shown.checkpoints();
    if (found.finding->regression_test().find("given") == std::string::npos) {
        return ""; // it goes through no checkpoint
    }
    const exploration again =
        cppvaldi::explore([&] { shown.body(version::buggy); },
                          cppvaldi::exhaustive{.preemptions = found.finding->cost.preemptions},
                          {.executions = tried.executions, .each = shown.each}, cppvaldi::given(reached).if_possible());
    if (!again.finding && !again.complete) {
        return ""; // its checkpoints say too little of it
    }
    return again.finding && again.finding->what == shown.shows ? "" : "not found again by " + reached.text();
}

std::string wrong_with_mended_twin(const bug& shown, const attempt& tried) {
    const exploration found = explored(shown, version::mended, tried);
    BOOST_TEST_MESSAGE(shown.name << ", mended: execution " << found.executions << " of " << tried.executions);
    if (found.finding) {
        return "found in it: " + found.finding->report();
    }
    return found.complete == tried.completes ? "" : "that is not all there is to explore";
}

/// Counts two threads that do not meet, whatever the version.
void without_bug(version) {
    cppvaldi::atomic<int> counter{0};
    bugs::together(2, "adder", [&](int) { counter.fetch_add(1); });
    cppvaldi::require(counter.load() == 2, "both have added");
}

/// Loses an update, whatever the version.
void with_bug(version) { bugs::lost_update_body(version::buggy); }

} // namespace

BOOST_FIXTURE_TEST_SUITE(classic_bugs, clean_world)

BOOST_DATA_TEST_CASE(each_is_found_by_who_must_find_it, bugs::all_bugs(), tested) {
    for (const attempt& tried : tested.found_by) {
        BOOST_TEST(wrong_with_finding(tested, tried) == "");
    }
}

BOOST_DATA_TEST_CASE(each_finding_replays_with_the_same_report, bugs::all_bugs(), tested) {
    for (const attempt& tried : tested.found_by) {
        BOOST_TEST(wrong_with_replay(tested, tried) == "");
    }
}

BOOST_DATA_TEST_CASE(each_finding_that_goes_through_checkpoints_is_found_again_by_their_order, bugs::all_bugs(),
                     tested) {
    BOOST_TEST(wrong_with_order(tested, tested.found_by.front()) == "");
}

BOOST_DATA_TEST_CASE(each_mended_twin_comes_out_clean, bugs::all_bugs(), tested) {
    for (const attempt& tried : tested.clean_by) {
        BOOST_TEST(wrong_with_mended_twin(tested, tried) == "");
    }
}

BOOST_DATA_TEST_CASE(a_reduction_finds_nothing_else, bugs::all_bugs(), tested) {
    const bug& each = tested;
    cppvaldi::limits until;
    until.executions = 2'000;
    until.each = each.each;
    const auto mended = cppvaldi::explore([&] { each.body(bugs::version::mended); }, cppvaldi::dpor{}, until);
    BOOST_TEST(!mended.finding);
    const auto buggy = cppvaldi::explore([&] { each.body(bugs::version::buggy); }, cppvaldi::dpor{}, until);
    BOOST_TEST((!buggy.finding || buggy.finding->what == each.shows));
    BOOST_TEST((buggy.finding || !buggy.complete));
}

BOOST_AUTO_TEST_CASE(a_reduction_is_not_misled_by_loops_that_spin) {
    for (const bug& each : bugs::all_bugs()) {
        if (each.name == "peterson" || each.name == "broken_spinlock") {
            const auto buggy = cppvaldi::explore([&] { each.body(bugs::version::buggy); }, cppvaldi::dpor{});
            BOOST_TEST_REQUIRE(buggy.finding.has_value());
            BOOST_TEST((buggy.finding->what == each.shows));
            BOOST_TEST(cppvaldi::explore([&] { each.body(bugs::version::mended); }, cppvaldi::dpor{}).complete);
        }
    }
}

BOOST_DATA_TEST_CASE(no_mended_twin_has_a_race, bugs::all_bugs(), tested) {
    bug with_races = tested;
    with_races.each.data_races = true;
    for (const attempt& tried : tested.clean_by) {
        BOOST_TEST(wrong_with_mended_twin(with_races, tried) == "");
    }
}

BOOST_AUTO_TEST_CASE(canaries_fail) {
    const attempt tries{cppvaldi::exhaustive{}, 100};
    const bug absent{"absent", &without_bug, finding::kind::requirement, {tries}, {tries}};
    BOOST_TEST(wrong_with_finding(absent, tries) == "nothing is found in 2 executions");
    BOOST_TEST(wrong_with_replay(absent, tries) == "nothing is found");
    BOOST_TEST(wrong_with_mended_twin(absent, tries) == "");

    const bug unmended{"unmended", &with_bug, finding::kind::deadlock, {tries}, {tries}};
    BOOST_TEST(wrong_with_finding(unmended, tries).starts_with("something else is found: failed requirement"));
    BOOST_TEST(wrong_with_mended_twin(unmended, tries).starts_with("found in it: failed requirement"));
    BOOST_TEST(wrong_with_mended_twin(absent, {cppvaldi::exhaustive{}, 1}) == "that is not all there is to explore");
}

BOOST_AUTO_TEST_CASE(there_are_at_least_forty_each_with_a_name_of_its_own_and_something_to_keep) {
    std::set<std::string_view> names;
    for (const bug& each : bugs::all_bugs()) {
        names.insert(each.name);
        BOOST_TEST(!each.clean_by.empty());
    }
    BOOST_TEST(names.size() == bugs::all_bugs().size());
    BOOST_TEST(names.size() >= 40U);
}

BOOST_AUTO_TEST_SUITE_END()
