// Three stages, each a std::async that waits for the one before; the last two read what the first is still filling. Mended: they wait for its
// future, too.

#undef NDEBUG
#include <cassert>
#include <future>
#include <numeric>
#include <vector>

int PROGRAM() {
    std::vector<int> numbers(4, 0);
    std::shared_future<void> filled = std::async(std::launch::async, [&] {
                                          for (int number = 0; number < 4; ++number) {
                                              numbers[static_cast<std::size_t>(number)] = number + 1;
                                          }
                                      }).share();
    std::future<int> sum = std::async(std::launch::async, [&, filled] {
#ifdef MENDED
        filled.wait();
#endif
        return std::accumulate(numbers.begin(), numbers.end(), 0);
    });
    std::future<int> twice = std::async(std::launch::async, [&] { return 2 * sum.get(); });
    assert(twice.get() == 20);
    filled.get();
    return 0;
}
