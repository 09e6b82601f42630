/// A schedule as a file, for people to read, keep and edit.
///
///     file    = "cppvaldi schedule 1" end { line end }
///     line    = "" | comment | "go " number [ " " step ] | "value " number
///     comment = "#" and anything
///     number  = decimal, below 2^32 - 16: a starter's id, by birth, or the value that a `choose` gives
///     step    = what the decision led to, `alice: checkpoint read`, control characters written as `\n` or `\x1b`
///     end     = a line feed, or a carriage return and a line feed; the last may be missing
///
/// Blanks at the beginning and the end of a line, and further ones between its words, do not matter. A replay compares the step, if
/// there is one, with what happens now; a tolerant one goes by the step rather than by the number.
///
/// Worked example, two withdrawals of which one is lost:
///
///     cppvaldi schedule 1
///     # failed requirement: nobody's withdrawal is lost
///     go 1 alice: checkpoint read
///     go 2 bob: checkpoint read
///     value 1

#include <cppvaldi/schedule.hpp>

#include "reading/plain_text.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

namespace cppvaldi {

namespace {

constexpr std::string_view first_line = "cppvaldi schedule 1";
constexpr std::string_view first_words = "cppvaldi schedule ";
constexpr std::uint32_t most_number = 0xffff'ffef;

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    const std::size_t end = text.find_last_not_of(blanks) + 1;
    return text.substr(begin, end > begin ? end - begin : 0);
}

/// Takes the first word off `rest`.
std::string_view take_word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find_first_of(blanks), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest = trimmed(rest.substr(end));
    return word;
}

std::optional<std::uint32_t> number_of(std::string_view word) {
    std::uint32_t number = 0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool is_number = problem == std::errc() && end == word.data() + word.size() && number <= most_number;
    return is_number ? std::optional(number) : std::nullopt;
}

class file_reader {
public:
    explicit file_reader(std::string_view text) : left_(text) {}

    void read_first_line() {
        const std::string_view line = next_line();
        if (line != first_line) {
            refuse(line.starts_with(first_words) ? "it is of version " + on_one_line(line.substr(first_words.size())) +
                                                       ", and this library reads version 1; use a newer one"
                                                 : "its first line is not '" + std::string(first_line) + "'");
        }
    }

    void read_lines(std::vector<decision>& decisions, std::vector<std::string>& steps) {
        bool any_step = false;
        while (!left_.empty()) {
            std::string_view line = next_line();
            if (line.empty() || line.front() == '#') {
                continue;
            }
            const std::string_view word = take_word(line);
            if (word != "go" && word != "value") {
                refuse("'" + on_one_line(word) + "' is neither 'go' nor 'value' nor a comment, which begins with '#'");
            }
            const std::string_view digits = take_word(line);
            const std::optional<std::uint32_t> number = number_of(digits);
            if (!number) {
                refuse("after '" + std::string(word) + "' comes a number, and not '" + on_one_line(digits) + "'");
            }
            const bool is_value = word == "value";
            if (is_value && !line.empty()) {
                refuse("after the value comes '" + on_one_line(line) + "', where the line should end");
            }
            decisions.push_back({is_value ? decision::kind::value : decision::kind::starter, *number});
            steps.emplace_back(line);
            any_step = any_step || !line.empty();
        }
        if (!any_step) {
            steps.clear();
        }
    }

private:
    std::string_view next_line() {
        ++line_;
        const std::size_t end = left_.find('\n');
        const std::string_view line = left_.substr(0, end);
        left_ = end == std::string_view::npos ? std::string_view() : left_.substr(end + 1);
        return trimmed(line);
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw parse_error("line " + std::to_string(line_) + " of a schedule: " + why, {.line = line_, .column = 1});
    }

    std::string_view left_;
    std::size_t line_ = 0;
};

} // namespace

std::string schedule::text() const {
    std::string made = std::string(first_line) + '\n';
    for (std::size_t position = 0; position < decisions_.size(); ++position) {
        const decision& taken = decisions_[position];
        made += (taken.what == decision::kind::value ? "value " : "go ") + std::to_string(taken.chosen);
        if (!steps_.empty() && !steps_[position].empty()) {
            made += ' ' + on_one_line(steps_[position]);
        }
        made += '\n';
    }
    return made;
}

schedule schedule::parse(std::string_view text) {
    return text.starts_with(first_words.substr(0, first_words.find(' '))) ? parse_file(text) : parse_token(text);
}

schedule schedule::parse_file(std::string_view text) {
    file_reader in(text);
    in.read_first_line();
    std::vector<decision> decisions;
    std::vector<std::string> steps;
    in.read_lines(decisions, steps);
    return schedule(std::move(decisions), std::move(steps));
}

} // namespace cppvaldi
