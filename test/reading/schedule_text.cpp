#include <cppvaldi/errors.hpp>
#include <cppvaldi/schedule.hpp>

#include "support/says.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using cppvaldi::decision;
using cppvaldi::parse_error;
using cppvaldi::schedule;

constexpr decision starter(std::uint32_t id) { return {decision::kind::starter, id}; }
constexpr decision value(std::uint32_t chosen) { return {decision::kind::value, chosen}; }

const std::string head = "cppvaldi schedule 1\n";

} // namespace

BOOST_AUTO_TEST_CASE(a_schedule_is_a_line_for_each_decision) {
    const schedule played({starter(1), starter(2), value(7)}, {"alice: checkpoint read", "bob: lock mutex door", ""});
    BOOST_TEST(played.text() == head + "go 1 alice: checkpoint read\ngo 2 bob: lock mutex door\nvalue 7\n");
    BOOST_TEST(schedule({starter(0), value(0)}).text() == head + "go 0\nvalue 0\n");
    BOOST_TEST(schedule().text() == head);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    const schedule played({starter(1), value(3), starter(1)}, {"alice: checkpoint a: b # c", "", "alice: yield"});
    const schedule again = schedule::parse(played.text());
    BOOST_TEST((again == played));
    BOOST_TEST(again.steps() == played.steps(), boost::test_tools::per_element());
    BOOST_TEST(again.text() == played.text());
    BOOST_TEST(schedule::parse(schedule({starter(5)}).text()).steps().empty());
}

BOOST_AUTO_TEST_CASE(comments_blanks_and_line_ends_of_other_systems_do_not_matter) {
    const schedule read =
        schedule::parse("cppvaldi schedule 1\r\n# a comment\r\n\r\n  go   1   alice:  x \r\n\tvalue 2");
    BOOST_TEST((read == schedule({starter(1), value(2)})));
    BOOST_TEST(read.steps().front() == "alice:  x");
}

BOOST_AUTO_TEST_CASE(steps_play_no_part_in_comparisons_and_tokens) {
    const schedule with({starter(1)}, {"alice: yield"});
    const schedule without({starter(1)});
    BOOST_TEST((with == without));
    BOOST_TEST(with.token() == without.token());
}

BOOST_AUTO_TEST_CASE(a_line_that_makes_no_sense_is_refused_with_its_number) {
    const auto refused = [](const std::string& text, const std::string& why) {
        BOOST_CHECK_EXCEPTION((void)schedule::parse(text), parse_error, says({why}));
    };
    refused(head + "go 1\nrun 2\n", "line 3 of a schedule: 'run' is neither 'go' nor 'value'");
    refused(head + "go alice\n", "line 2 of a schedule: after 'go' comes a number, and not 'alice'");
    refused(head + "go\n", "after 'go' comes a number, and not ''");
    refused(head + "go -1\n", "not '-1'");
    refused(head + "go 4294967295\n", "not '4294967295'");
    refused(head + "value 1 2\n", "after the value comes '2', where the line should end");
    refused("cppvaldi schedule 2\n", "it is of version 2, and this library reads version 1");
    refused("cppvaldi\n", "its first line is not 'cppvaldi schedule 1'");
}
