/// The timeline of a trace.
///
///        step  alice         bob
///           1  started
///     ||    2  read = 100
///           3                started
///     ||                     (at read)
///
/// A row that begins with `||` is where the caller had the state of the world to itself: on the row of the step that led there, or
/// on a row of its own if the starter had got there earlier. More starters than `most_columns` get a column only if they made one
/// of the steps that are shown; if those are still more, each row names its starter instead.

#include <cppvaldi/trace.hpp>

#include "reading/palette.hpp"
#include "reading/plain_text.hpp"

#include <algorithm>
#include <ostream>

namespace cppvaldi {

namespace {

/// A column is as wide as its widest entry, within these bounds; longer entries push nothing aside, since a row has only one.
constexpr std::size_t narrowest_column = 12;
constexpr std::size_t widest_column = 40;
constexpr std::size_t most_columns = 8;
constexpr std::size_t first_column = 9;

/// A digest shows so many at the beginning and at the end of a row of steps by one starter.
constexpr std::size_t most_in_a_row = 3;

/// Returns for each step whether a digest shows it.
std::vector<bool> digest_of(const trace& of) {
    std::vector<bool> shown(of.steps.size());
    std::vector<std::size_t> row; // positions of steps that matter, of one starter
    const auto end_row = [&] {
        for (std::size_t position = most_in_a_row; position + most_in_a_row < row.size(); ++position) {
            shown[row[position]] = row.size() == 2 * most_in_a_row + 1; // a remark would take as much room
        }
        row.clear();
    };
    for (std::size_t position = 0; position < of.steps.size(); ++position) {
        if (!of.steps[position].matters) {
            continue;
        }
        if (!row.empty() && of.steps[row.back()].starter != of.steps[position].starter) {
            end_row();
        }
        shown[position] = true;
        row.push_back(position);
    }
    end_row();
    return shown;
}

class drawing {
public:
    /// Draws the last `most_steps` of those that are `shown`.
    drawing(const trace& drawn, std::vector<bool> shown, std::size_t most_steps, colours how);
    [[nodiscard]] std::string text();

private:
    [[nodiscard]] bool pause_follows(std::size_t position) const;
    void choose_columns();
    void header();
    void row(bool paused, const std::string& number, std::uint32_t starter, std::string_view entry);
    void finish_row(const std::string& line);

