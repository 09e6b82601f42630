#include <cppvaldi/detail/stop_state.hpp>

#include "assert.hpp"
#include "objects/here.hpp"

#include <cppvaldi/detail/saved_registers.hpp>

#include <exception>

namespace cppvaldi::detail {

namespace {

/// Numbers a stop request that this execution has not met.
void meet(stop_state& state) {
    if (here()->adopt(state)) {
        state.called = nullptr; // whoever was at it is gone
    }
}

/// Who asks in a loop waits for that to change.
void note_whether_requested(const stop_state& state) { here()->note_found(state.requested ? 1 : 0); }

bool is_listed(const stop_state& state, const stop_listener& listener) noexcept {
    return listener.previous != nullptr || state.first == &listener;
}

void list(stop_state& state, stop_listener& added) noexcept {
    added.previous = state.last;
    (state.last == nullptr ? state.first : state.last->next) = &added;
    state.last = &added;
}

void unlist(stop_state& state, stop_listener& removed) noexcept {
    (removed.previous == nullptr ? state.first : removed.previous->next) = removed.next;
    (removed.next == nullptr ? state.last : removed.next->previous) = removed.previous;
    removed.previous = nullptr;
    removed.next = nullptr;
}

/// Returns the one that is called next. The standard leaves their order open, so it is a decision.
stop_listener& next_to_call(stop_state& state) {
    std::uint32_t count = 0;
    for (const stop_listener* each = state.first; each != nullptr; each = each->next) {
        ++count;
    }
    stop_listener* chosen = state.first;
    for (std::uint32_t rank = here() == nullptr ? 0 : here()->choose(count); rank > 0; --rank) {
        chosen = chosen->next;
    }
    return *chosen;
}

/// Others that destroy a callback wait for `calls_ended` to change; `holder` says who lets them wait.
void end_call(stop_state& state) {
    state.called = nullptr;
    state.holder = nobody;
    ++state.calls_ended;
    if (here() != nullptr) {
        here()->order(clock_step::release_too, state.id);
        here()->changed(state);
    }
}

/// Nothing of `listener` is touched after its call: it may have destroyed itself. That a call in which others may have gone on is
/// over is a step of its own, for who destroys its callback, or that which is called next, sees whether it comes before.
void call(stop_state& state, stop_listener& listener, const place& where) {
    state.called = &listener;
    if (here() != nullptr) {
        state.holder = here()->running();
        state.held_since = where;
    }
    try {
        const std::uint64_t before = here() == nullptr ? 0 : here()->point().step;
        listener.call(listener);
        if (here() != nullptr && here()->point().step != before) {
            here()->perform(state, announced(operation_kind::remove_callback, access_kind::update, where), nullptr);
            note_whether_requested(state);
            here()->note_left(1, 0);
        }
    } catch (...) {
        end_call(state);
        if (here() == nullptr) {
            std::terminate(); // as the standard has it
        }
        here()->fault(std::current_exception());
        throw;
    }
    end_call(state);
}

void call_all(stop_state& state, const place& where) {
    while (state.first != nullptr && (here() == nullptr || !here()->unwinding())) {
        stop_listener& next = next_to_call(state);
        unlist(state, next);
        call(state, next, where);
    }
}

bool has_come_back(const object& what, starter_id who) noexcept {
    const auto& before = *static_cast<const std::uint64_t*>(what.met_by->starters()[who].wait_context);
    return static_cast<const stop_state&>(what).calls_ended != before;
}

} // namespace

bool ask_for_stop(stop_state* asked, const place& where) {
    if (asked == nullptr) {
        return false;
    }
    stop_state& state = *asked;
    if (here() == nullptr) {
        return state.requested;
    }
    meet(state);
    note_look(CPPVALDI_SAVED_REGISTERS());
    here()->perform(state, announced(operation_kind::ask_for_stop, access_kind::read, where), nullptr);
    note_whether_requested(state);
    if (state.requested) {
        here()->order(clock_step::acquire, state.id);
    }
    return state.requested || here()->unwinding(); // a destructor that loops until then must come to its end too
}

bool request_stop(const std::shared_ptr<stop_state>& state, const place& where) {
    const std::shared_ptr<stop_state> kept = state; // a callback may destroy the source
    if (here() != nullptr) {
        meet(*kept);
        here()->perform(*kept, announced(operation_kind::request_stop, access_kind::update, where), nullptr);
        note_whether_requested(*kept);
    }
    if (kept->requested) {
        if (here() != nullptr) {
            here()->failed();
        }
        return false;
    }
    kept->requested = true;
    if (here() != nullptr) {
        here()->order(clock_step::release_too, kept->id);
        here()->order(clock_step::acquire_gathered, kept->id);
    }
    call_all(*kept, where);
    return true;
}

void request_stop_quietly(const std::shared_ptr<stop_state>& state, const place& where) noexcept {
    try {
        (void)request_stop(state, where);
    } catch (...) {
        // The execution is being unwound: a callback's own exception goes to the driver, and only then comes here.
        CPPVALDI_ASSERT(here()->unwinding(), ==, true, "nothing else is thrown here");
    }
}

void add_listener(stop_state& state, stop_listener& added, const place& where) {
    if (here() != nullptr) {
        meet(state);
        here()->perform(state, announced(operation_kind::add_callback, access_kind::update, where), nullptr);
        note_whether_requested(state);
    }
    if (here() != nullptr) {
        here()->order(state.requested ? clock_step::acquire : clock_step::gather, state.id);
    }
    if (state.requested) {
        added.call(added);
    } else {
        list(state, added);
    }
}

void remove_listener(stop_state& state, stop_listener& removed, const place& where) noexcept {
    execution* const in = here();
    if (in != nullptr && !in->unwinding()) {
        meet(state);
        in->perform_always(state, announced(operation_kind::remove_callback, access_kind::update, where));
        note_whether_requested(state);
    }
    if (is_listed(state, removed)) {
        unlist(state, removed);
        return;
    }
    if (in == nullptr) {
        return;
    }
    in->order(clock_step::acquire, state.id);
    if (state.called != &removed) {
        return;
    }
    if (state.holder == in->running()) { // it destroys itself, and there may be another one here before its call ends
        state.called = nullptr;
        return;
    }
    if (!in->unwinding()) {
        const std::uint64_t before = state.calls_ended;
        in->starters()[in->running()].wait_context = &before;
        (void)in->perform_quietly(state, announced(operation_kind::remove_callback, access_kind::acquire, where),
                                  &has_come_back);
        in->order(clock_step::acquire, state.id);
    }
}

} // namespace cppvaldi::detail
