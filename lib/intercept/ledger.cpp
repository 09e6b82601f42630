#include "intercept/ledger.hpp"

#include "intercept/front_door.hpp"
#include "intercept/keys.hpp"
#include "intercept/mutexes.hpp"

#include "intercept/watchdog.hpp"
#include "objects/here.hpp"

#include <cppvaldi/errors.hpp>

#include <limits>
#include <string>

namespace cppvaldi::intercept {

template <>
std::unique_ptr<detail::mutex_state> state_pool<detail::mutex_state>::make() {
    return std::make_unique<detail::mutex_state>(detail::mutex_state::again::refused, "mutex", "");
}
template <>
std::unique_ptr<taken_mutex> state_pool<taken_mutex>::make() {
    return std::make_unique<taken_mutex>(taken_mutex::again::refused, "mutex", "");
}
template <>
std::unique_ptr<detail::condition_state> state_pool<detail::condition_state>::make() {
    return std::make_unique<detail::condition_state>();
}
template <>
std::unique_ptr<detail::shared_mutex_state> state_pool<detail::shared_mutex_state>::make() {
    return std::make_unique<detail::shared_mutex_state>(detail::shared_mutex_state::again::counted, "rwlock", "");
}
template <>
std::unique_ptr<detail::semaphore_state> state_pool<detail::semaphore_state>::make() {
    return std::make_unique<detail::semaphore_state>(0, std::numeric_limits<int>::max(), "");
}
template <>
std::unique_ptr<detail::barrier_state> state_pool<detail::barrier_state>::make() {
    return std::make_unique<detail::barrier_state>(1, "");
}
template <>
std::unique_ptr<detail::once_state> state_pool<detail::once_state>::make() {
    return std::make_unique<detail::once_state>();
}

void thread_record::renew() noexcept {
    result = nullptr;
    detached = false;
    joined = false;
    has_left = false;
    joins = nobody;
    cancel_state = PTHREAD_CANCEL_ENABLE;
    cancel_type = PTHREAD_CANCEL_DEFERRED;
    clock_reads = 0;
    clock_read_at = {};
    base = nullptr;
    exit = nullptr;
    cleanups.clear();
    name[0] = '\0';
    values.clear();
}

void ledger::renew(const execution& in) {
    serial = in.serial();
    mutexes.clear();
    conditions.clear();
    shared_mutexes.clear();
    semaphores.clear();
    barriers.clear();
    spin_locks.clear();
    file_locks.clear();
    onces.clear();
    futex_waiters.clear();
    timers.clear();
    advisory_locks.clear();
    suspended = 0;
    numbers = generator(1);
    random = {};
    (void)::initstate_r(1, random_state, sizeof random_state, &random);
    random48 = {};
}

std::string ledger::left_behind_text() const {
    return first_left_behind.empty()
               ? ""
               : first_left_behind + " was cut off where no exception may pass (in a lock, or before the "
                                     "destructor of a std::thread), so what lies on its stack is not destroyed";
}

namespace {

void* starter_made(execution& in, starter_id made) {
    if (thread_world::why_not() != nullptr) {
        throw usage_error(std::string("cppvaldi-intercept: ") + thread_world::why_not());
    }
    if (in.front_door_keeps() == nullptr) {
        in.front_door_keeps() = std::make_unique<ledger>();
    }
    ledger& kept = ledger::of(in);
    if (kept.serial != in.serial()) {
        kept.renew(in);
        thread_world::learn_modules();
        watch_this_thread();
    }
    while (index(made) >= kept.threads.size()) {
        kept.threads.push_back(std::make_unique<thread_record>());
    }
    thread_record& record = kept.thread(made);
    record.renew();
    return record.world.renew();
}

void starter_ends(execution& in, starter_id ending) noexcept {
    thread_world::end();
    destroy_values(ledger::of(in).thread(ending));
    leave_robust_mutexes(in, ending);
    ledger::of(in).thread(ending).has_left = true;
}

/// What a starter has left in the middle is not used again.
void execution_ends(execution& in) noexcept {
    if (in.front_door_keeps() == nullptr) {
        return;
    }
    ledger& kept = ledger::of(in);
    for (std::size_t position = 0; position < in.starters().size(); ++position) {
        const auto id = static_cast<starter_id>(position);
        const starter_state ended_as = in.starters()[id].state;
        thread_record& record = kept.thread(id);
        if (!record.has_left && ended_as != starter_state::not_begun) {
            record.world.discard();
            if (kept.first_left_behind.empty()) {
                kept.first_left_behind =
                    "starter '" + std::string(in.name_of(id)) + '\'' + at_text(in.pending()[position].where);
            }
        }
    }
}

/// A forked child has one thread, which belongs to no execution any more.
void leave_execution() noexcept { detail::current_execution = nullptr; }

constexpr front_door doors{&starter_made, &starter_ends, &execution_ends};

} // namespace

void open_front_door() noexcept {
    linked_front_door = &doors;
    (void)::pthread_atfork(nullptr, nullptr, &leave_execution);
}

} // namespace cppvaldi::intercept
