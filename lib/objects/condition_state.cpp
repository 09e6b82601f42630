#include <cppvaldi/detail/condition_state.hpp>

#include "objects/here.hpp"

#include <string>
#include <utility>

namespace cppvaldi::detail {

namespace {

bool is_notified(const object& what, starter_id who) noexcept { return what.met_by->starters()[who].notified; }

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
    if (!unwinding() && here()->adopt(condition)) {
        condition.waiting.clear();
        condition.mutex = nullptr;
        condition.unheard_by = nobody;
        condition.remark = &lost_wakeup;
    }
}

/// Decides which waiter it is. A strategy that answers nonsense is reported.
std::size_t choose_waiter(const condition_state& condition) noexcept {
    try {
        return here() == nullptr ? 0 : here()->choose(static_cast<std::uint32_t>(condition.waiting.size()));
    } catch (...) {
        here()->fault(std::current_exception());
        return 0;
    }
}

void note_unheard(condition_state& condition, const place& where) noexcept {
    if (here() != nullptr && condition.waiting.empty()) {
        condition.unheard_by = here()->running();
        condition.unheard_at = where;
        here()->failed(); // nobody can tell the difference
    }
}

/// Announces the notification. Returns false if nobody can be waiting: outside an execution, but for a runner's pause.
bool begin_to_notify(condition_state& condition, operation_kind kind, const place& where) noexcept {
    if (here() == nullptr) {
        return condition.first_waiting != nobody;
    }
    meet(condition);
    here()->perform_always(condition, announced(kind, access_kind::update, where));
    note_unheard(condition, where);
    return !unwinding() && !condition.waiting.empty();
}

} // namespace

condition_state::~condition_state() {
    if (!waiting.empty() && here() != nullptr && execution_serial == here()->serial()) {
        report_misuse(text_of(*this) + " is destroyed while " + std::string(here()->name_of(waiting.front())) +
                      " waits on it" + at_text(here()->pending()[index(waiting.front())].where) +
                      "; notify all waiters before");
    }
}

void begin_to_wait(condition_state& condition, const mutex_state* mutex, const place& where) {
    if (here() == nullptr) {
        throw usage_error(text_of(condition) + " is waited on" + at_text(where) +
                          " outside an execution, where nobody can notify it");
    }
    meet(condition);
    execution& in = *here();
    in.perform(condition, announced(operation_kind::release_and_wait, access_kind::update, where), nullptr);
    if (in.unwinding()) {
        return;
    }
    if (!condition.waiting.empty() && condition.mutex != mutex) {
        const starter_id other = condition.waiting.front();
        throw usage_error(text_of(condition) + " is waited on" + at_text(where) + " with another mutex than " +
                          std::string(in.name_of(other)) + " waits with" + at_text(in.pending()[index(other)].where) +
                          "; use one mutex with one condition");
    }
    starter_record& self = in.starters()[in.running()];
    self.notified = in.options().spurious_wakeups && in.choose(2) == 1;
    condition.mutex = mutex;
    if (!self.notified) {
        condition.waiting.push_back(self.id);
    }
}

bool await_notification(condition_state& condition, deadline until, const place& where) {
    execution& in = *here();
    if (in.perform_until(condition, announced(operation_kind::wake, access_kind::acquire, where), &is_notified,
                         until)) {
        return true;
    }
    if (!in.unwinding()) {
        std::erase(condition.waiting, in.running());
    }
    return false;
}

void end_wait(condition_state& condition, starter_id who) {
    if (std::erase(condition.waiting, who) != 0) {
        condition.met_by->starters()[who].notified = true;
        tell_waiting(condition);
    }
}

void notify_waiter(condition_state& condition, starter_id who, const place& where) noexcept {
    if (here() != nullptr) {
        meet(condition);
        here()->perform_always(condition, announced(operation_kind::notify_all, access_kind::update, where));
    }
    end_wait(condition, who);
}

starter_id this_starter() noexcept { return here() == nullptr ? nobody : here()->running(); }

bool wait(condition_state& condition, mutex_state* mutex, deadline until, const place& where) {
    if (unwinding()) {
        here()->perform(condition, announced(operation_kind::wake, access_kind::acquire, where), nullptr);
        return true;
    }
    if (mutex == nullptr || (here() != nullptr && !has(*mutex))) {
        throw usage_error(text_of(condition) + " is waited on" + at_text(where) +
                          " without the lock; lock the mutex before, with a unique_lock");
    }
    begin_to_wait(condition, mutex, where);
    here()->note_given_up(mutex->id);
    here()->order(clock_step::release, mutex->id);
    const std::uint32_t depth = std::exchange(mutex->depth, 0);
    mutex->holder = nobody;
    tell_waiting(*mutex);
    const bool notified = await_notification(condition, until, where);
    lock(*mutex, where);
    if (has(*mutex)) {
        mutex->depth = depth;
    }
    return notified;
}

void notify_one(condition_state& condition, const place& where) noexcept {
    if (begin_to_notify(condition, operation_kind::notify_one, where)) {
        const auto chosen = condition.waiting.begin() + static_cast<std::ptrdiff_t>(choose_waiter(condition));
        condition.met_by->starters()[*chosen].notified = true;
        condition.waiting.erase(chosen);
        tell_waiting(condition);
    }
}

void notify_all(condition_state& condition, const place& where) noexcept {
    if (begin_to_notify(condition, operation_kind::notify_all, where)) {
        for (const starter_id each : condition.waiting) {
            condition.met_by->starters()[each].notified = true;
        }
        condition.waiting.clear();
        tell_waiting(condition);
    }
}

void notify_all_at_exit(condition_state& condition, mutex_state* mutex, const place& where) {
    if (here() == nullptr || mutex == nullptr || !has(*mutex)) {
        throw usage_error(
            "notify_all_at_thread_exit" + at_text(where) + ": " + text_of(condition) +
            " is to be notified at the end of a starter that has not locked the mutex; lock it before, in a "
            "starter");
    }
    here()->after_exit([&condition, mutex, where] {
        if (!unwinding()) { // else both may be gone
            unlock(*mutex, where);
            notify_all(condition, where);
        }
    });
}

} // namespace cppvaldi::detail
