#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/starter_set.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace cppvaldi::detail {

/// Makes a starter in the running execution; an empty name is made up, one that is taken gets a number. Throws `usage_error`
/// outside an execution.
[[nodiscard]] starter_id start_thread(std::string_view name, job_shape shape, job_maker maker);

/// Waits until `id` has ended. Throws `std::system_error` if it is nobody, or the caller. MAY SWITCH.
void join_thread(starter_id id, const place& where);

/// The same, but returns false at the deadline. REQUIRES: `id` is a starter of the running execution, and not the caller. MAY
/// SWITCH.
[[nodiscard]] bool join_thread_until(starter_id id, deadline until, const place& where);

/// Waits until `id` has ended, for a destructor: returns also when the execution is unwound meanwhile. Outside an execution
/// nobody can be waited for. MAY SWITCH.
void join_quietly(starter_id id, const place& where) noexcept;

/// Reports a thread that is destroyed or assigned to while it is joinable.
void report_joinable(starter_id id) noexcept;

/// Returns what `thread::id` shows: 0 for nobody.
[[nodiscard]] constexpr std::uint64_t thread_number(starter_id id) noexcept {
    return id == nobody ? 0 : std::uint64_t{index(id)} + 1;
}

/// Returns the caller's; outside an execution a number that no starter has.
[[nodiscard]] std::uint64_t this_thread_number() noexcept;

void yield(const place& where);
void sleep_until(deadline until, const place& where);

template <typename Callable, typename... Arguments>
concept can_be_started = std::invocable<std::decay_t<Callable>, std::decay_t<Arguments>...>;

} // namespace cppvaldi::detail

namespace cppvaldi::this_thread {

/// Lets others go first, if there are any. MAY SWITCH. The place is the caller's own, in two parts that need no room on its
/// stack: this is called from loops that wait, which are known by what is there.
void yield(const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE());

} // namespace cppvaldi::this_thread
