// Stages that hand over numbers by futures; the last one does not wait for the one that adds.
#include <cassert>
#include <future>
#include <mutex>

namespace {

std::mutex mutex;
int sum = 0;

void add(int number) {
    const std::lock_guard lock(mutex);
    sum += number;
}

int current_sum() {
    const std::lock_guard lock(mutex);
    return sum;
}

} // namespace

int main() {
    std::future<int> first = std::async(std::launch::async, [] { return 20; });
    std::promise<int> passed;
    std::future<int> second = passed.get_future();
    std::future<void> adder = std::async(std::launch::async, [&] {
        const int number = first.get();
        passed.set_value(number + 1);
        add(2 * number + 2);
    });
    const int number = second.get();
#ifdef MENDED
    adder.get();
#endif
    assert(current_sum() == 2 * number);
}
