/// What an execution tells its race detector, and what becomes of a race.

#include "kernel/execution.hpp"

#include <cppvaldi/errors.hpp>

#include <exception>
#include <string>
#include <utility>

namespace cppvaldi {

namespace {

/// Returns the two accesses in the order of their starters, whichever came first: it is the same race in another interleaving.
std::string race_text(const execution& in, const race& shown) {
    const auto text_of = [&](const plain_access& each) {
        return std::string(in.name_of(each.by)) + (each.writes ? " writes " : " reads ") + in.object_text(shown.on) +
               (each.where.known() ? " at " + each.where.text() : "");
    };
    const plain_access* first = &shown.earlier;
    const plain_access* second = &shown.later;
    if (second->by < first->by) {
        std::swap(first, second);
    }
    return text_of(*first) + ", " + text_of(*second) + ", and nothing orders the two";
}

} // namespace

void execution::order_watched(clock_step how, object_id through) {
    if (!unwinding_ && !looking_ && running_ != nobody) {
        races_.take(how, running_, through);
    }
}

void execution::order_after_end(starter_id ended) {
    if (races_.watching() && !unwinding_ && !looking_ && running_ != nobody) {
        races_.join(running_, ended);
    }
}

bool execution::watch_races() {
    if (races_.is_due()) {
        races_.watch(starters_.size());
        noted_elsewhere_ = &unread_;
    }
    return races_.watching();
}

void execution::report_race(const race& seen) noexcept {
    races_.report(seen);
    fault(std::make_exception_ptr(data_race(race_text(*this, seen))));
}

/// Returns `noted`, where the value is to be written, unless others have run meanwhile.
std::int64_t* execution::watch_access(object_id on, access_request asked, const place& where, std::int64_t* noted) {
    if (!watch_races() ||
        races_.note(
            on, {.by = running_, .where = where, .step = steps_.size(), .writes = asked.access != access_kind::read})) {
        return noted;
    }
    if (mode_.tracing) {
        steps_.last().format = value_format::none; // it has not been performed
    }
    fault(std::make_exception_ptr(data_race(race_text(*this, *races_.found()))));
    return pass_access(most_passed_accesses);
}

} // namespace cppvaldi
