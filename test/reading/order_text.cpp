#include <cppvaldi/errors.hpp>
#include <cppvaldi/order.hpp>

#include "support/luck.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>

namespace {

using cppvaldi::at;
using cppvaldi::checkpoint_ref;
using cppvaldi::order;
using cppvaldi::parse_error;

/// Sees that `text` is refused there, with exactly this message.
void check_refused(std::string_view text, std::size_t line, std::size_t column, const std::string& message) {
    BOOST_TEST_CONTEXT("text: " << text) {
        try {
            (void)order::parse(text);
            BOOST_ERROR("it was accepted");
        } catch (const parse_error& refused) {
            BOOST_TEST(refused.where().line == line);
            BOOST_TEST(refused.where().column == column);
            BOOST_TEST(refused.what() ==
                       "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + message);
        }
    }
}

std::string any_name(luck& lucky) {
    std::string name;
    const std::size_t length = 1 + lucky.below(6);
    while (name.size() < length) {
        name += static_cast<char>(lucky.once_in(2) ? 'a' + lucky.below(26) : lucky.below(256));
    }
    return name;
}

checkpoint_ref any_ref(luck& lucky) {
    std::string starter = any_name(lucky);
    std::string name = any_name(lucky);
    if (lucky.once_in(3)) {
        return at(std::move(starter), std::move(name), static_cast<std::uint32_t>(1 + lucky.below(0xffff'ffff)));
    }
    return at(std::move(starter), std::move(name));
}

} // namespace

BOOST_AUTO_TEST_CASE(a_checkpoint_prints_as_starter_colon_name_and_its_number_if_it_has_one) {
    BOOST_TEST(at("alice", "read").text() == "alice:read");
    BOOST_TEST(at("alice", "read", 2).text() == "alice:read#2");
    BOOST_TEST(at("alice", "read", 0xffff'ffff).text() == "alice:read#4294967295");
    std::ostringstream out;
    out << at("alice", "read", 1) << ' ' << order{at("a", "x"), at("b", "y")};
    BOOST_TEST(out.str() == "alice:read#1 a:x b:y");
}

BOOST_AUTO_TEST_CASE(names_with_other_characters_are_quoted) {
    BOOST_TEST(at("alice's cousin", "1st read").text() == R"("alice's cousin":"1st read")");
    BOOST_TEST(at("a:b", "c#d").text() == R"("a:b":"c#d")");
    BOOST_TEST(at("a,b", "say \"x\" \\ y").text() == R"("a,b":"say \"x\" \\ y")");
    BOOST_TEST(at("a\nb\tc\rd", std::string("\0\x7f\x1b", 3)).text() == R"("a\nb\tc\x0dd":"\x00\x7f\x1b")");
    BOOST_TEST(at("z\xc3\xbc", "x").text() == "\"z\xc3\xbc\":x");
    BOOST_TEST(at("run<int>(a,b)", "_-./+*&<>()=!~@$%^9").text() == R"--("run<int>(a,b)":_-./+*&<>()=!~@$%^9)--");
}

BOOST_AUTO_TEST_CASE(an_order_is_read_from_text) {
    BOOST_CHECK(order::parse("alice:read bob:read#2 \"bob 2\":\"after the commit\"") ==
                (order{at("alice", "read"), at("bob", "read", 2), at("bob 2", "after the commit")}));
    BOOST_CHECK(order::parse("a:started b:blocked a:finished") ==
                (order{at("a", "started"), at("b", "blocked"), at("a", "finished")}));
}

BOOST_AUTO_TEST_CASE(spaces_tabs_line_ends_and_a_comma_separate_checkpoints) {
    const order wanted{at("a", "x"), at("b", "y")};
    for (const char* text :
         {"a:x b:y", "a:x,b:y", "a:x , b:y", "a:x\nb:y\n", " \t\r\n a:x\r\n\t,\n b:y \n", "a:x\tb:y"}) {
        BOOST_TEST_CONTEXT(text) { BOOST_CHECK(order::parse(text) == wanted); }
    }
}

BOOST_AUTO_TEST_CASE(an_empty_text_is_an_empty_order) {
    BOOST_TEST(order::parse("").empty());
    BOOST_TEST(order::parse(" \n\t ").empty());
    BOOST_TEST(order().text() == "");
}

BOOST_AUTO_TEST_CASE(escapes_are_read) {
    BOOST_CHECK(order::parse(R"("\"\\\n\t\x41\xfF":x)") == (order{at("\"\\\n\tA\xff", "x")}));
}

BOOST_AUTO_TEST_CASE(a_single_checkpoint_is_read_from_text) {
    BOOST_CHECK(checkpoint_ref::parse("alice:read#3") == at("alice", "read", 3));
    BOOST_CHECK(checkpoint_ref::parse(" alice:read ") == at("alice", "read"));
    BOOST_CHECK_EXCEPTION((void)checkpoint_ref::parse("alice:read bob:read"), parse_error, [](const parse_error& e) {
        return e.what() == std::string("line 1, column 12: expected nothing after the checkpoint, found 'b'");
    });
    BOOST_CHECK_EXCEPTION((void)checkpoint_ref::parse(""), parse_error, [](const parse_error& e) {
        return e.what() == std::string("line 1, column 1: expected the name of a starter, found the end of the text");
    });
}

BOOST_AUTO_TEST_CASE(a_text_that_is_no_order_is_refused_with_line_column_and_what_was_expected) {
    check_refused("alice", 1, 6, "expected ':' and the name of a checkpoint, found the end of the text");
    check_refused("alice read", 1, 6, "expected ':' and the name of a checkpoint, found ' '");
    check_refused("alice:", 1, 7, "expected the name of a checkpoint, found the end of the text");
    check_refused("alice: read", 1, 7, "expected the name of a checkpoint, found ' '");
    check_refused(":read", 1, 1, "expected the name of a starter, found ':'");
    check_refused("a:x\nb:y\n  c;z", 3, 4, "expected ':' and the name of a checkpoint, found ';'");
    check_refused("a:x:y", 1, 4, "expected a space, a comma or a line end between two checkpoints, found ':'");
    check_refused("a:x#2b", 1, 6, "expected a space, a comma or a line end between two checkpoints, found 'b'");
    check_refused("a:x\"b\":y", 1, 4, "expected a space, a comma or a line end between two checkpoints, found '\"'");
}

BOOST_AUTO_TEST_CASE(a_comma_stands_between_two_checkpoints_and_nowhere_else) {
    check_refused(",a:x", 1, 1, "expected the name of a starter, found ','");
    check_refused("a:x,,b:y", 1, 5, "expected the name of a starter, found ','");
    check_refused("a:x, ", 1, 6, "expected the name of a starter, found the end of the text");
    check_refused(",", 1, 1, "expected the name of a starter, found ','");
}

BOOST_AUTO_TEST_CASE(a_number_that_is_no_occurrence_is_refused) {
    const std::string wanted = "expected which occurrence, a number from 1 to 4294967295, after '#', found ";
    check_refused("a:x#", 1, 5, wanted + "the end of the text");
    check_refused("a:x#0", 1, 5, wanted + "'0'");
    check_refused("a:x#-1", 1, 5, wanted + "'-'");
    check_refused("a:x#two", 1, 5, wanted + "'t'");
    check_refused("a:x#4294967296", 1, 5, wanted + "'4'");
    check_refused("a:x#99999999999999999999999", 1, 5, wanted + "'9'");
}

BOOST_AUTO_TEST_CASE(a_quoted_name_that_is_not_right_is_refused) {
    check_refused("\"a:x", 1, 5, "expected '\"' at the end of a quoted name, found the end of the text");
    check_refused("\"\":x", 1, 2, "expected a name that is not empty, found '\"'");
    check_refused("a:\"\"", 1, 4, "expected a name that is not empty, found '\"'");
    check_refused("\"a\\q\":x", 1, 4, "expected one of \" \\ n t x after '\\', found 'q'");
    check_refused("\"a\\", 1, 4, "expected one of \" \\ n t x after '\\', found the end of the text");
    check_refused("\"\\x4\":x", 1, 4, "expected two hexadecimal digits after '\\x', found '4'");
    check_refused("\"\\x", 1, 4, "expected two hexadecimal digits after '\\x', found the end of the text");
    check_refused("\"\\x-1\":x", 1, 4, "expected two hexadecimal digits after '\\x', found '-'");
    check_refused("\"line\nend:x", 2, 6, "expected '\"' at the end of a quoted name, found the end of the text");
}

BOOST_AUTO_TEST_CASE(what_was_found_is_shown_readably_whatever_it_is) {
    check_refused("a:x \x01", 1, 5, "expected the name of a starter, found '\\x01'");
    check_refused(std::string("a:x \0", 5), 1, 5, "expected the name of a starter, found '\\x00'");
    check_refused("a:x \xc3\xbc", 1, 5, "expected the name of a starter, found '\xc3\xbc'");
    check_refused("a:x \xff\xc3", 1, 5, "expected the name of a starter, found '\\xff'");
    check_refused("a:x \xe2\x82", 1, 5, "expected the name of a starter, found '\\xe2'");
}

BOOST_AUTO_TEST_CASE(the_zeroth_occurrence_is_refused) {
    BOOST_CHECK_EXCEPTION(
        (void)at("alice", "read", 0), cppvaldi::usage_error, [](const cppvaldi::usage_error& refused) {
            return refused.what() ==
                   std::string("at(\"read\", 0) for starter 'alice': occurrences are counted from 1; leave the "
                               "number out for the next one");
        });
}

BOOST_AUTO_TEST_CASE(orders_are_values) {
    order one{at("a", "x")};
    const order other = one;
    BOOST_CHECK(one == other);
    one.push_back(at("b", "y"));
    BOOST_CHECK(one != other);
    BOOST_TEST(one.size() == 2U);
    BOOST_CHECK(one[1] == at("b", "y"));
    BOOST_CHECK(at("a", "x") != at("a", "x", 1));
}

BOOST_AUTO_TEST_CASE(whatever_the_names_what_is_printed_is_read_back) {
    luck lucky(2015);
    for (int round = 0; round < 3'000; ++round) {
        order made;
        for (std::size_t left = lucky.below(5); left > 0; --left) {
            made.push_back(any_ref(lucky));
        }
        const order read = order::parse(made.text());
        BOOST_REQUIRE_MESSAGE(read == made, made.text());
        BOOST_REQUIRE_EQUAL(read.text(), made.text());
        for (const checkpoint_ref& ref : made) {
            BOOST_REQUIRE(checkpoint_ref::parse(ref.text()) == ref);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_byte_may_stand_in_a_name) {
    for (int byte = 0; byte < 256; ++byte) {
        const checkpoint_ref made =
            at(std::string(1, static_cast<char>(byte)), "x" + std::string(1, static_cast<char>(byte)));
        BOOST_REQUIRE(checkpoint_ref::parse(made.text()) == made);
    }
}

BOOST_AUTO_TEST_CASE(any_text_is_read_or_refused) {
    luck lucky(7);
    constexpr std::string_view likely = "ab:#\"\\x0 1,\n";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t left = lucky.below(12); left > 0; --left) {
            text += lucky.once_in(8) ? static_cast<char>(lucky.below(256)) : likely[lucky.below(likely.size())];
        }
        try {
            const order read = order::parse(text);
            BOOST_REQUIRE(order::parse(read.text()) == read);
        } catch (const parse_error& refused) {
            BOOST_REQUIRE(refused.where().line >= 1);
            BOOST_REQUIRE(refused.where().column >= 1);
            BOOST_REQUIRE(refused.where().column <= text.size() + 1);
        }
    }
}
