#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cppvaldi::detail {

/// What a promise, a task or an `async` and its futures share, but for the value. `holder` is who should set it, if that is known.
struct future_state : object {
    explicit future_state(std::string own_name = {}) noexcept : object("future"), name_text(std::move(own_name)) {
        name = name_text;
    }
    virtual ~future_state() = default;

    /// Runs the deferred function, if there is one, and keeps what it returns or throws.
    virtual void run_deferred() {}

    std::string name_text;
    std::exception_ptr problem;
    bool claimed = false;  ///< somebody sets it, or has set it
    bool ready = false;    ///< the value or the problem can be had
    bool deferred = false; ///< the first who waits is to run the function
    bool taken = false;    ///< a future has been made
    bool awaited = false;  ///< somebody has waited until it was ready
};

/// With the value.
template <typename Result>
struct value_state : future_state {
    using future_state::future_state;

    template <typename... Given>
    void keep(Given&&... given) {
        if constexpr (std::is_reference_v<Result>) {
            kept = std::addressof(given...);
        } else if constexpr (!std::is_void_v<Result>) {
            kept.emplace(std::forward<Given>(given)...);
        }
    }

    using stored = std::conditional_t<
        std::is_void_v<Result>, char,
        std::conditional_t<std::is_reference_v<Result>, std::remove_reference_t<Result>*, std::optional<Result>>>;
    [[no_unique_address]] stored kept{};
};

template <typename Result>
using state_pointer = std::shared_ptr<value_state<Result>>;

[[noreturn]] void refuse_future(std::future_errc why);

/// Throws `future_errc::no_state` if there is none.
template <typename State>
const std::shared_ptr<State>& require_state(const std::shared_ptr<State>& state) {
    if (state == nullptr) {
        refuse_future(std::future_errc::no_state);
    }
    return state;
}

/// Notes that a future is made. Throws `future_errc::future_already_retrieved` if one has been.
void take_future(future_state& state);

/// Claims the state for who sets it: once. Throws `future_errc::promise_already_satisfied`.
void claim(future_state& state);

/// Keeps the exception that is being handled. Throws it instead if it is the unwinding of the starter.
void keep_problem(future_state& state);

/// Claims, and keeps what `call` returns or throws; that is not visible yet. Meanwhile it is known who should set it.
template <typename Result, typename Call>
void fill(value_state<Result>& state, Call&& call) {
    claim(state);
    try {
        if constexpr (std::is_void_v<Result>) {
            std::forward<Call>(call)();
        } else {
            state.keep(std::forward<Call>(call)());
        }
    } catch (...) {
        keep_problem(state);
    }
}

/// Lets who waits go on, when the running starter has ended. Throws `usage_error` outside an execution. No scheduling point here.
void publish_at_exit(const std::shared_ptr<future_state>& state, const place& where);

// MAY SWITCH: all that follow.

/// Lets who waits go on. REQUIRES: it is claimed, and value or problem is kept.
void publish(future_state& state, const place& where);

/// Announces that the value is set; then the caller claims it, keeps it and calls `make_ready`.
void announce_set(future_state& state, const place& where);
void make_ready(future_state& state);

/// Has `keep` keep the value, and lets who waits go on, now or at the end of the starter. If `keep` throws, nothing has happened.
template <typename Keep>
void set(const std::shared_ptr<future_state>& state, bool at_exit, const place& where, Keep&& keep) {
    announce_set(*require_state(state), where);
    claim(*state);
    try {
        std::forward<Keep>(keep)();
        if (at_exit) {
            publish_at_exit(state, where);
            return;
        }
    } catch (...) {
        state->claimed = false;
        state->holder = nobody;
        throw;
    }
    make_ready(*state);
}

/// The same with a problem. Throws `usage_error` if it is null.
void set_problem(const std::shared_ptr<future_state>& state, bool at_exit, const place& where,
                 std::exception_ptr problem);

/// Sets `future_errc::broken_promise` if nothing is set and somebody could see it: the last who could set it is gone.
void abandon(const std::shared_ptr<future_state>& state) noexcept;

/// Waits until it is ready; a deferred function is run. Throws `future_errc::no_state` if there is none, and `usage_error`
/// outside an execution if it is not ready.
void await(std::shared_ptr<future_state> state, const place& where);

/// Throws the problem if there is one. REQUIRES: it has been waited for.
void throw_problem(const future_state& state);

[[nodiscard]] std::future_status await_until(std::shared_ptr<future_state> state, deadline until, const place& where);

/// What the futures of an `async` own together: the last of them waits for the end of its starter.
struct async_guard {
    async_guard(std::string_view name, job_shape shape, job_maker maker, std::shared_ptr<future_state> set_by_it);
    async_guard(const async_guard&) = delete;
    async_guard& operator=(const async_guard&) = delete;
    ~async_guard();

    std::shared_ptr<future_state> state;
    starter_id who;
    std::uint64_t execution_serial;
};

} // namespace cppvaldi::detail
