#include "reading/tracing.hpp"

#include <algorithm>
#include <ostream>
#include <string_view>

namespace cppvaldi {

namespace {

std::string value_text(const step& noted) {
    switch (noted.format) {
    case value_format::boolean: return noted.number != 0 ? " = true" : " = false";
    case value_format::signed_number: return " = " + std::to_string(noted.number);
    case value_format::unsigned_number: return " = " + std::to_string(static_cast<std::uint64_t>(noted.number));
    case value_format::none:
    case value_format::opaque: break;
    }
    return "";
}

std::string text_of(const execution& shown, const step& noted) {
    switch (noted.event) {
    case step::what::began: return "started";
    case step::what::reached: return std::string(shown.labels().text(noted.label)) + value_text(noted);
    case step::what::did:
        if (noted.kind == operation_kind::wait) {
            return "goes on, " + shown.object_text(noted.object) + " has changed";
        }
        return std::string(to_string(noted.kind)) +
               (noted.object == object_id{} ? "" : ' ' + shown.object_text(noted.object));
    case step::what::blocked:
        return noted.kind == operation_kind::sleep ? "sleeps" : "waits for " + shown.object_text(noted.object);
    case step::what::finished: return "finished";
    case step::what::raised: return "ended by an exception";
    case step::what::paused: return "pause";
    }
    return "";
}

/// A column is as wide as its widest entry, within these bounds; longer entries push the columns after them aside.
constexpr std::size_t narrowest_column = 12;
constexpr std::size_t widest_column = 40;

void pad(std::string& line, std::size_t width) {
    if (line.size() < width) {
        line.append(width - line.size(), ' ');
    }
}

void append_row(std::string& out, const std::string& row) {
    out += row.substr(0, row.find_last_not_of(' ') + 1) + '\n';
}

} // namespace

trace trace_of(const execution& shown) {
    trace made;
    for (std::size_t id = 0; id < shown.starters().size(); ++id) {
        made.starters.emplace_back(shown.name_of(static_cast<starter_id>(id)));
    }
    for (const step& noted : shown.steps()) {
        const std::string_view file = noted.file;
        made.steps.push_back({.what = static_cast<trace::event>(noted.event),
                              .starter = noted.starter == nobody ? 0 : index(noted.starter),
                              .text = text_of(shown, noted),
                              .file = std::string(noted.line == 0 ? file : file.substr(file.rfind('/') + 1)),
                              .line = noted.line});
    }
    return made;
}

std::string trace::timeline() const { return timeline(steps.size()); }

std::string trace::timeline(std::size_t most_steps) const {
    const std::size_t first = steps.size() - std::min(most_steps, steps.size());
    std::vector<std::size_t> widths;
    for (const std::string& name : starters) {
        widths.push_back(std::max(narrowest_column, name.size()));
    }
    for (std::size_t position = first; position < steps.size(); ++position) {
        const step& shown = steps[position];
        if (shown.what != event::paused) {
            widths[shown.starter] = std::max(widths[shown.starter], std::min(widest_column, shown.text.size()));
        }
    }
    std::vector<std::size_t> columns;
    std::size_t column = 9;
    for (std::size_t width : widths) {
        columns.push_back(column);
        column += width + 2;
    }

    std::string out;
    std::string header = "   step";
    for (std::size_t position = 0; position < starters.size(); ++position) {
        pad(header, columns[position]);
        header += starters[position];
    }
    append_row(out, header);
    std::size_t number = 0;
    for (std::size_t position = 0; position < steps.size(); ++position) {
        if (position == first && number > 0) {
            out += "         (" + std::to_string(number) + " earlier steps)\n";
        }
        const step& shown = steps[position];
        if (shown.what == event::paused) {
            continue; // marked on the step before
        }
        ++number;
        if (position < first) {
            continue;
        }
        const bool pause = position + 1 < steps.size() && steps[position + 1].what == event::paused;
        const std::string digits = std::to_string(number);
        std::string row = pause ? "||" : "  ";
        pad(row, digits.size() < 5 ? 7 - digits.size() : 2);
        row += digits;
        pad(row, columns[shown.starter]);
        append_row(out, row + shown.text);
    }
    return out;
}

std::ostream& operator<<(std::ostream& out, const trace& played) { return out << played.timeline(); }

} // namespace cppvaldi
