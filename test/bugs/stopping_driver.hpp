#pragma once

#include "bugs/bug.hpp"

namespace bugs {

/// Shutdown: a device driver counts the requests that are under way, so that it stops only when there are none. Who asks whether
/// it is stopping before he counts himself can be overtaken by the stop. (After the Bluetooth driver of the KISS and CHESS papers.)
inline void stopping_driver_body(version is) {
    cppvaldi::atomic<int> under_way{1}; // the driver itself counts as one
    cppvaldi::atomic<bool> stopping{false};
    cppvaldi::atomic<bool> stopped{false};
    const auto leave = [&] {
        if (under_way.fetch_sub(1) == 1) {
            stopped.store(true);
        }
    };
    const auto enter = [&] {
        if (is == version::mended) {
            under_way.fetch_add(1);
            if (!stopping.load()) {
                return true;
            }
            leave();
            return false;
        }
        if (stopping.load()) {
            return false;
        }
        under_way.fetch_add(1);
        return true;
    };
    const auto request = [&] {
        if (enter()) {
            cppvaldi::require(!stopped.load(), "a driver with a request under way has not stopped");
            leave();
        }
    };
    const auto stop = [&] {
        stopping.store(true);
        leave();
    };
    together({{"request", request}, {"stop", stop}});
}

inline bug stopping_driver() {
    return {"stopping_driver",
            &stopping_driver_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 50},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 100}},
            {{cppvaldi::exhaustive{}, 200}}};
}

} // namespace bugs
