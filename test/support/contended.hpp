#pragma once

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/thread.hpp>

/// Two threads, each `Rounds` rounds of one load and one store: the program by which searches are measured.
template <int Rounds>
void lost_update() {
    cppvaldi::atomic<int> count{0};
    const auto add = [&count] {
        for (int round = 0; round < Rounds; ++round) {
            count.store(count.load() + 1);
        }
    };
    cppvaldi::thread alice{"alice", add};
    cppvaldi::thread bob{"bob", add};
    alice.join();
    bob.join();
}

/// Three threads, each `Rounds` increments of a counter under a mutex. `Count` is `int`, or one that is watched.
template <typename Count, int Rounds>
void mutex_counter() {
    cppvaldi::mutex guard;
    Count count{0};
    const auto add = [&guard, &count] {
        for (int round = 0; round < Rounds; ++round) {
            guard.lock();
            ++count;
            guard.unlock();
        }
    };
    cppvaldi::thread alice{"alice", add};
    cppvaldi::thread bob{"bob", add};
    cppvaldi::thread carol{"carol", add};
    alice.join();
    bob.join();
    carol.join();
}
