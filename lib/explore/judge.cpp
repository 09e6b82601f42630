#include "explore/judge.hpp"

#include "reading/race_report.hpp"
#include "reading/report.hpp"
#include "reading/tracing.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/require.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace cppvaldi {

namespace {

finding::kind kind_of(const program_ended& ended) noexcept {
    switch (ended.how()) {
    case program_ended::way::assertion: return finding::kind::assertion;
    case program_ended::way::aborted: return finding::kind::aborted;
    case program_ended::way::exited: return finding::kind::exit_status;
    }
    return finding::kind::exception;
}

/// True if nothing is wrong: the program has said that it is over.
bool is_good_end(const std::exception_ptr& raised) {
    try {
        std::rethrow_exception(raised);
    } catch (const program_ended& problem) {
        return problem.how() == program_ended::way::exited && problem.status() == 0;
    } catch (...) {
        return false;
    }
}

/// Sorts an exception that ended an execution. Its text is cut to the first line.
void sort(verdict& found, std::exception_ptr raised) {
    found.exception = raised;
    const auto take = [&](finding::kind what, const std::string& text) {
        found.what = what;
        found.message = text.substr(0, text.find('\n'));
    };
    try {
        std::rethrow_exception(std::move(raised));
    } catch (const divergence& problem) {
        take(finding::kind::divergence, problem.what());
    } catch (const step_limit_reached& problem) {
        take(finding::kind::step_limit, problem.what());
    } catch (const requirement_failed& problem) {
        take(problem.is_invariant() ? finding::kind::invariant : finding::kind::requirement, problem.what());
    } catch (const test_check_failed& problem) {
        take(finding::kind::check, problem.what());
    } catch (const data_race& problem) {
        take(finding::kind::data_race, problem.what());
    } catch (const program_ended& problem) {
        take(kind_of(problem), problem.what());
    } catch (const freed_memory_used& problem) {
        take(finding::kind::freed_memory, problem.what());
    } catch (const usage_error& problem) {
        take(finding::kind::misuse, problem.what());
    } catch (const std::exception& problem) {
        take(finding::kind::exception, problem.what());
    } catch (...) {
        take(finding::kind::exception, "of a type that is not a std::exception");
    }
}

} // namespace

std::optional<verdict> judge(execution& world, execution::outcome outcome) {
    verdict found;
    switch (outcome) {
    case execution::outcome::all_finished: return std::nullopt;
    case execution::outcome::raised:
        sort(found, world.take_exception());
        if (found.what == finding::kind::exit_status && is_good_end(found.exception)) {
            return std::nullopt;
        }
        break;
    case execution::outcome::held:
        found.what = finding::kind::misuse;
        found.message = "the strategy handed control back before the end; under explore there is nobody to take it";
        break;
    case execution::outcome::stuck:
    case execution::outcome::deadlocked:
        found.what = finding::kind::deadlock;
        found.message = deadlock_of(world);
        break;
    case execution::outcome::livelocked:
        found.what = finding::kind::livelock;
        found.message =
            "the starters that can run go round in circles, for thousands of steps none has changed anything";
        break;
    case execution::outcome::out_of_steps:
        found.what = finding::kind::step_limit;
        found.message = std::to_string(world.options().step_limit) +
                        " steps, and no starter began or ended meanwhile; if that is not a loop without end, raise "
                        "execution_options::step_limit";
        break;
    }
    return found;
}

finding describe(const execution& world, const verdict& judged) {
    finding found;
    found.what = judged.what;
    found.message = judged.message;
    found.exception = judged.exception;
    found.race = judged.what == finding::kind::data_race ? race_of(world) : "";
    found.status = status_of(world);
    found.played = schedule_of(world);
    found.shown = trace_of(world);
    return found;
}

schedule schedule_of(const execution& world, std::size_t count) {
    const std::span<const decision> taken = world.decisions();
    return schedule({taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(std::min(count, taken.size()))});
}

} // namespace cppvaldi
