// A pool of threads whose destructor says stop without the lock, between a worker's look and its wait.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace {

class pool {
public:
    explicit pool(int size) {
        for (int number = 0; number < size; ++number) {
            workers_.emplace_back([this] { work(); });
        }
    }

    ~pool() {
        {
#ifdef MENDED
            const std::lock_guard lock(mutex_);
#endif
            const std::lock_guard stop_lock(stop_mutex_);
            stop_ = true;
        }
        changed_.notify_all();
        for (std::thread& each : workers_) {
            each.join();
        }
    }

    void post(std::function<void()> job) {
        {
            const std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
        }
        changed_.notify_one();
    }

private:
    bool must_stop() {
        const std::lock_guard lock(stop_mutex_);
        return stop_;
    }

    void work() {
        for (;;) {
            std::unique_lock lock(mutex_);
            while (jobs_.empty()) {
                if (must_stop()) {
                    return;
                }
                changed_.wait(lock);
            }
            const std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
        }
    }

    std::mutex mutex_;
    std::mutex stop_mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    bool stop_ = false;
    std::vector<std::thread> workers_;
};

} // namespace

int main() {
    std::mutex mutex;
    int done = 0;
    {
        pool workers(2);
        for (int number = 0; number < 2; ++number) {
            workers.post([&] {
                const std::lock_guard lock(mutex);
                ++done;
            });
        }
    }
    return done == 2 ? 0 : 3;
}
