/// A program whose starter computes without end: see watchdog.sh.

#include <cppvaldi/explore.hpp>

#include <cstdio>
#include <thread>

namespace {

[[gnu::noinline]] void compute_for_ever() {
    for (volatile unsigned int count = 0;;) {
        count = count + 1;
    }
}

} // namespace

int main() {
    const auto found = cppvaldi::explore(
        [] {
            std::thread other([] { compute_for_ever(); });
            other.join();
        },
        cppvaldi::random{.seed = 1}, {.executions = 1});
    std::printf("it has come to its end\n");
    return found.finding ? 1 : 0;
}
