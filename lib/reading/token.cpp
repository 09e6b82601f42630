/// A schedule as one word.
///
///     token    = "cv1_" payload check
///     payload  = { digit }                          the bits below, five to a digit, the last digit filled up with zeros
///     check    = digit digit digit digit digit      25 bits of CRC-32C over the bytes of "cv1_" payload
///     digit    = one of "abcdefghijklmnopqrstuvwxyz234567", worth 0 to 31
///
///     bits     = gamma(number of items + 1) { item }
///     item     = "0" gamma(run)                     the starter of rank 1 runs for `run` decisions
///              | "10" gamma(run)                    the starter of rank 2
///              | "110" gamma(rank - 2) gamma(run)   the starter of a rank from 3 on
///              | "111" gamma(value + 1)             a `choose` gives `value`
///     gamma(n) = Elias' gamma code of n >= 1: as many zeros as n has binary digits after the first, then n in binary
///
/// Ranks come from a list of all starters, at first by id: 0, 1, 2, ... Whoever is chosen moves to rank 0. So a starter never has
/// rank 0 when a new run of it begins, but for the very first item of a schedule and after a value, where staying is possible: to
/// keep one code for all, the list begins with a placeholder at rank 0, and a value puts the placeholder back to rank 0.
///
/// Worked example: alice (0) makes two steps, bob (1) one, alice one. Items: rank 1 run 2; rank 2 run 1, since bob stands behind
/// alice and the placeholder; rank 1 run 1. Bits: gamma(4) = 00100, "0" 010, "10" 1, "0" 1: 00100 00101 01010, the digits "efk",
/// and with the check the token cv1_efkeq736.
///
/// Two starters that alternate cost two or three bits a decision, one that runs alone a logarithm.

#include <cppvaldi/schedule.hpp>

#include "reading/recency_list.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <bit>
#include <ostream>

