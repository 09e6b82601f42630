// A work queue whose wake-ups get lost, in two ways that both look like optimisations.

#include "support/finds.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <queue>
#include <string>

using cppvaldi::finding;

namespace {

namespace sync = cppvaldi; // not outside, where <unistd.h> has a function of that name

/// As it should be.
class work_queue {
public:
    void put(int item) {
        sync::lock_guard held(mutex_);
        items_->push(item);
        more_.notify_one();
    }

    int take() {
        sync::unique_lock lock(mutex_);
        more_.wait(lock, [&] { return !items_.read().empty(); });
        const int item = items_.read().front();
        items_->pop();
        return item;
    }

private:
    sync::mutex mutex_{"queue"};
    sync::condition_variable more_{"more"};
    sync::shared<std::queue<int>> items_;
};

/// The producer counts items in an atomic and leaves the lock alone: it can notify between the look and the wait.
class counting_queue {
public:
    static inline int notified_at = 0;
    static inline int waits_at = 0;

    void put() {
        ++items_;
        more_.notify_one();
        notified_at = __LINE__ - 1;
    }

    void take() {
        sync::unique_lock lock(mutex_);
        waits_at = __LINE__ + 1;
        more_.wait(lock, [&] { return items_ > 0; });
        --items_;
    }

private:
    sync::mutex mutex_{"queue"};
    sync::condition_variable more_{"more"};
    sync::atomic<int> items_ = 0;
};

/// Nobody waits on a queue that is not empty, so only the first item is worth a notification. But who has been notified may not
/// have come yet.
class sparing_queue {
public:
    void put(int item) {
        sync::lock_guard held(mutex_);
        items_->push(item);
        if (items_.read().size() == 1) {
            more_.notify_one();
        }
    }

    int take() {
        sync::unique_lock lock(mutex_);
        more_.wait(lock, [&] { return !items_.read().empty(); });
        const int item = items_.read().front();
        items_->pop();
        return item;
    }

private:
    sync::mutex mutex_{"queue"};
    sync::condition_variable more_{"more"};
    sync::shared<std::queue<int>> items_;
};

/// Two consumers take what one producer puts.
template <typename Queue>
void two_items() {
    Queue queue;
    int sum = 0;
    sync::jthread first("first", [&] { sum += queue.take(); });
    sync::jthread second("second", [&] { sum += queue.take(); });
    queue.put(1);
    queue.put(2);
    first.join();
    second.join();
    sync::require(sum == 3, "all is taken");
}

} // namespace

BOOST_AUTO_TEST_CASE(a_notification_between_the_look_and_the_wait_is_lost) {
    const auto program = [] {
        counting_queue queue;
        sync::thread consumer("consumer", [&] { queue.take(); });
        sync::checkpoint("puts");
        queue.put();
        consumer.join();
    };
    const finding found = found_in(program, cppvaldi::exhaustive{});
    BOOST_TEST(found.what == finding::kind::deadlock);
    const std::string wait = "waits for condition more";
    const std::string cause = "; main notified it at work_queue.cpp:" + std::to_string(counting_queue::notified_at) +
                              " before, when nobody waited";
    BOOST_TEST(found.message == "main waits for the end of consumer, who " + wait + cause);
    BOOST_TEST(found.status.find("consumer  " + wait + " at work_queue.cpp:" +
                                 std::to_string(counting_queue::waits_at) + cause + '\n') != std::string::npos,
               found.status);
}

BOOST_AUTO_TEST_CASE(a_notification_that_was_spared_is_missed) {
    const finding found = found_in(&two_items<sparing_queue>, cppvaldi::exhaustive{.preemptions = 2});
    BOOST_TEST(found.what == finding::kind::deadlock);
    BOOST_TEST(found.status.find("waits for condition more at work_queue.cpp:") != std::string::npos, found.status);
}

BOOST_AUTO_TEST_CASE(mended_nothing_is_lost) {
    comes_out_clean(&two_items<work_queue>, cppvaldi::exhaustive{.preemptions = 3});
}
