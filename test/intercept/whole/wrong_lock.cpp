// Two threads that guard one counter by two locks.
#include <cassert>
#include <mutex>
#include <thread>

namespace {

std::mutex first_mutex;
std::mutex second_mutex;
int count = 0;

void add(std::mutex& guard) {
    const std::lock_guard lock(guard);
    const int seen = count;
    std::this_thread::yield();
    count = seen + 1;
}

} // namespace

int main() {
#ifdef MENDED
    std::thread other(add, std::ref(first_mutex));
#else
    std::thread other(add, std::ref(second_mutex));
#endif
    add(first_mutex);
    other.join();
    assert(count == 2);
}
