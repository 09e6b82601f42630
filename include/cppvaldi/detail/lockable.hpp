#pragma once

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/place.hpp>

#include <span>

namespace cppvaldi::detail {

/// Something that can be locked together with others, of whatever kind.
struct lockable {
    struct rules {
        void (*meet)(object& what); ///< numbers it, if the execution has not met it
        void (*lock)(object& what, const place& where);
        bool (*try_lock)(object& what, const place& where);
        void (*unlock)(object& what, const place& where);
        void (*await_unlocked)(object& what, const place& where); ///< does not lock it
    };

    object* what;
    const rules* how;
};

/// Locks all of them, and never has one while it waits for another. Reorders `all`. If one throws, none is locked.
///
/// `std::lock` backs off and tries again, and under a strategy that lets two callers do so in turns, for ever. Here everybody
/// locks in the order of the objects' numbers, and who finds one taken gives all up and waits until that one is free. So of
/// several callers that are in each other's way the one that has got furthest is in nobody's, and there are only as many
/// repetitions as there are other locks in between. MAY SWITCH.
void lock_all(std::span<lockable> all, const place& where);

} // namespace cppvaldi::detail
