#pragma once

#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/mutex.hpp>

/// What tests of notifications wait for, and with.
struct gate {
    cppvaldi::mutex mutex{"gate"};
    cppvaldi::condition_variable changed{"opened"};
    bool open = false;

    void set() {
        cppvaldi::lock_guard held(mutex);
        open = true;
        changed.notify_one();
    }
};
