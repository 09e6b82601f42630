#pragma once

#include <cppvaldi/strategy.hpp>

namespace cppvaldi {

/// Returns a starter that a search lets go on without looking at alternatives, or `nobody`.
///
/// Rule 1 wants the pending operation of every starter to be known, so one that has not begun goes on to its first announcement.
/// And one that joins another which has ended goes on: that operation commutes with all others, since nothing that anybody does
/// can disable it or be seen by it.
[[nodiscard]] inline starter_id forced_choice(const scheduling_point& point) noexcept {
    for (starter_id id = point.enabled.first(); id != nobody; id = point.enabled.after(id)) {
        const operation_kind next = point.pending[index(id)].kind;
        if (next == operation_kind::started || next == operation_kind::join) {
            return id;
        }
    }
    return nobody;
}

} // namespace cppvaldi
