/// A measurement as tables and as JSON.
///
///     {"version":1,"repetitions":N,"unit":"ns","whole":Q,"segments":[S,...],"shares":[H,...]}
///     Q = {"least":N,"median":N,"most_of_ten":N,"most_of_hundred":N}
///     S = {"starter":T,"from":T,"to":T,"ran":Q,"waited":Q}
///     H = {"starter":T,"switches":N,"ran":Q,"blocked":Q}

#include <cppvaldi/measure.hpp>

#include "reading/plain_text.hpp"

#include <algorithm>
#include <cstddef>
#include <ostream>

namespace cppvaldi {

namespace {

using row = std::vector<std::string>;

/// Lines up columns, numbers to the right: those from `first_number` on.
std::string aligned(const std::vector<row>& rows, std::size_t first_number) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const row& each : rows) {
        for (std::size_t column = 0; column < each.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(each[column]));
        }
    }
    std::string text;
    for (const row& each : rows) {
        std::string line;
        std::size_t begin = 2;
        for (std::size_t column = 0; column < each.size(); ++column) {
            const std::size_t room = column < first_number ? 0 : widths[column] - width_of(each[column]);
            pad_to(line, begin + room);
            line += each[column];
            begin += widths[column] + 2;
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return text;
}

std::string number(std::chrono::nanoseconds time) { return std::to_string(time.count()); }

void append(row& to, const quantiles& shown) {
    to.push_back(number(shown.least));
    to.push_back(number(shown.median));
    to.push_back(number(shown.most_of_ten));
    to.push_back(number(shown.most_of_hundred));
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char each : text) {
        if (each == '"' || each == '\\') {
            result += '\\';
            result += each;
        } else if (static_cast<unsigned char>(each) < 0x20) {
            constexpr std::string_view digits = "0123456789abcdef";
            result += "\\u00";
            result += digits[static_cast<unsigned char>(each) >> 4];
            result += digits[static_cast<unsigned char>(each) & 15];
        } else {
            result += each;
        }
    }
    return result + '"';
}

std::string json_of(const quantiles& shown) {
    return "{\"least\":" + number(shown.least) + ",\"median\":" + number(shown.median) +
           ",\"most_of_ten\":" + number(shown.most_of_ten) + ",\"most_of_hundred\":" + number(shown.most_of_hundred) +
           '}';
}

std::string percent(std::chrono::nanoseconds first, std::chrono::nanoseconds second) {
    return first.count() == 0 ? "-" : std::to_string((second * 100 + first / 2) / first) + '%';
}

/// `alice`, `read`, `written`, and which time these three come up: what a segment is matched by.
struct key {
    std::string starter;
    std::string from;
    std::string to;
    std::size_t before = 0;

    friend bool operator==(const key&, const key&) = default;
};

std::vector<key> keys_of(const measurement& shown) {
    std::vector<key> keys;
    for (const measurement::segment& each : shown.segments) {
        key made{each.starter, each.from, each.to, 0};
        while (std::find(keys.begin(), keys.end(), made) != keys.end()) {
            ++made.before;
        }
        keys.push_back(made);
    }
    return keys;
}

row compared(row names, const quantiles* first, const quantiles* second) {
    names.push_back(first == nullptr ? "-" : number(first->median));
    names.push_back(second == nullptr ? "-" : number(second->median));
    names.push_back(first == nullptr || second == nullptr ? "-" : percent(first->median, second->median));
    return names;
}

} // namespace

std::string measurement::table() const {
    std::vector<row> rows{{"starter", "from", "to", "least", "median", "9 of 10", "99 of 100", "waited"}};
    for (const segment& each : segments) {
        row line{on_one_line(each.starter), on_one_line(each.from), on_one_line(each.to)};
        append(line, each.ran);
        line.push_back(number(each.waited.median));
        rows.push_back(std::move(line));
    }
    std::vector<row> sums{{"starter", "switches", "least", "median", "9 of 10", "99 of 100", "blocked"}};
    for (const share& each : shares) {
        row line{on_one_line(each.starter), std::to_string(each.switches)};
        append(line, each.ran);
        line.push_back(number(each.blocked.median));
        sums.push_back(std::move(line));
    }
    row all{"together", ""};
    append(all, whole);
    all.push_back("");
    sums.push_back(std::move(all));
    return std::to_string(repetitions) + (repetitions == 1 ? " repetition" : " repetitions") +
           ", times in nanoseconds; what was waited and blocked is the median\n" + aligned(rows, 3) + aligned(sums, 1);
}

std::string measurement::json() const {
    std::string text = "{\"version\":1,\"repetitions\":" + std::to_string(repetitions) +
                       ",\"unit\":\"ns\",\"whole\":" + json_of(whole) + ",\"segments\":[";
    for (std::size_t position = 0; position < segments.size(); ++position) {
        const segment& each = segments[position];
        text += (position == 0 ? "" : ",");
        text += "{\"starter\":" + quoted(each.starter) + ",\"from\":" + quoted(each.from) +
                ",\"to\":" + quoted(each.to) + ",\"ran\":" + json_of(each.ran) + ",\"waited\":" + json_of(each.waited) +
                '}';
    }
    text += "],\"shares\":[";
    for (std::size_t position = 0; position < shares.size(); ++position) {
        const share& each = shares[position];
        text += (position == 0 ? "" : ",");
        text += "{\"starter\":" + quoted(each.starter) + ",\"switches\":" + std::to_string(each.switches) +
                ",\"ran\":" + json_of(each.ran) + ",\"blocked\":" + json_of(each.blocked) + '}';
    }
    return text + "]}";
}

std::ostream& operator<<(std::ostream& out, const measurement& shown) { return out << shown.table(); }

std::string comparison(const measurement& first, const measurement& second) {
    const std::vector<key> theirs = keys_of(second);
    std::vector<bool> matched(theirs.size());
    std::vector<row> rows{{"starter", "from", "to", "first", "second", "ratio"}};
    std::size_t position = 0;
    for (const key& mine : keys_of(first)) {
        const auto at = static_cast<std::size_t>(std::find(theirs.begin(), theirs.end(), mine) - theirs.begin());
        const bool both = at < theirs.size();
        if (both) {
            matched[at] = true;
        }
        rows.push_back(compared({on_one_line(mine.starter), on_one_line(mine.from), on_one_line(mine.to)},
                                &first.segments[position++].ran, both ? &second.segments[at].ran : nullptr));
    }
    for (std::size_t at = 0; at < theirs.size(); ++at) {
        if (!matched[at]) {
            rows.push_back(
                compared({on_one_line(theirs[at].starter), on_one_line(theirs[at].from), on_one_line(theirs[at].to)},
                         nullptr, &second.segments[at].ran));
        }
    }
    rows.push_back(compared({"together", "", ""}, &first.whole, &second.whole));
    return "medians in nanoseconds\n" + aligned(rows, 3);
}

} // namespace cppvaldi
