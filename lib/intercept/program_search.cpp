#include "intercept/program_search.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace cppvaldi::intercept {

namespace {

constexpr std::uint64_t executions_unless_asked = 1'000;

/// The executions of a program, whose findings are told apart by the first line of their report.
class program_trial final : public shrink_trial {
public:
    program_trial(program_vehicle& by, std::string wanted) : by_(by), wanted_(std::move(wanted)) {}

    void run(strategy& decides) override { seen_ = by_.run(decides, {.tracing = false}); }
    bool shows_it() override { return seen_.wrong == wanted_; }
    schedule played(std::size_t count) override {
        const std::vector<decision>& all = seen_.played.decisions();
        return schedule({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()))});
    }

private:
    program_vehicle& by_;
    std::string wanted_;
    program_sight seen_;
};

/// Looks on while a schedule is played again.
class looking_strategy final : public strategy {
public:
    explicit looking_strategy(strategy& answers) noexcept : answers_(answers) {}

    [[nodiscard]] bool plays_one_schedule() const noexcept override { return answers_.plays_one_schedule(); }
    [[nodiscard]] strategy_needs needs() const override { return answers_.needs(); }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        const starter_id answer = answers_.next(point);
        hash_.add(point, answer);
        return answer;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override {
        const std::uint32_t answer = answers_.value(point);
        hash_.add(point, answer);
        return answer;
    }

    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_.value(); }

private:
    strategy& answers_;
    sight_hash hash_;
};

} // namespace

program_search::program_search(program_vehicle& by, const run_options& options)
    : by_(by), options_(options), most_executions_(options.executions), decides_(options.decides()) {
    if (!options.executions && !options.time) {
        most_executions_ = executions_unless_asked;
    }
}

int program_search::run(restored_program* ahead) {
    const time_limit clock(options_.time);
    progress_line line(std::cerr, errors_go_to_terminal());
    bool complete = false;
    while (!found_) {
        complete = !decides_->begin_execution();
        if (complete || (executions_ + abandoned_ > 0 && is_over(clock.spent()))) {
            break;
        }
        if (decides_->begins_anew()) {
            abandoned_ += std::exchange(executions_, 0);
        }
        if (ahead != nullptr && executions_ + abandoned_ > 0) {
            run_ahead(*ahead, clock, line);
            complete = ahead->record().at() == run_record::stage::complete;
            break;
        }
        program_sight seen = by_.run(*decides_, {.tracing = true, .passes_output_on = executions_ + abandoned_ == 0});
        ++(seen.is_new ? executions_ : abandoned_);
        if (!seen.wrong.empty()) {
            found_ = std::move(seen);
        }
        show(clock, line, decides_->explored());
    }
    line.erase();
    const std::chrono::nanoseconds spent = clock.spent();
    if (found_ && options_.shrink.executions > 0) {
        make_shorter();
    }
    tell(complete, spent);
    return found_ ? 1 : 0;
}

void program_search::show(const time_limit& clock, progress_line& line, std::uint64_t explored) const {
    if (line.is_due(clock.spent())) {
        const std::uint64_t run = executions_ + abandoned_;
        line.show({run, clock.spent(), estimate_of(run, explored), most_executions_, options_.time});
    }
}

void program_search::run_ahead(restored_program& ahead, const time_limit& clock, progress_line& line) {
    std::optional<std::chrono::nanoseconds> time_left;
    if (options_.time) {
        time_left = std::max(*options_.time - clock.spent(), std::chrono::nanoseconds(1));
    }
    const auto count = [this](const run_record& so_far) {
        executions_ = so_far.begun() - so_far.abandoned();
        abandoned_ = so_far.abandoned();
    };
    ahead.run({.executions = most_executions_, .time = time_left}, [&](const run_record& so_far) {
        count(so_far);
        show(clock, line, so_far.explored());
    });
    count(ahead.record());
    look_at_last_of(ahead.record());
}

/// What is found in memory that was put back is believed only if it is seen without that, and that nothing was found only if the
/// last execution went the same way.
void program_search::look_at_last_of(const run_record& record) {
    const std::unique_ptr<strategy> again = make_strategy(replay{record.decisions()});
    (void)again->begin_execution();
    looking_strategy looking(*again);
    program_sight seen = by_.run(looking, {});
    const bool has_found = record.at() == run_record::stage::found || record.at() == run_record::stage::running;
    const bool has_ended = record.at() != run_record::stage::running;
    if (seen.wrong.empty() == has_found || (has_ended && looking.hash() != record.hash())) {
        throw usage_error("--mode snapshot: execution " + text_of(record.begun()) +
                          " does not go the same way in a process of its own: the program depends on something that is "
                          "not put back, files say; use --mode fork");
    }
    if (has_found) {
        found_ = std::move(seen);
    }
}

bool program_search::is_over(std::chrono::nanoseconds spent) const {
    return (most_executions_ && executions_ + abandoned_ >= *most_executions_) ||
           (options_.time && spent >= *options_.time);
}

void program_search::make_shorter() {
    program_trial trying(by_, found_->wrong);
    if (const std::optional<shrunk> shortest = shrink(trying, found_->played, options_.shrink)) {
        const std::unique_ptr<strategy> again = make_strategy(replay{shortest->played});
        (void)again->begin_execution();
        program_sight seen = by_.run(*again, {.tracing = true, .shorter = &*shortest});
        if (seen.wrong == found_->wrong) {
            found_ = std::move(seen);
            return;
        }
    }
    found_->report += "it is not seen again under the same decisions: the program depends on something that is not a "
                      "decision, time, addresses or files say\n";
}

void program_search::tell(bool complete, std::chrono::nanoseconds spent) const {
    std::ostringstream told;
    if (found_) {
        told << found_->report;
        const std::string printed = by_.printed();
        told << (printed.empty() ? "" : "what the program printed:\n") << printed;
    }
    told << "cppvaldi: ";
    if (found_) {
        told << "found in execution " << text_of(executions_ + abandoned_);
    } else {
        const bool by_class = options_.strategies.size() == 1 && decides_->needs().results;
        told << (complete ? "complete: " : "") << text_of(executions_) << (by_class ? " class" : " execution")
             << (executions_ == 1 ? ""
                 : by_class       ? "es"
                                  : "s")
             << ", nothing found";
    }
    told << ", " << text_of(spent) << '\n';
    std::cerr << told.str();
    if (!options_.report.empty()) {
        std::ofstream(options_.report) << told.str();
    }
}

} // namespace cppvaldi::intercept
