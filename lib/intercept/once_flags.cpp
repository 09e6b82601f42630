/// pthread_once, and what compilers call around the initialisation of a static local. That something has been done is left where
/// the C library and the compiler look for it, so it stays done when the execution is over, as what it has done does.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <atomic>

#include <pthread.h>
#include <cxxabi.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_once);
next_function<int (*)(void*)> next_guard_acquire{"__cxa_guard_acquire"};
next_function<void (*)(void*)> next_guard_release{"__cxa_guard_release"};
next_function<void (*)(void*)> next_guard_abort{"__cxa_guard_abort"};

using detail::once_state;

/// What glibc writes.
constexpr int is_done = 2;

once_state& state_of(execution& in, const void* flag, std::string_view kind) {
    return ledger::of(in).onces.at(flag, [&](once_state& fresh) {
        renew_object(fresh, flag);
        fresh.kind = kind;
        fresh.reached = once_state::progress::not_yet;
        fresh.done_outside = false;
    });
}

/// While it lives, calls are the program's again.
class calls_of_the_program {
public:
    calls_of_the_program() noexcept : before_(std::exchange(detail::own_calls, 0)) {}
    calls_of_the_program(const calls_of_the_program&) = delete;
    calls_of_the_program& operator=(const calls_of_the_program&) = delete;
    ~calls_of_the_program() { detail::own_calls = before_; }

private:
    unsigned int before_;
};

/// The first byte of a guard, which compiled code looks at without a call.
std::atomic_ref<char> done_byte(void* guard) noexcept { return std::atomic_ref<char>(*static_cast<char*>(guard)); }

/// Who does something once does it before all who see it done, be it without a call: so they are ordered by where the flag lies.
void order_by_flag(execution& in, clock_step how, const void* flag) {
    if (!in.races().watching()) {
        return;
    }
    object_id& known = in.object_at(flag);
    if (known == object_id{}) {
        known = in.number_object("once flag", {}, in.origin_of_referenced(flag));
    }
    in.order(how, known);
}

} // namespace

void parts::once_flags() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_once(pthread_once_t* flag, void (*routine)()) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        return next_pthread_once(flag, routine);
    }
    if (*flag == is_done) {
        order_by_flag(*in, cppvaldi::clock_step::acquire, flag);
        return 0;
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    auto& state = state_of(*in, flag, "once flag");
    const bool mine = with_unwinding(*in, [&] { return begin_once_in_process(state, where); });
    order_by_flag(*in, cppvaldi::clock_step::acquire, flag);
    if (!mine) {
        return 0;
    }
    const cppvaldi::detail::calls_of_its_own own;
    try {
        const calls_of_the_program theirs;
        routine();
    } catch (...) {
        order_by_flag(*in, cppvaldi::clock_step::release, flag);
        end_once_in_process(state, false);
        throw;
    }
    order_by_flag(*in, cppvaldi::clock_step::release, flag);
    *flag = is_done;
    end_once_in_process(state, true);
    return 0;
}

} // extern "C"

namespace __cxxabiv1 {

extern "C" {

// The ABI fixes the first byte of the guard.

int __cxa_guard_acquire(__cxxabiv1::__guard* guard) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr || in->unwinding() || in->looking()) {
        return next_guard_acquire(guard);
    }
    if (done_byte(guard).load(std::memory_order_acquire) != 0) {
        return 0;
    }
    const cppvaldi::place where = CPPVALDI_CALLER;
    return with_unwinding(*in, [&] {
        auto& state = state_of(*in, guard, "static local");
        const bool mine = begin_once_in_process(state, where);
        order_by_flag(*in, cppvaldi::clock_step::acquire, guard);
        return mine ? 1 : 0;
    });
}

void __cxa_guard_release(__cxxabiv1::__guard* guard) noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr || ledger::of(*in).onces.find(guard) == nullptr) {
        next_guard_release(guard);
        return;
    }
    const cppvaldi::detail::calls_of_its_own own;
    order_by_flag(*in, cppvaldi::clock_step::release, guard);
    done_byte(guard).store(1, std::memory_order_release);
    end_once_in_process(state_of(*in, guard, "static local"), true);
}

void __cxa_guard_abort(__cxxabiv1::__guard* guard) noexcept {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr || ledger::of(*in).onces.find(guard) == nullptr) {
        next_guard_abort(guard);
        return;
    }
    const cppvaldi::detail::calls_of_its_own own;
    order_by_flag(*in, cppvaldi::clock_step::release, guard);
    end_once_in_process(state_of(*in, guard, "static local"), false);
}

} // extern "C"

} // namespace __cxxabiv1
