#include <cppvaldi/trace.hpp>

#include "support/golden.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>

namespace {

using cppvaldi::trace;
using event = trace::event;

trace::step at(std::uint32_t starter, std::string text, event what = event::reached) {
    return {.what = what, .starter = starter, .text = std::move(text), .file = "account.cpp", .line = 12};
}

trace::step pause(std::uint32_t starter, std::string checkpoint) {
    return at(starter, std::move(checkpoint), event::paused);
}

trace two_tellers() {
    return {.starters = {"alice", "bob"},
            .steps = {at(0, "started", event::began), at(0, "read = 100"), pause(0, "read"),
                      at(1, "started", event::began), at(1, "read = 100"), at(1, "written"), pause(1, "written"),
                      at(1, "finished", event::finished), at(0, "written"), at(0, "finished", event::finished)}};
}

trace of_many(std::uint32_t starters) {
    trace made;
    for (std::uint32_t starter = 0; starter < starters; ++starter) {
        made.starters.push_back("s" + std::to_string(starter));
        made.steps.push_back(at(starter, "started", event::began));
    }
    made.steps.push_back(at(1, "read = 7"));
    made.steps.push_back(pause(1, "read"));
    return made;
}

} // namespace

BOOST_AUTO_TEST_CASE(each_starter_has_a_column_each_step_a_row_and_pauses_are_marked) {
    check_golden("reading/golden/two_tellers.txt", two_tellers().timeline());
}

BOOST_AUTO_TEST_CASE(printing_a_trace_prints_its_timeline) {
    std::ostringstream out;
    out << two_tellers();
    BOOST_TEST(out.str() == two_tellers().timeline());
}

BOOST_AUTO_TEST_CASE(an_empty_trace_has_a_header_only) {
    BOOST_TEST(trace().timeline() == "   step\n");
    const trace unbegun{.starters = {"alice", "bob"}, .steps = {}};
    BOOST_TEST(unbegun.timeline() == "   step  alice         bob\n");
}

BOOST_AUTO_TEST_CASE(a_pause_at_what_was_reached_earlier_has_a_row_of_its_own) {
    const trace made{.starters = {"alice", "bob"},
                     .steps = {pause(1, "started"), at(0, "started", event::began), at(1, "started", event::began),
                               at(1, "read"), at(0, "read"), pause(0, "read"), pause(1, "read"), pause(1, "blocked")}};
    check_golden("reading/golden/early_pauses.txt", made.timeline());
}

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_their_names_and_entries) {
    trace made = two_tellers();
    made.starters = {"the first teller at the main counter, in the morning", "bob"};
    made.starters.push_back("z\xc3\xbcrich");
    made.steps.push_back(at(1, "waits for database the-branch-in-the-old-town.db, held by somebody else altogether"));
    made.steps.push_back(at(2, "\xe2\x82\xac = 5"));
    made.steps.push_back(pause(2, "\xe2\x82\xac"));
    check_golden("reading/golden/wide_columns.txt", made.timeline());
}

BOOST_AUTO_TEST_CASE(control_characters_do_not_break_a_row) {
    const trace made{.starters = {"al\nice", "b\tob"}, .steps = {at(0, "re\r\nad"), at(1, "\x1b[31mred")}};
    BOOST_TEST(made.timeline() == "   step  al\\nice       b\\tob\n"
                                  "      1  re\\x0d\\nad\n"
                                  "      2                \\x1b[31mred\n");
}

BOOST_AUTO_TEST_CASE(the_last_steps_are_shown_and_the_earlier_ones_counted) {
    check_golden("reading/golden/last_three_steps.txt", two_tellers().timeline(3));
    BOOST_TEST(two_tellers().timeline(8) == two_tellers().timeline());
    BOOST_TEST(two_tellers().timeline(1'000) == two_tellers().timeline());
    BOOST_TEST(two_tellers().timeline(0) == "   step  alice         bob\n         (8 earlier steps)\n");
}

BOOST_AUTO_TEST_CASE(a_cut_keeps_the_numbers_of_the_steps) {
    trace made{.starters = {"alice"}, .steps = {}};
    for (int step = 1; step <= 123'456; ++step) {
        made.steps.push_back(at(0, "turn"));
    }
    BOOST_TEST(made.timeline(2) == "   step  alice\n"
                                   "         (123454 earlier steps)\n"
                                   "  123455  turn\n"
                                   "  123456  turn\n");
}

BOOST_AUTO_TEST_CASE(with_many_starters_only_those_at_work_have_columns) {
    check_golden("reading/golden/a_few_of_many.txt", of_many(1'000).timeline(4));
}

BOOST_AUTO_TEST_CASE(with_many_starters_at_work_each_row_names_its_starter) {
    check_golden("reading/golden/many.txt", of_many(9).timeline());
    BOOST_TEST(of_many(100'000).timeline().size() < 4'000'000U);
}

BOOST_AUTO_TEST_CASE(traces_are_values) {
    const trace one = two_tellers();
    trace other = one;
    BOOST_CHECK(one == other);
    other.steps.pop_back();
    BOOST_CHECK(one != other);
}
