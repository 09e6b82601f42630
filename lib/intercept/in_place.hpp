#pragma once

#include "objects/here.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

/// How a `pthread_mutex_t` and its kin find what the kernel keeps for them: by a note in bytes of their own that the C library
/// does not use while they are free. So one that is zeroed is free and unknown, whatever was at that address before; one that is
/// moved or copied is another one; and what an execution has left there means nothing to the next.

namespace cppvaldi::intercept {

/// The states of one kind. They stay where they are, and are used again after `clear`.
template <typename State>
class state_pool {
public:
    /// Returns a state that nobody uses; its members are whatever its last user left.
    State& take() {
        if (used_ == states_.size()) {
            // Not born in the execution that meets it first: which one that is depends on the interleaving.
            execution* const in = std::exchange(detail::current_execution, nullptr);
            states_.push_back(make());
            detail::current_execution = in;
        }
        return *states_[used_++];
    }

    [[nodiscard]] State& operator[](std::size_t position) { return *states_[position]; }
    [[nodiscard]] std::size_t size() const noexcept { return used_; }
    void clear() noexcept { used_ = 0; }

private:
    static std::unique_ptr<State> make();

    std::vector<std::unique_ptr<State>> states_;
    std::size_t used_ = 0;
};

/// Makes a state that was another object's that of the one at `address`.
inline void renew_object(object& fresh, const void* address) noexcept {
    fresh.execution_serial = 0;
    fresh.first_waiting = nobody;
    fresh.last_waiting = nobody;
    fresh.holder = nobody;
    fresh.held_since = {};
    fresh.stands_for = address;
}

/// The note: which state of a pool, in which execution.
struct [[gnu::may_alias]] note_in_place {
    std::uint32_t mark = 0;
    std::uint32_t position = 0;
};

/// Tells notes from what the C library writes there: counters, which begin at zero, and addresses, whose upper half is small.
constexpr std::uint32_t note_mark = 0xcaa1'd100;

[[nodiscard]] inline std::uint32_t mark_of(std::uint64_t serial) noexcept {
    return note_mark | static_cast<std::uint32_t>(serial & 0xff);
}

/// Takes a note away, in code that the execution does not run: what is left is a free object of the C library.
inline void erase_note(note_in_place& there) noexcept {
    if ((there.mark & 0xffff'ff00) == note_mark) [[unlikely]] {
        there = {};
    }
}

/// Returns the state of the object at `address`, which has its note at `there`. If the execution has not met it, that is a state
/// which `renew` has been called for.
template <typename State, typename Renew>
[[nodiscard]] State& state_of(state_pool<State>& among, std::uint64_t serial, note_in_place& there, const void* address,
                              Renew&& renew) {
    if (there.mark == mark_of(serial) && there.position < among.size()) [[likely]] {
        State& known = among[there.position];
        if (known.stands_for == address) {
            return known;
        }
    }
    State& fresh = among.take();
    renew_object(fresh, address);
    renew(fresh);
    there = {mark_of(serial), static_cast<std::uint32_t>(among.size() - 1)};
    return fresh;
}

} // namespace cppvaldi::intercept
