#include <cppvaldi/detail/shared_mutex_state.hpp>

#include "objects/here.hpp"
#include <cppvaldi/detail/saved_registers.hpp>

#include <algorithm>
#include <string>

namespace cppvaldi::detail {

namespace {

const shared_mutex_state& as_shared(const object& what) noexcept {
    return static_cast<const shared_mutex_state&>(what);
}
shared_mutex_state& as_shared(object& what) noexcept { return static_cast<shared_mutex_state&>(what); }

bool is_unlocked(const object& what, starter_id) noexcept {
    const shared_mutex_state& mutex = as_shared(what);
    return !mutex.has_writer && mutex.readers.empty() && mutex.readers_outside == 0;
}

bool has_no_writer(const object& what, starter_id) noexcept { return !as_shared(what).has_writer; }

std::span<const starter_id> readers_of(const object& what) { return as_shared(what).readers; }

/// What a report adds about who waits here: everybody who has it.
std::string holders(const object& what, const execution& in) {
    const shared_mutex_state& mutex = as_shared(what);
    if (mutex.readers.empty()) {
        return mutex.holder == nobody
                   ? ""
                   : ", held by " + std::string(in.name_of(mutex.holder)) + " since " + mutex.held_since.text();
    }
    std::string text = ", shared by ";
    for (std::size_t position = 0; position < mutex.readers.size(); ++position) {
        text += (position == 0 ? "" : " and by ") + std::string(in.name_of(mutex.readers[position])) + " since " +
                mutex.shared_since[position].text();
    }
    return text;
}

/// Numbers a mutex that this execution has not met. One that starters of an earlier execution have left locked is free again; it
/// is reported, unless that execution was cut short.
void meet(shared_mutex_state& mutex) {
    const bool left_locked = !mutex.readers.empty() || (mutex.has_writer && mutex.holder != nobody);
    const std::uint64_t by = mutex.execution_serial;
    if (here()->unwinding() || !here()->adopt(mutex)) {
        return;
    }
    mutex.sharers = &readers_of;
    mutex.remark = &holders;
    if (!left_locked) {
        return;
    }
    const place since = mutex.has_writer ? mutex.held_since : mutex.shared_since.front();
    mutex.has_writer = false;
    mutex.readers.clear();
    mutex.shared_since.clear();
    if (here()->comes_after(by)) {
        throw usage_error(text_of(mutex) + " was left locked by an earlier execution" + at_text(since) +
                          "; unlock it there, or make it anew in each execution");
    }
}

[[nodiscard]] auto caller_as_reader(const shared_mutex_state& mutex) noexcept {
    return std::find(mutex.readers.begin(), mutex.readers.end(), here()->running());
}

enum class way : std::uint8_t { exclusive, shared };

[[nodiscard]] bool must_refuse(const shared_mutex_state& mutex, way wanted) noexcept {
    if (wanted == way::shared && mutex.when_shared_again == shared_mutex_state::again::counted) {
        return has(mutex);
    }
    return has(mutex) || has_shared(mutex);
}

/// Reports who would wait for itself, or have an answer that the standard does not define.
void refuse_again(const shared_mutex_state& mutex, way wanted, const place& where) {
    if (!must_refuse(mutex, wanted) || unwinding()) {
        return;
    }
    const std::string asked =
        text_of(mutex) + (wanted == way::shared ? " is locked shared" : " is locked") + at_text(where) + " by who ";
    if (has(mutex)) {
        throw usage_error(asked + "has it already" + at_text(mutex.held_since) + "; do not lock it twice");
    }
    const place since =
        here() == nullptr
            ? place{}
            : mutex.shared_since[static_cast<std::size_t>(caller_as_reader(mutex) - mutex.readers.begin())];
    throw usage_error(asked + "shares it already" + at_text(since) +
                      (wanted == way::shared ? "; do not lock it twice"
                                             : " and would wait for itself; unlock it before, a shared lock cannot be "
                                               "turned into an exclusive one"));
}

void take(shared_mutex_state& mutex, way wanted, const place& where) {
    if (unwinding()) {
        return;
    }
    const starter_id self = here() == nullptr ? nobody : here()->running();
    if (wanted == way::exclusive || mutex.readers.empty()) {
        mutex.holder = self;
        mutex.held_since = where;
    }
    if (wanted == way::exclusive) {
        mutex.has_writer = true;
    } else if (self == nobody) {
        ++mutex.readers_outside;
    } else {
        mutex.readers.push_back(self);
        mutex.shared_since.push_back(where);
    }
    if (here() != nullptr) {
        here()->order(clock_step::acquire, mutex.id);
        if (wanted == way::exclusive) {
            here()->order(clock_step::acquire_gathered, mutex.id);
        }
    }
    tell_waiting(mutex);
}

/// Outside executions there is nobody to wait for.
bool try_take_outside(shared_mutex_state& mutex, way wanted, const place& where) {
    refuse_again(mutex, wanted, where);
    const bool free = wanted == way::shared ? has_no_writer(mutex, nobody) : is_unlocked(mutex, nobody);
    if (free) {
        take(mutex, wanted, where);
    }
    return free;
}

void take_outside(shared_mutex_state& mutex, way wanted, const place& where) {
    if (!try_take_outside(mutex, wanted, where)) {
        throw usage_error(text_of(mutex) + " is locked" + at_text(where) +
                          " outside an execution, where nobody can be waited for, and it is not free" +
                          at_text(mutex.held_since));
    }
}

void await_and_take(shared_mutex_state& mutex, way wanted, const place& where) {
    if (looking()) {
        return;
    }
    if (here() == nullptr) {
        take_outside(mutex, wanted, where);
        return;
    }
    meet(mutex);
    refuse_again(mutex, wanted, where);
    const bool exclusive = wanted == way::exclusive;
    const auto kind = exclusive ? operation_kind::lock : operation_kind::lock_shared;
    here()->perform(mutex, announced(kind, access_kind::acquire, where), exclusive ? &is_unlocked : &has_no_writer);
    take(mutex, wanted, where);
}

bool try_take(shared_mutex_state& mutex, way wanted, const place& where) {
    if (looking()) {
        return true;
    }
    if (here() == nullptr) {
        return try_take_outside(mutex, wanted, where);
    }
    meet(mutex);
    refuse_again(mutex, wanted, where);
    const bool exclusive = wanted == way::exclusive;
    const auto kind = exclusive ? operation_kind::try_lock : operation_kind::try_lock_shared;
    here()->perform(mutex, announced(kind, access_kind::acquire, where), nullptr);
    if (!(exclusive ? is_unlocked(mutex, nobody) : has_no_writer(mutex, nobody)) && !unwinding()) {
        here()->failed();
        return false;
    }
    take(mutex, wanted, where);
    return true;
}

bool take_until(shared_mutex_state& mutex, way wanted, deadline until, const place& where) {
    if (looking()) {
        return true;
    }
    if (here() == nullptr) {
        return try_take_outside(mutex, wanted, where);
    }
    meet(mutex);
    refuse_again(mutex, wanted, where);
    const bool exclusive = wanted == way::exclusive;
    const auto kind = exclusive ? operation_kind::lock : operation_kind::lock_shared;
    if (!here()->perform_until(mutex, announced(kind, access_kind::acquire, where),
                               exclusive ? &is_unlocked : &has_no_writer, until) &&
        !unwinding()) {
        return false;
    }
    take(mutex, wanted, where);
    return true;
}

void report_not_had(const shared_mutex_state& mutex, const std::string& call, const std::string& other_call,
                    const place& where) {
    if (unwinding()) {
        return;
    }
    const bool other_way = has(mutex) || has_shared(mutex);
    std::string state = "it is free";
    if (!is_unlocked(mutex, nobody)) {
        state = mutex.has_writer ? "it is locked" + at_text(mutex.held_since) : "others share it";
    }
    report_misuse(text_of(mutex) + ": " + call + at_text(where) + " by who " +
                  (other_way ? "has it in the other way; call " + other_call + " instead"
                             : "does not have it: " + state + "; unlock it where it was locked, and once"));
}

void await_unlocked(shared_mutex_state& mutex, const place& where) {
    if (here() == nullptr) {
        take_outside(mutex, way::exclusive, where); // which fails: it is not free
        return;
    }
    here()->perform(mutex, announced(operation_kind::await, access_kind::read, where), &is_unlocked);
}

} // namespace

shared_mutex_state::~shared_mutex_state() {
    if (goes_with_an_exception(*this)) {
        return;
    }
    if (!is_unlocked(*this, nobody) && here() != nullptr && execution_serial == here()->serial()) {
        report_misuse(text_of(*this) + " is destroyed while it is locked" + holders(*this, *here()) +
                      "; unlock it first");
    } else {
        report_if_waited_for(*this);
    }
}

void lock(shared_mutex_state& mutex, const place& where) { await_and_take(mutex, way::exclusive, where); }

bool try_lock(shared_mutex_state& mutex, const place& where) {
    note_look(CPPVALDI_SAVED_REGISTERS());
    return try_take(mutex, way::exclusive, where);
}

bool try_lock_until(shared_mutex_state& mutex, deadline until, const place& where) {
    return take_until(mutex, way::exclusive, until, where);
}

void lock_shared(shared_mutex_state& mutex, const place& where) { await_and_take(mutex, way::shared, where); }

bool try_lock_shared(shared_mutex_state& mutex, const place& where) {
    note_look(CPPVALDI_SAVED_REGISTERS());
    return try_take(mutex, way::shared, where);
}

bool try_lock_shared_until(shared_mutex_state& mutex, deadline until, const place& where) {
    return take_until(mutex, way::shared, until, where);
}

bool has(const shared_mutex_state& mutex) noexcept {
    if (here() == nullptr) {
        return mutex.has_writer && mutex.holder == nobody;
    }
    return mutex.has_writer && mutex.holder == here()->running() && mutex.execution_serial == here()->serial();
}

bool has_shared(const shared_mutex_state& mutex) noexcept {
    if (here() == nullptr) {
        return mutex.readers_outside > 0;
    }
    return mutex.execution_serial == here()->serial() && caller_as_reader(mutex) != mutex.readers.end();
}

void unlock(shared_mutex_state& mutex, const place& where) {
    if (looking()) {
        return;
    }
    if (!has(mutex)) {
        report_not_had(mutex, "unlock", "unlock_shared", where);
        return;
    }
    if (here() != nullptr) {
        here()->perform_always(mutex, announced(operation_kind::unlock, access_kind::release, where));
        here()->order(clock_step::release, mutex.id);
    }
    mutex.has_writer = false;
    mutex.holder = nobody;
    tell_waiting(mutex);
}

void unlock_shared(shared_mutex_state& mutex, const place& where) {
    if (looking()) {
        return;
    }
    if (!has_shared(mutex)) {
        report_not_had(mutex, "unlock_shared", "unlock", where);
        return;
    }
    if (here() == nullptr) {
        --mutex.readers_outside;
    } else {
        here()->perform_always(mutex, announced(operation_kind::unlock_shared, access_kind::release, where));
        here()->order(clock_step::gather, mutex.id);
        const auto position = caller_as_reader(mutex) - mutex.readers.begin();
        mutex.readers.erase(mutex.readers.begin() + position);
        mutex.shared_since.erase(mutex.shared_since.begin() + position);
        mutex.holder = mutex.readers.empty() ? nobody : mutex.readers.front();
        mutex.held_since = mutex.readers.empty() ? place{} : mutex.shared_since.front();
    }
    tell_waiting(mutex);
}

lockable lockable_of(shared_mutex_state& mutex) noexcept {
    static constexpr lockable::rules rules{
        .meet = [](object& what) { detail::meet(as_shared(what)); },
        .lock = [](object& what, const place& where) { lock(as_shared(what), where); },
        .try_lock = [](object& what, const place& where) { return try_lock(as_shared(what), where); },
        .unlock = [](object& what, const place& where) { unlock(as_shared(what), where); },
        .await_unlocked = [](object& what, const place& where) { await_unlocked(as_shared(what), where); }};
    return {&mutex, &rules};
}

} // namespace cppvaldi::detail
