#include <cppvaldi/errors.hpp>
#include <cppvaldi/schedule.hpp>

#include "support/luck.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using cppvaldi::decision;
using cppvaldi::parse_error;
using cppvaldi::schedule;

constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";

decision runs(std::size_t starter) { return {decision::kind::starter, static_cast<std::uint32_t>(starter)}; }
decision gives(std::size_t value) { return {decision::kind::value, static_cast<std::uint32_t>(value)}; }

/// Sees that a schedule is read back from its token, and returns the token.
std::string check_round_trip(const std::vector<decision>& decisions) {
    const schedule made(decisions);
    std::string token = made.token();
    BOOST_REQUIRE_MESSAGE(schedule::parse(token) == made, token.substr(0, 200));
    return token;
}

/// Appends the check that the format asks for: 25 bits of CRC-32C, in five digits, the lowest bits first.
std::string with_check(std::string text) {
    std::uint32_t crc = 0xffff'ffff;
    for (char character : text) {
        crc ^= static_cast<unsigned char>(character);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f6'3b78U : crc >> 1;
        }
    }
    crc = ~crc;
    for (int digit = 0; digit < 5; ++digit, crc >>= 5) {
        text += digits[crc & 31];
    }
    return text;
}

/// A token with a payload of these bits, filled up with zeros.
std::string token_of_bits(std::string bits) {
    std::erase(bits, ' ');
    bits.append((5 - bits.size() % 5) % 5, '0');
    std::string text = "cv1_";
    for (std::size_t position = 0; position < bits.size(); position += 5) {
        text += digits[std::stoul(bits.substr(position, 5), nullptr, 2)];
    }
    return with_check(text);
}

std::string code_of(std::uint64_t number) {
    std::string binary;
    for (; number > 0; number /= 2) {
        binary.insert(binary.begin(), number % 2 != 0 ? '1' : '0');
    }
    return std::string(binary.size() - 1, '0') + binary;
}

void check_refused(const std::string& token, const std::string& why, std::size_t column = 1) {
    BOOST_TEST_CONTEXT("token: " << token) {
        try {
            (void)schedule::parse(token);
            BOOST_ERROR("it was accepted");
        } catch (const parse_error& refused) {
            BOOST_TEST(refused.what() == "this is not a token: " + why);
            BOOST_TEST(refused.where().line == 1U);
            BOOST_TEST(refused.where().column == column);
        }
    }
}

const std::string damaged = "its checksum does not fit, so it is damaged or cut off";

} // namespace

BOOST_AUTO_TEST_CASE(the_worked_example_of_the_format_holds) {
    const schedule made({runs(0), runs(0), runs(1), runs(0)});
    BOOST_TEST(made.token() == with_check("cv1_efk"));
    BOOST_TEST(made.token() == "cv1_efkeq736");
    std::ostringstream out;
    out << made;
    BOOST_TEST(out.str() == made.token());
    BOOST_CHECK(schedule::parse(made.token()) == made);
}

BOOST_AUTO_TEST_CASE(an_empty_schedule_has_a_token) {
    BOOST_TEST(check_round_trip({}) == with_check("cv1_q"));
    BOOST_CHECK(schedule() == schedule::parse(with_check("cv1_q")));
}

BOOST_AUTO_TEST_CASE(every_item_of_the_grammar_is_written_as_it_says) {
    BOOST_TEST(check_round_trip({runs(0)}) == token_of_bits(code_of(2) + "0" + code_of(1)));
    BOOST_TEST(check_round_trip({runs(1)}) == token_of_bits(code_of(2) + "10" + code_of(1)));
    BOOST_TEST(check_round_trip({runs(2)}) == token_of_bits(code_of(2) + "110" + code_of(1) + code_of(1)));
    BOOST_TEST(check_round_trip({runs(9), runs(9)}) == token_of_bits(code_of(2) + "110" + code_of(8) + code_of(2)));
    BOOST_TEST(check_round_trip({gives(0)}) == token_of_bits(code_of(2) + "111" + code_of(1)));
    BOOST_TEST(check_round_trip({gives(6), gives(6)}) ==
               token_of_bits(code_of(3) + "111" + code_of(7) + "111" + code_of(7)));
    // After a value the placeholder is in front, so that whoever ran before has rank 1 and may stay.
    BOOST_TEST(check_round_trip({runs(0), gives(1), runs(0)}) ==
               token_of_bits(code_of(4) + "0" + code_of(1) + "111" + code_of(2) + "0" + code_of(1)));
}

