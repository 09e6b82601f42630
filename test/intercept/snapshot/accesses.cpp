// Something is handed over by an atomic; looked at without it, and freed while it is looked at.
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

namespace {

std::mutex mutex;
std::atomic<int> stage{0};
int value = 0;
int* block = nullptr;

void hand_over() {
    {
        const std::lock_guard lock(mutex);
        value = 1;
    }
    stage.store(1);
}

void take() {
    if (stage.load() == 1) {
        value = 2;
        delete block;
        block = nullptr;
    }
}

} // namespace

int main() {
    block = new int(5);
    std::thread first(hand_over);
    std::thread second(take);
#ifndef MENDED
    if (stage.load() == 1 && block != nullptr) {
        *block = 3;
    }
#endif
    first.join();
    second.join();
    delete block;
}
