// Exceptions in flight in two threads at once, thread-locals with destructors, and many allocations.
#include <cassert>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

std::mutex mutex;
int destroyed = 0;

struct counted {
    ~counted() {
        const std::lock_guard lock(mutex);
        ++destroyed;
    }
    std::vector<std::string> kept;
};
thread_local counted own;

void work(int number) {
    for (int round = 0; round < 20; ++round) {
        own.kept.emplace_back(100, static_cast<char>('a' + number));
    }
    try {
        try {
            throw std::runtime_error(std::to_string(number));
        } catch (const std::runtime_error&) {
            std::this_thread::yield();
            throw;
        }
    } catch (const std::runtime_error& problem) {
        const std::lock_guard lock(mutex);
        assert(problem.what() == std::to_string(number));
    }
}

} // namespace

int main() {
    std::thread first(work, 1);
    std::thread second(work, 2);
#ifndef MENDED
    const std::lock_guard lock(mutex); // which the destructors of the thread-locals want
#endif
    first.join();
    second.join();
#ifdef MENDED
    const std::lock_guard lock(mutex);
#endif
    assert(destroyed == 2);
}