BOOST_AUTO_TEST_CASE(tokens_are_short) {
    std::vector<decision> alternating;
    for (std::size_t step = 0; step < 1'000; ++step) {
        alternating.push_back(runs(step % 2));
    }
    BOOST_TEST(check_round_trip(alternating).size() < 1'000 * 2 / 5 + 20);
    BOOST_TEST(check_round_trip(std::vector<decision>(1'000'000, runs(3))).size() < 25U);
}

BOOST_AUTO_TEST_CASE(numbers_at_their_limits_are_kept) {
    check_round_trip({gives(0xffff'ffff), gives(0)});
    check_round_trip({runs(0xffff'fffe), runs(0), runs(0xffff'fffe), runs(0x8000'0000), runs(4095), runs(4096)});
    BOOST_CHECK_THROW((void)schedule({runs(0xffff'ffff)}).token(), cppvaldi::usage_error);
}

BOOST_AUTO_TEST_CASE(whatever_the_schedule_its_token_is_read_back) {
    luck lucky(2015);
    for (int round = 0; round < 2'000; ++round) {
        const std::size_t starters = 1 + lucky.below(round % 10 == 0 ? 10'000 : 6);
        std::vector<decision> decisions;
        for (std::size_t left = lucky.below(60); left > 0; --left) {
            const std::size_t run = lucky.once_in(4) ? 1 + lucky.below(40) : 1;
            const decision next =
                lucky.once_in(8) ? gives(lucky.below(lucky.once_in(2) ? 3 : 100'000)) : runs(lucky.below(starters));
            decisions.insert(decisions.end(), run, next);
        }
        check_round_trip(decisions);
    }
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_starters_are_no_matter_in_any_order) {
    constexpr std::size_t many = 100'000;
    std::vector<decision> in_turn;
    std::vector<decision> backwards;
    std::vector<decision> by_luck;
    luck lucky(1);
    for (std::size_t round = 0; round < 3; ++round) {
        for (std::size_t starter = 0; starter < many; ++starter) {
            in_turn.push_back(runs(starter));
            backwards.push_back(runs(many - 1 - starter));
            by_luck.push_back(runs(lucky.below(many)));
        }
    }
    check_round_trip(in_turn);
    check_round_trip(backwards);
    check_round_trip(by_luck);
}

BOOST_AUTO_TEST_CASE(a_token_with_any_character_changed_is_refused) {
    const std::string token =
        schedule({runs(0), runs(1), gives(3), runs(1), runs(2), runs(0), runs(17), runs(0), runs(1)}).token();
    for (std::size_t position = 0; position < token.size(); ++position) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = token;
            changed[position] = static_cast<char>(byte);
            if (changed != token) {
                BOOST_CHECK_THROW((void)schedule::parse(changed), parse_error);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_token_with_two_neighbours_exchanged_is_refused) {
    const std::string token = schedule({runs(0), runs(1), gives(3), runs(1), runs(2), runs(0), runs(17)}).token();
    for (std::size_t position = 4; position + 1 < token.size(); ++position) {
        std::string changed = token;
        std::swap(changed[position], changed[position + 1]);
        if (changed != token) {
            check_refused(changed, damaged);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_token_that_is_cut_off_or_goes_on_is_refused) {
    const std::string token = schedule({runs(0), runs(1), gives(3), runs(1), runs(2), runs(0)}).token();
    for (std::size_t length = 0; length < token.size(); ++length) {
        BOOST_CHECK_THROW((void)schedule::parse(token.substr(0, length)), parse_error);
    }
    check_refused("", "it does not begin with 'cv1_'");
    check_refused("cv", "it does not begin with 'cv1_'");
    check_refused("cv1", "it does not begin with 'cv1_'");
    check_refused("cv1_", "it is too short, the end is missing");
    check_refused("cv1_qaaaa", "it is too short, the end is missing");
    check_refused(token.substr(0, token.size() - 1), damaged);
    check_refused(token + 'a', damaged);
    check_refused(token + ' ', "character " + std::to_string(token.size() + 1) + " is none of a-z and 2-7",
                  token.size() + 1);
}

BOOST_AUTO_TEST_CASE(what_is_no_token_or_of_another_version_is_refused) {
    check_refused("alice:read bob:read", "it does not begin with 'cv1_'");
    check_refused("cvs_abc", "it does not begin with 'cv1_'");
    check_refused("CV1_QABCDE", "it does not begin with 'cv1_'");
    check_refused("cv1_qabcdE", "character 10 is none of a-z and 2-7", 10);
    check_refused("cv1_ q", "character 5 is none of a-z and 2-7", 5);
    check_refused("cv2_qabcde",
                  "it is of version 2, and this library reads version 1; use the library that wrote it, or a "
                  "newer one");
    check_refused("cv10_", "it is of version 10, and this library reads version 1; use the library that wrote it, or a "
                           "newer one");
}

BOOST_AUTO_TEST_CASE(a_token_that_was_made_up_is_refused_though_its_check_fits) {
    check_refused(token_of_bits("00000"), "it ends too early");
    check_refused(token_of_bits(code_of(3) + "0" + code_of(1)), "it ends too early");
    check_refused(token_of_bits(code_of(1'000'000'000'000)), "it ends too early");
    check_refused(token_of_bits(std::string(45, '0') + "1"), "it has a number that is too large");
    check_refused(token_of_bits(code_of(2) + "111" + code_of(0x1'0000'0001)), "it has a number that is too large");
    check_refused(token_of_bits(code_of(2) + "0" + code_of(1) + "00000"), "something follows the last decision");
    check_refused(token_of_bits(code_of(2) + "0" + code_of(2) + "01"), "something follows the last decision");
    check_refused(token_of_bits(code_of(2) + "0" + code_of((1 << 24) + 1)),
                  "it stands for more than 16777216 decisions");
    check_refused(token_of_bits(code_of(3) + "0" + code_of(1 << 24) + "0" + code_of(1)),
                  "it stands for more than 16777216 decisions");
    check_refused(token_of_bits(code_of(2) + "110" + code_of(0xffff'ffff) + code_of(1)),
                  "it chooses a starter that there cannot be");
    check_refused(token_of_bits(code_of(3) + "0" + code_of(1) + "0" + code_of(1)),
                  "it chooses a starter that there cannot be");
}

BOOST_AUTO_TEST_CASE(any_payload_with_a_check_that_fits_is_refused_or_is_the_token_of_what_was_read) {
    luck lucky(99);
    std::size_t read = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = "cv1_";
        for (std::size_t left = 1 + lucky.below(16); left > 0; --left) {
            text += digits[lucky.once_in(4) ? lucky.below(4) : lucky.below(32)];
        }
        const std::string token = with_check(text);
        try {
            const schedule made = schedule::parse(token);
            BOOST_REQUIRE_EQUAL(made.token(), token);
            ++read;
        } catch (const parse_error&) {}
    }
    BOOST_TEST(read > 100U); // so that both ends are tried
}
