#include <cppvaldi/detail/condition_state.hpp>

#include "objects/here.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace cppvaldi::detail {

namespace {

bool is_notified(const object& what, starter_id who) noexcept {
    const auto& waiting = static_cast<const condition_state&>(what).waiting;
    return std::find(waiting.begin(), waiting.end(), who) == waiting.end();
}

/// What a report adds about who waits here: the notification that came too early, if there was one.
std::string lost_wakeup(const object& what, const execution& in) {
    const auto& condition = static_cast<const condition_state&>(what);
    if (condition.unheard_by == nobody) {
        return "; nobody has notified it";
    }
    return "; " + std::string(in.name_of(condition.unheard_by)) + " notified it" + at_text(condition.unheard_at) +
           " before, when nobody waited";
}

/// Numbers a condition that this execution has not met.
void meet(condition_state& condition) {
    if (here()->adopt(condition)) {
        condition.waiting.clear();
        condition.mutex = nullptr;
        condition.unheard_by = nobody;
        condition.remark = &lost_wakeup;
    }
}

void wake(condition_state& condition, std::size_t position) {
    condition.waiting.erase(condition.waiting.begin() + static_cast<std::ptrdiff_t>(position));
    here()->changed(condition);
}

} // namespace

condition_state::~condition_state() {
    if (!waiting.empty() && here() != nullptr && execution_serial == here()->serial()) {
        report_misuse(text_of(*this) + " is destroyed while " + std::string(here()->name_of(waiting.front())) +
                      " waits on it; see to it that all waiters have gone on before");
    }
}

void begin_to_wait(condition_state& condition, const mutex_state* mutex, const place& where) {
    if (here() == nullptr) {
        throw usage_error(text_of(condition) + " is waited on" + at_text(where) +
                          " outside an execution, where nobody can notify it");
    }
    meet(condition);
    here()->perform(condition, announced(operation_kind::release_and_wait, access_kind::update, where), nullptr);
    if (!condition.waiting.empty() && condition.mutex != mutex) {
        throw usage_error(text_of(condition) + " is waited on" + at_text(where) + " with another mutex than " +
                          std::string(here()->name_of(condition.waiting.front())) +
                          " waits with; use one mutex with one condition");
    }
    condition.mutex = mutex;
    condition.waiting.push_back(here()->running());
    if (here()->options().spurious_wakeups && here()->choose(2) == 1) {
        condition.waiting.pop_back();
    }
}

bool await_notification(condition_state& condition, deadline until, const place& where) {
    execution& in = *here();
    const starter_id self = in.running();
    const bool notified =
        in.perform_until(condition, announced(operation_kind::wake, access_kind::acquire, where), &is_notified, until);
    if (!notified) {
        std::erase(condition.waiting, self);
    }
    return notified;
}

bool wait(condition_state& condition, mutex_state* mutex, deadline until, const place& where) {
    if (mutex == nullptr || (here() != nullptr && mutex->holder != here()->running())) {
        throw usage_error(text_of(condition) + " is waited on" + at_text(where) +
                          " without the lock; lock the mutex before, with a unique_lock");
    }
    begin_to_wait(condition, mutex, where);
    const std::uint32_t depth = std::exchange(mutex->depth, 0);
    mutex->holder = nobody;
    here()->changed(*mutex);
    const bool notified = await_notification(condition, until, where);
    lock(*mutex, where);
    mutex->depth = depth;
    return notified;
}

void notify_one(condition_state& condition, const place& where) noexcept {
    if (here() == nullptr) {
        return;
    }
    meet(condition);
    here()->perform_always(condition, announced(operation_kind::notify_one, access_kind::update, where));
    if (condition.waiting.empty()) {
        condition.unheard_by = here()->running();
        condition.unheard_at = where;
    } else {
        wake(condition, here()->choose(static_cast<std::uint32_t>(condition.waiting.size())));
    }
}

void notify_all(condition_state& condition, const place& where) noexcept {
    if (here() == nullptr) {
        return;
    }
    meet(condition);
    here()->perform_always(condition, announced(operation_kind::notify_all, access_kind::update, where));
    if (condition.waiting.empty()) {
        condition.unheard_by = here()->running();
        condition.unheard_at = where;
    }
    condition.waiting.clear();
    here()->changed(condition);
}

} // namespace cppvaldi::detail
