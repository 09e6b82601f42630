// The bounded buffer: producers wait while it is full, consumers while it is empty.

#include "support/finds.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <deque>

using cppvaldi::finding;

namespace {

namespace sync = cppvaldi; // not outside, where <unistd.h> has a function of that name

/// As it should be: a condition for each kind of waiter, and whoever has waited looks again.
class bounded_buffer {
public:
    void put(int item) {
        sync::unique_lock lock(mutex_);
        not_full_.wait(lock, [&] { return items_.read().size() < room; });
        items_->push_back(item);
        not_empty_.notify_one();
    }

    int take() {
        sync::unique_lock lock(mutex_);
        not_empty_.wait(lock, [&] { return !items_.read().empty(); });
        const int item = items_.read().front();
        items_->pop_front();
        not_full_.notify_one();
        return item;
    }

private:
    static constexpr std::size_t room = 1;

    sync::mutex mutex_{"buffer"};
    sync::condition_variable not_full_{"not full"};
    sync::condition_variable not_empty_{"not empty"};
    sync::shared<std::deque<int>> items_;
};

/// Whoever is woken believes that what it has waited for is still so.
class trusting_buffer {
public:
    void put(int item) {
        sync::unique_lock lock(mutex_);
        items_->push_back(item);
        not_empty_.notify_one();
    }

    int take() {
        sync::unique_lock lock(mutex_);
        if (items_.read().empty()) {
            not_empty_.wait(lock);
        }
        sync::require(!items_.read().empty(), "there is something to take");
        const int item = items_.read().front();
        items_->pop_front();
        return item;
    }

private:
    sync::mutex mutex_{"buffer"};
    sync::condition_variable not_empty_{"not empty"};
    sync::shared<std::deque<int>> items_;
};

/// One condition for both kinds of waiters, of whom one is notified: it may be the wrong one.
class one_condition_buffer {
public:
    void put(int item) {
        sync::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return items_.read().size() < room; });
        items_->push_back(item);
        changed_.notify_one();
    }

    int take() {
        sync::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !items_.read().empty(); });
        const int item = items_.read().front();
        items_->pop_front();
        changed_.notify_one();
        return item;
    }

private:
    static constexpr std::size_t room = 1;

    sync::mutex mutex_{"buffer"};
    sync::condition_variable changed_{"changed"};
    sync::shared<std::deque<int>> items_;
};

/// One producer puts as much as two consumers take.
template <typename Buffer>
void two_consumers() {
    Buffer buffer;
    int taken = 0;
    sync::jthread first("first", [&] { taken += buffer.take(); });
    sync::jthread second("second", [&] { taken += buffer.take(); });
    buffer.put(1);
    buffer.put(2);
    first.join();
    second.join();
    sync::require(taken == 3, "both items arrive");
}

/// Two producers and two consumers.
template <typename Buffer>
void two_and_two() {
    Buffer buffer;
    sync::jthread ann("ann", [&] { buffer.put(1); });
    sync::jthread ben("ben", [&] { buffer.put(2); });
    sync::jthread cid("cid", [&] { (void)buffer.take(); });
    (void)buffer.take();
}

} // namespace

BOOST_AUTO_TEST_CASE(who_does_not_look_again_takes_from_an_empty_buffer) {
    const finding found = found_in(two_consumers<trusting_buffer>, cppvaldi::exhaustive{.preemptions = 2});
    BOOST_TEST(found.what == finding::kind::requirement);
    BOOST_TEST(found.message.starts_with("there is something to take"), found.message);
}

BOOST_AUTO_TEST_CASE(a_spurious_wakeup_alone_shows_it_too) {
    const auto one_consumer = [] {
        trusting_buffer buffer;
        sync::jthread consumer("consumer", [&] { (void)buffer.take(); });
        buffer.put(1);
    };
    comes_out_clean(one_consumer, cppvaldi::exhaustive{});
    const finding found =
        found_in(one_consumer, cppvaldi::exhaustive{}, {.executions = 1000, .each = {.spurious_wakeups = true}});
    BOOST_TEST(found.what == finding::kind::requirement);
}

BOOST_AUTO_TEST_CASE(one_condition_for_two_kinds_of_waiters_wakes_the_wrong_one) {
    const finding found = found_in(two_and_two<one_condition_buffer>, cppvaldi::random{7});
    BOOST_TEST(found.what == finding::kind::deadlock);
    BOOST_TEST(found.status.find("waits for condition changed at bounded_buffer.cpp:") != std::string::npos,
               found.status);
}

BOOST_AUTO_TEST_CASE(mended_it_hands_over_everything) {
    comes_out_clean(two_consumers<bounded_buffer>, cppvaldi::exhaustive{.preemptions = 2});
    comes_out_clean(two_and_two<bounded_buffer>, cppvaldi::exhaustive{.preemptions = 2});
}
