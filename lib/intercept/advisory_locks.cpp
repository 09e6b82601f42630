/// flock: a starter that would wait for the lock of a file is blocked, and others go on. Who may have it is the operating
/// system's own rule, which is asked again whenever a starter has given a lock on that file up. While another process has it,
/// that is asked at times.

#include "intercept/advisory_locks.hpp"

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cppvaldi::intercept {

template <>
std::unique_ptr<advisory_lock> state_pool<advisory_lock>::make() {
    return std::make_unique<advisory_lock>();
}

namespace {

CPPVALDI_NEXT(flock);

/// Another process is waited for as long as a descriptor is, by default: so often such a span of time, of which each is as much
/// real time.
constexpr int most_looks_outside = 500;
constexpr std::chrono::milliseconds between_looks{10};

std::string held_outside(const object& what, const execution&) {
    return static_cast<const advisory_lock&>(what).taken_by.empty() ? ", which another process has" : "";
}

advisory_lock* lock_of(execution& in, int descriptor) {
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) {
        return nullptr;
    }
    state_pool<advisory_lock>& all = ledger::of(in).advisory_locks;
    for (std::uint32_t position = 0; position < all.size(); ++position) {
        if (all[position].device == about.st_dev && all[position].file == about.st_ino) {
            return &all[position];
        }
    }
    advisory_lock& fresh = all.take();
    renew_object(fresh, nullptr);
    fresh.device = about.st_dev;
    fresh.file = about.st_ino;
    fresh.taken_by.clear();
    fresh.remark = &held_outside;
    return &fresh;
}

bool could_have(int descriptor, int operation) noexcept {
    const int before = errno;
    const int result = next_flock(descriptor, operation | LOCK_NB);
    const bool waits = result != 0 && errno == EWOULDBLOCK;
    if (result == 0) {
        (void)next_flock(descriptor, LOCK_UN); // a lock that is waited for is none that is had
    }
    errno = before;
    return !waits;
}

bool can_lock(const object& what, starter_id who) {
    const thread_record& waiting = ledger::of(*what.met_by).thread(who);
    return could_have(waiting.lock_descriptor, waiting.lock_operation);
}

void give_up(execution& in, advisory_lock& lock, int descriptor) {
    std::erase(lock.taken_by, descriptor);
    tell_waiting(lock);
    order_with_outside(in);
}

/// Somebody in another process has it: nobody here can say when that changes.
void wait_for_others(execution& in, advisory_lock& lock, int descriptor, int wanted, const operation& announcement) {
    struct event {
        event() : descriptor(::eventfd(0, EFD_CLOEXEC)) {}
        event(const event&) = delete;
        event& operator=(const event&) = delete;
        ~event() { ::close(descriptor); }
        int descriptor;
    };
    const event never;
    for (int looks = 0; looks < most_looks_outside && lock.taken_by.empty() && !could_have(descriptor, wanted);
         ++looks) {
        (void)in.perform_when_ready(lock, announcement, never.descriptor, POLLIN, in.now() + between_looks);
    }
}

int change_lock(execution& in, int descriptor, int operation, const place& where) {
    return with_unwinding(in, [&] {
        advisory_lock* const lock = lock_of(in, descriptor);
        const int what = operation & ~LOCK_NB;
        if (lock == nullptr || (what != LOCK_SH && what != LOCK_EX && what != LOCK_UN)) {
            return next_flock(descriptor, operation | LOCK_NB); // which says what is wrong
        }
        const bool shares = what == LOCK_SH;
        if (what == LOCK_UN) {
            in.perform(*lock, announced(operation_kind::unlock, access_kind::release, where), nullptr);
            const int result = next_flock(descriptor, operation);
            give_up(in, *lock, descriptor);
            return result;
        }
        if ((operation & LOCK_NB) != 0) {
            in.perform(*lock,
                       announced(shares ? operation_kind::try_lock_shared : operation_kind::try_lock,
                                 access_kind::acquire, where),
                       nullptr);
        } else {
            const auto announcement =
                announced(shares ? operation_kind::lock_shared : operation_kind::lock, access_kind::acquire, where);
            thread_record& self = ledger::of(in).thread(in.running());
            self.lock_descriptor = descriptor;
            self.lock_operation = what;
            if (lock->taken_by.empty() && !could_have(descriptor, what)) {
                wait_for_others(in, *lock, descriptor, what, announcement);
            }
            in.perform(*lock, announcement, &can_lock);
        }
        std::erase(lock->taken_by, descriptor);
        const int result = next_flock(descriptor, what | LOCK_NB);
        order_with_outside(in);
        if (result == 0) {
            lock->taken_by.push_back(descriptor);
        } else {
            in.failed();
        }
        tell_waiting(*lock); // also where it has failed, which gives up the lock that was to be changed
        return result;
    });
}

} // namespace

void note_closed(execution& in, int descriptor) {
    state_pool<advisory_lock>& all = ledger::of(in).advisory_locks;
    for (std::uint32_t position = 0; position < all.size(); ++position) {
        advisory_lock& each = all[position];
        if (std::find(each.taken_by.begin(), each.taken_by.end(), descriptor) != each.taken_by.end()) {
            give_up(in, each, descriptor);
        }
    }
}

void parts::advisory_locks() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int flock(int descriptor, int operation) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] { return change_lock(*in, descriptor, operation, where); });
    }
    return next_flock(descriptor, operation);
}
}
