#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/detail/object.hpp>

#include <vector>

#include <sys/types.h>

namespace cppvaldi::intercept {

/// The lock of a file, as flock(2) knows it.
struct advisory_lock final : object {
    advisory_lock() : object("file lock") {}

    dev_t device = 0;
    ino_t file = 0;
    std::vector<int> taken_by; ///< the descriptors by which starters have it
};

/// A descriptor has been closed, and what was locked by it may be free.
void note_closed(execution& in, int descriptor);

} // namespace cppvaldi::intercept