namespace cppvaldi {

namespace {

constexpr std::string_view version = "cv1_";
constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t check_digits = 5;

/// A run takes a few bits however long it is. So that a short word cannot ask for all the memory, a token that stands for more
/// decisions than this is refused; it is more than the default step limit.
constexpr std::size_t most_decisions = std::size_t{1} << 24;

std::uint32_t crc32c(std::string_view text) noexcept {
    std::uint32_t crc = ~std::uint32_t{0};
    for (char character : text) {
        crc ^= static_cast<unsigned char>(character);
        for (int bit = 0; bit < 8; ++bit) {
            crc = crc >> 1 ^ (0x82f6'3b78U & (0U - (crc & 1U)));
        }
    }
    return ~crc;
}

std::string check_of(std::string_view text) {
    std::uint32_t crc = crc32c(text);
    std::string check;
    for (std::size_t position = 0; position < check_digits; ++position, crc >>= 5) {
        check += digits[crc & 31];
    }
    return check;
}

class bit_writer {
public:
    void bits(std::string_view zeros_and_ones) {
        for (char bit : zeros_and_ones) {
            push(bit == '1');
        }
    }

    void gamma(std::uint64_t number) {
        const int length = std::bit_width(number);
        for (int zero = 1; zero < length; ++zero) {
            push(false);
        }
        for (int position = length - 1; position >= 0; --position) {
            push((number >> position & 1) != 0);
        }
    }

    [[nodiscard]] std::string finished() {
        while (filled_ != 0) {
            push(false);
        }
        return text_;
    }

private:
    void push(bool bit) {
        digit_ = digit_ * 2 + (bit ? 1U : 0U);
        if (++filled_ == 5) {
            text_ += digits[digit_];
            digit_ = 0;
            filled_ = 0;
        }
    }

    std::string text_;
    unsigned digit_ = 0;
    int filled_ = 0;
};

[[noreturn]] void refuse(const std::string& why, std::size_t column = 1) {
    throw parse_error("this is not a token: " + why, {.line = 1, .column = column});
}

/// Refuses what is not of this version, and says whether it is of another.
void expect_version(std::string_view token) {
    if (token.starts_with(version)) {
        return;
    }
    const std::size_t end = token.find('_');
    const std::string_view number = end == std::string_view::npos || end < 3 ? "" : token.substr(2, end - 2);
    if (token.starts_with("cv") && !number.empty() &&
        number.find_first_not_of("0123456789") == std::string_view::npos) {
        refuse("it is of version " + std::string(number) +
               ", and this library reads version 1; use the library that wrote it, or a newer one");
    }
    refuse("it does not begin with 'cv1_'");
}

class bit_reader {
public:
    explicit bit_reader(std::string_view text) noexcept : text_(text) {}

    [[nodiscard]] bool next() {
        if (position_ == 5 * text_.size()) {
            refuse("it ends too early");
        }
        const std::size_t value = digits.find(text_[position_ / 5]);
        const bool bit = (value >> (4 - position_ % 5) & 1) != 0;
        ++position_;
        return bit;
    }

    [[nodiscard]] std::uint64_t gamma() {
        int zeros = 0;
        while (!next()) {
            if (++zeros > 40) {
                refuse("it has a number that is too large");
            }
        }
        std::uint64_t number = 1;
        for (; zeros > 0; --zeros) {
            number = number * 2 + (next() ? 1 : 0);
        }
        return number;
    }

    void expect_end() {
        const std::size_t left = 5 * text_.size() - position_;
        bool zeros = left < 5;
        for (std::size_t bit = 0; bit < left && zeros; ++bit) {
            zeros = !next();
        }
        if (!zeros) {
            refuse("something follows the last decision");
        }
    }

private:
    std::string_view text_;
    std::size_t position_ = 0;
};

/// Returns the rank that an item begins with, or 0 if it is the item of a value.
std::uint64_t rank_in(bit_reader& in) {
    if (!in.next()) {
        return 1;
    }
    if (!in.next()) {
        return 2;
    }
    return in.next() ? 0 : 2 + in.gamma();
}

std::uint32_t number_in(bit_reader& in) {
    const std::uint64_t number = in.gamma() - 1;
    if (number > 0xffff'ffff) {
        refuse("it has a number that is too large");
    }
    return static_cast<std::uint32_t>(number);
}

struct item {
    decision what;
    std::uint64_t run = 1;
};

std::vector<item> items_of(const std::vector<decision>& decisions) {
    std::vector<item> items;
    for (const decision& next : decisions) {
        if (!items.empty() && items.back().what == next && next.what == decision::kind::starter) {
            ++items.back().run;
        } else {
            items.push_back({next});
        }
    }
    return items;
}

} // namespace

std::string schedule::token() const {
    const std::vector<item> items = items_of(decisions_);
    bit_writer out;
    recency_list ranks;
    out.gamma(items.size() + 1);
    for (const item& each : items) {
        if (each.what.what == decision::kind::value) {
            out.bits("111");
            out.gamma(std::uint64_t{each.what.chosen} + 1);
            ranks.to_front(recency_list::placeholder);
            continue;
        }
        if (each.what.chosen == recency_list::placeholder) {
            throw usage_error("schedule::token: a decision for `nobody` is none; leave it out");
        }
        const std::uint64_t rank = ranks.rank_of(each.what.chosen);
        out.bits(rank == 1 ? "0" : rank == 2 ? "10" : "110");
        if (rank > 2) {
            out.gamma(rank - 2);
        }
        out.gamma(each.run);
        ranks.to_front(each.what.chosen);
    }
    const std::string text = std::string(version) + out.finished();
    return text + check_of(text);
}

schedule schedule::parse_token(std::string_view token) {
    expect_version(token);
    const std::size_t bad = token.substr(version.size()).find_first_not_of(digits);
    if (bad != std::string_view::npos) {
        const std::size_t column = version.size() + bad + 1;
        refuse("character " + std::to_string(column) + " is none of a-z and 2-7", column);
    }
    if (token.size() < version.size() + check_digits + 1) {
        refuse("it is too short, the end is missing");
    }
    const std::string_view text = token.substr(0, token.size() - check_digits);
    if (check_of(text) != token.substr(text.size())) {
        refuse("its checksum does not fit, so it is damaged or cut off");
    }
    bit_reader in(text.substr(version.size()));
    recency_list ranks;
    std::vector<decision> decisions;
    for (std::uint64_t left = in.gamma() - 1; left > 0; --left) {
        const std::uint64_t rank = rank_in(in);
        if (rank == 0) {
            decisions.push_back({decision::kind::value, number_in(in)});
            ranks.to_front(recency_list::placeholder);
            continue;
        }
        const std::uint64_t run = in.gamma();
        if (run > most_decisions - std::min(decisions.size(), most_decisions)) {
            refuse("it stands for more than " + std::to_string(most_decisions) + " decisions");
        }
        const std::uint64_t starter = ranks.at(rank);
        if (starter >= recency_list::placeholder) {
            refuse("it chooses a starter that there cannot be");
        }
        ranks.to_front(static_cast<std::uint32_t>(starter));
        decisions.insert(decisions.end(), run, decision{decision::kind::starter, static_cast<std::uint32_t>(starter)});
    }
    in.expect_end();
    return schedule(std::move(decisions));
}

std::ostream& operator<<(std::ostream& out, const schedule& played) { return out << played.token(); }

} // namespace cppvaldi
