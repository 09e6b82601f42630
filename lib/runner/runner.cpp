#include <cppvaldi/runner.hpp>

#include "reading/report.hpp"
#include "reading/tracing.hpp"
#include "runner/session.hpp"

#include <string>

namespace cppvaldi {

namespace {

/// Of a longer timeline a test framework's report shows the end.
constexpr std::size_t most_shown_steps = 60;

} // namespace

runner::runner(const execution_options& options) : session_(detail::session::acquire(options)) {}

runner::~runner() { detail::session::release(session_); }

starter runner::start_job(std::string_view name, detail::job_shape shape, detail::job_maker maker) {
    const starter_id id = session_->start(name, shape, maker);
    return {session_, id, std::string(name)};
}

void runner::declare(const order& declared) { session_->declare(declared); }

std::optional<checkpoint_ref> runner::next() { return session_->next(); }

checkpoint_ref runner::run_to(const checkpoint_ref& target) { return session_->run_to(target); }

void runner::finish() { session_->finish(); }

void runner::play(const schedule& recorded, std::size_t last_step) { session_->play(recorded, last_step); }

bool runner::done() const noexcept { return session_->done(); }

schedule runner::played() const {
    const auto decisions = session_->world().decisions();
    return schedule({decisions.begin(), decisions.end()});
}

trace runner::trace_so_far() const { return trace_of(session_->world()); }

std::string runner::status() const { return status_of(session_->world()); }

std::string detail::timelines_of_runners() {
    std::string text;
    for (const session* each = session::latest_in_use(); each != nullptr; each = each->earlier_in_use()) {
        if (!each->world().steps().empty()) {
            text.insert(0, trace_of(each->world()).timeline(most_shown_steps));
        }
    }
    return text;
}

} // namespace cppvaldi
