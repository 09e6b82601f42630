// A thread pool: workers wait for tasks until the pool is to stop.

#include "support/finds.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <queue>
#include <stdexcept>
#include <utility>
#include <vector>

using cppvaldi::finding;

namespace {

namespace sync = cppvaldi; // not outside, where <unistd.h> has a function of that name

/// How a pool is told to stop.
enum class stopping { with_the_lock, without_it };

class thread_pool {
public:
    thread_pool(std::size_t workers, stopping how) : how_(how) {
        while (workers_.size() < workers) {
            workers_.emplace_back("worker", &thread_pool::work, this);
        }
    }

    ~thread_pool() {
        if (how_ == stopping::with_the_lock) {
            sync::lock_guard held(mutex_);
            stops_ = true;
        } else {
            stops_ = true; // an atomic, so what is a lock for?
        }
        something_to_do_.notify_all();
    }

    sync::future<int> submit(int (*task)()) {
        sync::packaged_task<int()> made(task);
        sync::future<int> result = made.get_future();
        {
            sync::lock_guard held(mutex_);
            tasks_.push(std::move(made));
        }
        something_to_do_.notify_one();
        return result;
    }

private:
    void work() {
        while (auto task = next()) {
            (*task)();
        }
    }

    std::optional<sync::packaged_task<int()>> next() {
        sync::unique_lock lock(mutex_);
        something_to_do_.wait(lock, [&] { return stops_ || !tasks_.empty(); });
        if (tasks_.empty()) {
            return std::nullopt;
        }
        std::optional task(std::move(tasks_.front()));
        tasks_.pop();
        return task;
    }

    stopping how_;
    sync::mutex mutex_{"pool"};
    sync::condition_variable something_to_do_{"something to do"};
    sync::atomic<bool> stops_ = false;
    std::queue<sync::packaged_task<int()>> tasks_;
    std::vector<sync::jthread> workers_; ///< the last member: they are joined before anything else goes
};

void use(stopping how) {
    sync::future<int> answer;
    sync::future<int> failure;
    {
        thread_pool pool(2, how);
        answer = pool.submit([] { return 42; });
        failure = pool.submit([]() -> int { throw std::runtime_error("no"); });
    }
    sync::require(answer.get() == 42, "the task was run");
    try {
        (void)failure.get();
        sync::require(false, "the exception arrives");
    } catch (const std::runtime_error&) {}
}

} // namespace

BOOST_AUTO_TEST_CASE(who_is_told_to_stop_without_the_lock_may_sleep_through_it) {
    const finding found = found_in([] { thread_pool pool(1, stopping::without_it); }, cppvaldi::exhaustive{});
    BOOST_TEST(found.what == finding::kind::deadlock);
    BOOST_TEST(found.message.starts_with("main waits for the end of worker, who waits for condition something to do; "
                                         "main notified it at thread_pool.cpp:"),
               found.message);
    BOOST_TEST(found.message.ends_with(" before, when nobody waited"), found.message);
}

BOOST_AUTO_TEST_CASE(the_same_in_a_pool_that_works) {
    const finding found = found_in([] { use(stopping::without_it); }, cppvaldi::random{1});
    BOOST_TEST(found.what == finding::kind::deadlock);
}

BOOST_AUTO_TEST_CASE(mended_every_task_is_run_and_every_worker_stops) {
    comes_out_clean([] { thread_pool pool(2, stopping::with_the_lock); }, cppvaldi::exhaustive{});
    comes_out_clean([] { use(stopping::with_the_lock); }, cppvaldi::exhaustive{.preemptions = 2});
}
