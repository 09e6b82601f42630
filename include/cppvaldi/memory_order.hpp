#pragma once

#include <cppvaldi/detail/cell.hpp>
#include <cppvaldi/detail/current.hpp>
#include <cppvaldi/place.hpp>

#include <atomic>

namespace cppvaldi {

// Accepted everywhere, and everywhere they behave as `seq_cst`.
using std::memory_order;
using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_consume;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

using std::atomic_signal_fence; // between a thread and its own signal handlers, which is no affair of the kernel's
using std::kill_dependency;

/// Is a scheduling point; nothing is left for it to order. Without `cppvaldi::` in front of it a call also finds the standard
/// library's, since the argument lives there. MAY SWITCH.
inline void atomic_thread_fence(memory_order, const place& where = place::current()) noexcept {
    if (detail::current_execution != nullptr) {
        detail::announce_fence(where);
    }
}

} // namespace cppvaldi
