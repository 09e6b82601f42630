#include <cppvaldi/detail/future_state.hpp>

#include "objects/here.hpp"

#include <cppvaldi/detail/thread_state.hpp>

#include <future>
#include <string>
#include <utility>

namespace cppvaldi::detail {

namespace {

bool is_ready(const object& what, starter_id) noexcept { return static_cast<const future_state&>(what).ready; }

/// What a report adds about who waits here.
std::string who_sets_it(const object& what, const execution& in) {
    if (what.holder == nobody) {
        return "; nobody has set it yet";
    }
    return ", to be set by " + std::string(in.name_of(what.holder));
}

/// Numbers a state that this execution has not met.
void meet(future_state& state) {
    if (here()->adopt(state)) {
        state.remark = &who_sets_it;
    }
}

std::exception_ptr error_of(std::future_errc code) { return std::make_exception_ptr(std::future_error(code)); }

/// Runs the function, or waits for who does.
void run_here(future_state& state, const place& where) {
    if (here() != nullptr) {
        meet(state);
        here()->perform(state, announced(operation_kind::await_value, access_kind::update, where), nullptr);
        if (!state.deferred) {
            return; // somebody else was first
        }
        state.holder = here()->running();
    }
    state.deferred = false;
    state.run_deferred();
}

bool wait(future_state& state, deadline until, const place& where) {
    if (here() == nullptr) {
        if (!state.ready && until == no_deadline) {
            throw usage_error(text_of(state) + " is waited for" + at_text(where) +
                              " outside an execution, where nobody can set it, and it is not ready");
        }
        return state.ready;
    }
    meet(state);
    const bool in_time =
        here()->perform_until(state, announced(operation_kind::await_value, access_kind::acquire, where), &is_ready,
                              until);
    state.awaited = state.awaited || in_time;
    if (in_time) {
        here()->order(clock_step::acquire, state.id);
    }
    return in_time;
}

} // namespace

void refuse_future(std::future_errc why) { throw std::future_error(why); }

void take_future(future_state& state) {
    if (std::exchange(state.taken, true)) {
        refuse_future(std::future_errc::future_already_retrieved);
    }
}

void claim(future_state& state) {
    if (std::exchange(state.claimed, true)) {
        refuse_future(std::future_errc::promise_already_satisfied);
    }
    if (here() != nullptr) {
        meet(state);
        state.holder = here()->running();
    }
}

void keep_problem(future_state& state) {
    if (here() != nullptr && here()->unwinding()) {
        throw;
    }
    state.problem = std::current_exception();
}

void publish_at_exit(const std::shared_ptr<future_state>& state, const place& where) {
    if (here() == nullptr) {
        throw usage_error(text_of(*state) + " is to be ready when the running starter has ended" + at_text(where) +
                          ", but outside an execution there is none; set it at once");
    }
    here()->at_exit([state, where] {
        if (!here()->unwinding()) {
            here()->perform_always(*state, announced(operation_kind::set_value, access_kind::release, where));
            make_ready(*state);
        }
    });
}

void publish(future_state& state, const place& where) {
    announce_set(state, where);
    make_ready(state);
}

void announce_set(future_state& state, const place& where) {
    if (here() != nullptr) {
        meet(state);
        here()->perform(state, announced(operation_kind::set_value, access_kind::release, where), nullptr);
    }
}

/// At a runner's pause a promise may be kept too; who waits then is of the execution that the state has met.
void make_ready(future_state& state) {
    if (here() != nullptr) {
        here()->order(clock_step::release, state.id);
    }
    state.ready = true;
    state.holder = nobody;
    if (state.first_waiting != nobody) {
        state.met_by->changed(state);
    }
}

void set_problem(const std::shared_ptr<future_state>& state, bool at_exit, const place& where,
                 std::exception_ptr problem) {
    if (problem == nullptr) {
        throw usage_error("promise::set_exception" + at_text(where) + ": there is no exception; give one");
    }
    set(state, at_exit, where, [&] { state->problem = std::move(problem); });
}

void abandon(const std::shared_ptr<future_state>& state) noexcept {
    if (state == nullptr || state->claimed || state.use_count() == 1) {
        return;
    }
    if (here() != nullptr) {
        meet(*state);
        here()->perform_always(*state, announced(operation_kind::set_value, access_kind::release, place{}));
    }
    state->claimed = true;
    state->problem = error_of(std::future_errc::broken_promise);
    make_ready(*state);
}

void await(std::shared_ptr<future_state> state, const place& where) {
    if (require_state(state)->deferred) {
        run_here(*state, where);
    }
    if (!wait(*state, no_deadline, where) && !state->ready) {
        refuse_future(std::future_errc::broken_promise); // in a destructor, while the execution is unwound
    }
}

void throw_problem(const future_state& state) {
    if (state.problem != nullptr) {
        std::rethrow_exception(state.problem);
    }
}

std::future_status await_until(std::shared_ptr<future_state> state, deadline until, const place& where) {
    if (require_state(state)->deferred) {
        if (here() != nullptr) { // a loop that waits for it to be ready is a mistake, and must be seen
            meet(*state);
            here()->perform(*state, announced(operation_kind::await_value, access_kind::read, where), nullptr);
        }
        if (state->deferred) {
            return std::future_status::deferred;
        }
    }
    return wait(*state, until, where) ? std::future_status::ready : std::future_status::timeout;
}

async_guard::async_guard(std::string_view name, job_shape shape, job_maker maker,
                         std::shared_ptr<future_state> set_by_it)
    : state(std::move(set_by_it)), who(start_thread(name, shape, maker)), execution_serial(here()->serial()) {
    state->name_text = here()->name_of(who);
    state->name = state->name_text;
    meet(*state);
    state->holder = who;
}

/// There is nothing to wait for once the value has been waited for and the starter has ended. In an execution that is over, or
/// outside, nobody can be waited for.
async_guard::~async_guard() {
    if (here() == nullptr || here()->serial() != execution_serial) {
        return;
    }
    if (!state->awaited || !here()->starters()[who].ended()) {
        join_quietly(who, place{});
    } else {
        here()->order_after_end(who);
    }
}

} // namespace cppvaldi::detail
