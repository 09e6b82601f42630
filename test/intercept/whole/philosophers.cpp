// Philosophers who all take their left fork first.
#include <array>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

int main() {
    constexpr std::size_t seats = 3;
    std::array<std::mutex, seats> forks;
    std::vector<std::thread> philosophers;
    for (std::size_t seat = 0; seat < seats; ++seat) {
        philosophers.emplace_back([&forks, seat] {
            std::mutex& left = forks[seat];
            std::mutex& right = forks[(seat + 1) % seats];
#ifdef MENDED
            const std::scoped_lock both(left, right);
#else
            const std::lock_guard first(left);
            const std::lock_guard second(right);
#endif
        });
    }
    for (std::thread& each : philosophers) {
        each.join();
    }
}
