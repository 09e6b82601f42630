// Something that is made when it is first needed; who looks and who makes it do so in two critical sections.
#include <cstdlib>
#include <mutex>
#include <thread>

namespace {

std::mutex mutex;
bool made = false;
int times = 0;

void use() {
#ifdef MENDED
    static const bool once = [] {
        const std::lock_guard lock(mutex);
        ++times;
        return true;
    }();
    (void)once;
#else
    bool must_make = false;
    {
        const std::lock_guard lock(mutex);
        must_make = !made;
    }
    if (must_make) {
        const std::lock_guard lock(mutex);
        made = true;
        ++times;
    }
#endif
}

} // namespace

int main() {
    std::thread other(use);
    use();
    other.join();
    return times == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
