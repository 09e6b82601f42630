#include "intercept/program_search.hpp"

#include "explore/progress.hpp"
#include "explore/time_limit.hpp"

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

} // namespace

program_search::program_search(program_vehicle& by, const run_options& options)
    : by_(by), options_(options), most_executions_(options.executions), decides_(options.decides()) {
    if (!options.executions && !options.time) {
        most_executions_ = executions_unless_asked;
    }
}

int program_search::run() {
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
        program_sight seen = by_.run(*decides_, {.tracing = true, .passes_output_on = executions_ + abandoned_ == 0});
        ++(seen.is_new ? executions_ : abandoned_);
        if (!seen.wrong.empty()) {
            found_ = std::move(seen);
        }
        if (line.is_due(clock.spent())) {
            const std::uint64_t run = executions_ + abandoned_;
            line.show({run, clock.spent(), estimate_of(run, decides_->explored()), most_executions_, options_.time});
        }
    }
    line.erase();
    const std::chrono::nanoseconds spent = clock.spent();
    if (found_ && options_.shrink.executions > 0) {
        make_shorter();
    }
    tell(complete, spent);
    return found_ ? 1 : 0;
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
