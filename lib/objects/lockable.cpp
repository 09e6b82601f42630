#include <cppvaldi/detail/lockable.hpp>

#include "objects/here.hpp"

#include <algorithm>

namespace cppvaldi::detail {

namespace {

/// Unlocks the first `count`, the last one first.
void unlock_first(std::span<lockable> all, std::size_t count, const place& where) {
    while (count-- > 0) {
        all[count].how->unlock(*all[count].what, where);
    }
}

/// Locks all, or none; returns the one that was taken, or null.
const lockable* try_lock_all(std::span<lockable> all, const place& where) {
    std::size_t locked = 0;
    try {
        all.front().how->lock(*all.front().what, where);
        for (locked = 1; locked < all.size(); ++locked) {
            if (!all[locked].how->try_lock(*all[locked].what, where)) {
                unlock_first(all, locked, where);
                return &all[locked];
            }
        }
    } catch (...) {
        unlock_first(all, locked, where);
        throw;
    }
    return nullptr;
}

} // namespace

void lock_all(std::span<lockable> all, const place& where) {
    if (all.empty()) {
        return;
    }
    if (here() != nullptr && !unwinding()) {
        for (const lockable& each : all) {
            each.how->meet(*each.what);
        }
        std::sort(all.begin(), all.end(),
                  [](const lockable& left, const lockable& right) { return left.what->id < right.what->id; });
    }
    while (const lockable* const taken = try_lock_all(all, where)) {
        taken->how->await_unlocked(*taken->what, where);
    }
}

} // namespace cppvaldi::detail
