// A pool of two workers is told to stop between a worker's look at the flag and its wait. Mended: the flag is set under the mutex.

#undef NDEBUG
#include <cassert>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace {

class pool {
public:
    explicit pool(int workers) {
        for (int number = 0; number < workers; ++number) {
            threads_.emplace_back([this] { work(); });
        }
    }

    ~pool() {
        {
#ifdef MENDED
            const std::lock_guard<std::mutex> mine(door_);
#endif
            stopped_ = true;
        }
        changed_.notify_all();
        for (std::thread& each : threads_) {
            each.join();
        }
    }

    void submit(std::function<void()> job) {
        {
            const std::lock_guard<std::mutex> mine(door_);
            jobs_.push_back(std::move(job));
        }
        changed_.notify_one();
    }

private:
    void work() {
        std::unique_lock<std::mutex> mine(door_);
        for (;;) {
            while (jobs_.empty() && !stopped_) {
                changed_.wait(mine);
            }
            if (jobs_.empty()) {
                return;
            }
            const std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            mine.unlock();
            job();
            mine.lock();
        }
    }

    std::mutex door_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

} // namespace

int PROGRAM() {
    std::mutex door;
    int done = 0;
    {
        pool two(2);
        for (int number = 0; number < 3; ++number) {
            two.submit([&] {
                const std::lock_guard<std::mutex> mine(door);
                ++done;
            });
        }
    }
    assert(done == 3);
    return 0;
}
