/// syscall(SYS_futex), which `std::atomic::wait`, semaphores, latches, barriers and futures of libstdc++ are made of.
///
/// A word of memory is an object by its address. A wait is announced, then the word is looked at, and then the starter is blocked
/// until somebody wakes it: as futex(2) says, between the look and the wait nobody acts.

#include "intercept/futex.hpp"

#include "intercept/clock.hpp"
#include "intercept/taken_over.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include <linux/futex.h>
namespace cppvaldi::intercept {

namespace {

/// What a waiter stands at, on its own stack.
struct futex_wait final : object {
    futex_wait(execution& in, object_id number) : object("futex") {
        met_by = &in;
        execution_serial = in.serial();
        id = number;
    }
    bool woken = false;
};

bool is_woken(const object& what, starter_id) noexcept { return static_cast<const futex_wait&>(what).woken; }

object_id number_of(execution& in, const void* word) {
    object_id& known = in.object_at(word);
    if (known == object_id{}) {
        const object_id fresh = in.number_object("futex", {}, in.origin_of_referenced(word));
        in.object_at(word) = fresh;
        return fresh;
    }
    return known;
}

std::uint32_t look_at(std::uint32_t* word) noexcept { return std::atomic_ref<std::uint32_t>(*word).load(); }

long failed(int code) noexcept {
    errno = code;
    return -1;
}

void forget(std::vector<futex_waiter>& waiters, starter_id who) {
    std::erase_if(waiters, [&](const futex_waiter& each) { return each.who == who; });
}

detail::deadline deadline_of(const futex_call& call) noexcept {
    if (call.timeout == nullptr) {
        return detail::no_deadline;
    }
    if (call.command() == FUTEX_WAIT) {
        return deadline_in(*call.timeout);
    }
    return intercept::deadline_of((call.operation & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC,
                                  *call.timeout);
}

long wait(execution& in, const futex_call& call, const place& where) {
    const std::uint32_t bits = call.command() == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : call.value3;
    if (bits == 0 || (call.timeout != nullptr && !is_time(CLOCK_MONOTONIC, call.timeout))) {
        return failed(EINVAL);
    }
    const object_id number = number_of(in, call.word);
    (void)in.access(number, {operation_kind::load, access_kind::read}, where);
    in.note_expected(call.value, true);
    if (in.unwinding() || look_at(call.word) != call.value) {
        in.failed();
        return failed(EAGAIN);
    }
    auto& waiters = ledger::of(in).futex_waiters;
    futex_wait waiting(in, number);
    waiters.push_back({call.word, bits, in.running()});
    const bool woken = in.perform_until(waiting, announced(operation_kind::wake, access_kind::acquire, where),
                                        &is_woken, deadline_of(call));
    if (!woken) {
        forget(waiters, in.running());
        return failed(ETIMEDOUT);
    }
    return 0;
}

/// Wakes up to `most` of those who wait for `word` with one of `bits`. Which ones is a decision.
long wake(execution& in, const void* word, std::uint32_t bits, std::uint32_t most) {
    auto& waiters = ledger::of(in).futex_waiters;
    const auto is_meant = [&](const futex_waiter& each) { return each.word == word && (each.bits & bits) != 0; };
    long woken = 0;
    while (woken < static_cast<long>(std::min<std::uint32_t>(most, 0x7fff'ffff))) {
        const auto count = static_cast<std::uint32_t>(std::count_if(waiters.begin(), waiters.end(), is_meant));
        if (count == 0) {
            break;
        }
        std::uint32_t left = most - static_cast<std::uint32_t>(woken) >= count ? 0 : in.choose(count);
        const auto chosen = std::find_if(waiters.begin(), waiters.end(),
                                         [&](const auto& each) { return is_meant(each) && left-- == 0; });
        const starter_id who = chosen->who;
        waiters.erase(chosen);
        auto& wait = static_cast<futex_wait&>(*in.starters()[who].waits_on);
        wait.woken = true;
        in.changed(wait);
        ++woken;
    }
    return woken;
}

long requeue(execution& in, const futex_call& call) {
    if (call.command() == FUTEX_CMP_REQUEUE && look_at(call.word) != call.value3) {
        return failed(EAGAIN);
    }
    long moved = wake(in, call.word, FUTEX_BITSET_MATCH_ANY, call.value);
    std::uint32_t left = call.value2();
    for (futex_waiter& each : ledger::of(in).futex_waiters) {
        if (each.word == call.word && left > 0) {
            each.word = call.word2;
            --left;
            ++moved;
        }
    }
    return moved;
}

long notify(execution& in, const futex_call& call, const place& where) {
    const operation_kind kind = call.value == 1 ? operation_kind::notify_one : operation_kind::notify_all;
    (void)in.access(number_of(in, call.word), {kind, access_kind::update}, where);
    if (in.unwinding()) {
        return 0;
    }
    const auto done = [&]() -> long {
        switch (call.command()) {
        case FUTEX_WAKE: return wake(in, call.word, FUTEX_BITSET_MATCH_ANY, call.value);
        case FUTEX_WAKE_BITSET: return call.value3 == 0 ? failed(EINVAL) : wake(in, call.word, call.value3, call.value);
        default: return requeue(in, call);
        }
    }();
    if (done <= 0) {
        in.note_unheard();
    }
    return done;
}

} // namespace

int futex_call::command() const noexcept { return operation & FUTEX_CMD_MASK; }

bool is_known(const futex_call& call) noexcept {
    const int command = call.command();
    return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET || command == FUTEX_WAKE ||
           command == FUTEX_WAKE_BITSET || command == FUTEX_REQUEUE || command == FUTEX_CMP_REQUEUE;
}

long futex(execution& in, const futex_call& call, const place& where) {
    const bool waits = call.command() == FUTEX_WAIT || call.command() == FUTEX_WAIT_BITSET;
    return with_unwinding(in, [&] { return waits ? wait(in, call, where) : notify(in, call, where); });
}

} // namespace cppvaldi::intercept