    const trace& drawn_;
    std::vector<bool> shown_;
    palette paint_;
    std::size_t first_ = 0;   ///< position of the first step that is shown
    std::size_t earlier_ = 0; ///< how many steps come before it
    bool named_rows_ = false;
    std::size_t without_column_ = 0;
    std::vector<std::size_t> columns_; ///< where each starter's begins; 0 if it has none
    std::string out_;
};

drawing::drawing(const trace& drawn, std::vector<bool> shown, std::size_t most_steps, colours how)
    : drawn_(drawn), shown_(std::move(shown)), paint_(how) {
    const auto is_step = [&](std::size_t position) { return drawn_.steps[position].what != trace::event::paused; };
    std::size_t steps = 0;
    for (std::size_t position = 0; position < drawn_.steps.size(); ++position) {
        steps += shown_[position] && is_step(position) ? 1 : 0;
    }
    for (; steps > most_steps; ++first_) {
        earlier_ += is_step(first_) ? 1 : 0;
        steps -= shown_[first_] && is_step(first_) ? 1 : 0;
    }
    while (earlier_ > 0 && first_ < drawn_.steps.size() && !is_step(first_)) {
        ++first_; // pauses at a step that is not shown
    }
    choose_columns();
}

void drawing::choose_columns() {
    const std::vector<std::string>& names = drawn_.starters;
    std::vector<bool> has_column(names.size(), names.size() <= most_columns);
    std::vector<std::size_t> widths(names.size(), narrowest_column);
    for (std::size_t position = first_; position < drawn_.steps.size(); ++position) {
        if (!shown_[position]) {
            continue;
        }
        const trace::step& shown = drawn_.steps[position];
        has_column[shown.starter] = true;
        widths[shown.starter] =
            std::max(widths[shown.starter], std::min(widest_column, width_of(on_one_line(shown.text))));
    }
    const auto with_column = static_cast<std::size_t>(std::count(has_column.begin(), has_column.end(), true));
    named_rows_ = with_column > most_columns;
    without_column_ = names.size() - with_column;
    columns_.assign(names.size(), named_rows_ ? first_column : 0);
    std::size_t column = first_column;
    for (std::size_t starter = 0; starter < names.size() && !named_rows_; ++starter) {
        if (has_column[starter]) {
            columns_[starter] = column;
            column += std::max(widths[starter], width_of(on_one_line(names[starter]))) + 2;
        }
    }
}

std::string drawing::text() {
    header();
    std::size_t number = earlier_;
    std::size_t left_out = 0; // since the last row
    for (std::size_t position = first_; position < drawn_.steps.size(); ++position) {
        const trace::step& shown = drawn_.steps[position];
        if (!shown_[position]) {
            number += shown.what != trace::event::paused ? 1 : 0;
            left_out += shown.matters ? 1 : 0;
            continue;
        }
        if (left_out > 0) {
            row(false, "", shown.starter, "(" + std::to_string(left_out) + " more)");
            left_out = 0;
        }
        if (shown.what != trace::event::paused) {
            row(pause_follows(position), std::to_string(++number), shown.starter, shown.text);
        } else if (position == 0 || !pause_follows(position - 1)) {
            row(true, "", shown.starter, "(at " + shown.text + ")");
        }
    }
    return std::move(out_);
}

/// Says whether the caller had control after this step, where the step's own starter had got to.
bool drawing::pause_follows(std::size_t position) const {
    return drawn_.steps[position].what != trace::event::paused && position + 1 < drawn_.steps.size() &&
           drawn_.steps[position + 1].what == trace::event::paused &&
           drawn_.steps[position + 1].starter == drawn_.steps[position].starter;
}

void drawing::header() {
    std::string line = "   step";
    if (named_rows_) {
        line += "  starter: what it did";
    }
    std::size_t width = width_of(line);
    for (std::size_t starter = 0; starter < drawn_.starters.size() && !named_rows_; ++starter) {
        if (columns_[starter] != 0) {
            const std::string name = on_one_line(drawn_.starters[starter]);
            line += std::string(columns_[starter] - width, ' ') + paint_.of_starter(starter, name);
            width = columns_[starter] + width_of(name);
        }
    }
    finish_row(line);
    if (without_column_ > 0) {
        finish_row("         (" + std::to_string(without_column_) + " more starters, who made none of these steps)");
    }
    if (earlier_ > 0) {
        finish_row("         (" + std::to_string(earlier_) + " earlier steps)");
    }
    std::size_t unnoticed = 0;
    for (std::size_t position = first_; position < drawn_.steps.size(); ++position) {
        unnoticed += !shown_[position] && !drawn_.steps[position].matters ? 1 : 0;
    }
    if (unnoticed > 0) {
        finish_row("         (without " + std::to_string(unnoticed) +
                   (unnoticed == 1 ? " step that makes" : " steps that make") + " no difference to others)");
    }
}

void drawing::row(bool paused, const std::string& number, std::uint32_t starter, std::string_view entry) {
    std::string line = paused ? "||" : "  ";
    pad_to(line, number.size() < 5 ? first_column - 2 - number.size() : 2);
    line += number;
    pad_to(line, std::max(columns_[starter], width_of(line) + 2));
    std::string text = on_one_line(entry);
    text.erase(text.find_last_not_of(' ') + 1);
    finish_row(line +
               paint_.of_starter(starter, (named_rows_ ? on_one_line(drawn_.starters[starter]) + ": " : "") + text));
}

void drawing::finish_row(const std::string& line) { out_ += line.substr(0, line.find_last_not_of(' ') + 1) + '\n'; }

} // namespace

std::string trace::timeline() const { return timeline(steps.size()); }

std::string trace::timeline(std::size_t most_steps, colours how) const {
    return drawing(*this, std::vector<bool>(steps.size(), true), most_steps, how).text();
}

std::string trace::digest(std::size_t most_steps, colours how) const {
    return drawing(*this, digest_of(*this), most_steps, how).text();
}

order trace::checkpoints() const {
    order reached;
    for (const step& each : steps) {
        if (each.what == event::reached) {
            reached.push_back({starters[each.starter], each.checkpoint});
        } else if (each.what == event::finished && each.starter != 0) {
            reached.push_back({starters[each.starter], "finished"});
        }
    }
    return reached;
}

std::ostream& operator<<(std::ostream& out, const trace& played) {
    return out << played.timeline(played.steps.size(), colours_for(out));
}

} // namespace cppvaldi
