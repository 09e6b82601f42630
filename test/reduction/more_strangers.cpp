// More programs as somebody else would write them, each compared with brute force: stop requests with callbacks, banks, conditions with
// several who notify, what several can share.

#include "support/classes.hpp"
#include "support/fixture.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <shared_mutex>
#include <utility>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(more_strangers, clean_world)

namespace {

using namespace std::chrono_literals;
using cppvaldi::atomic;
using cppvaldi::mutex;
using cppvaldi::stop_callback;
using cppvaldi::stop_source;
using cppvaldi::thread;

template <typename... Works>
void together(Works&&... works) {
    std::vector<thread> all;
    (all.emplace_back(std::forward<Works>(works)), ...);
    for (thread& each : all) {
        each.join();
    }
}

void times(int count, const std::function<void(int)>& body) {
    std::vector<thread> all;
    for (int each = 0; each < count; ++each) {
        all.emplace_back([&body, each] { body(each); });
    }
    for (thread& each : all) {
        each.join();
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_callback_that_comes_and_goes) {
    BOOST_TEST(classes_of([] {
                   stop_source stop;
                   atomic<int> x{0};
                   together([&] { const stop_callback called(stop.get_token(), [&] { ++x; }); },
                            [&] { (void)stop.request_stop(); });
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(a_callback_that_goes_while_another_is_called) {
    BOOST_TEST(classes_of([] {
                   stop_source stop;
                   atomic<int> x{0};
                   together(
                       [&] {
                           const stop_callback first(stop.get_token(), [&] { ++x; });
                           const stop_callback second(stop.get_token(), [&] { ++x; });
                       },
                       [&] { (void)stop.request_stop(); });
               }) == 20U);
}

BOOST_AUTO_TEST_CASE(a_callback_that_looks_at_what_others_write) {
    BOOST_TEST(classes_of([] {
                   stop_source stop;
                   atomic<int> x{0};
                   together(
                       [&] {
                           const stop_callback called(stop.get_token(), [&] { (void)x.load(); });
                           x = 5;
                       },
                       [&] { (void)stop.request_stop(); }, [&] { x = 7; });
               }) == 17U);
}

BOOST_AUTO_TEST_CASE(callbacks_of_two_starters) {
    BOOST_TEST(classes_of([] {
                   stop_source stop;
                   atomic<int> x{0};
                   together(
                       [&] {
                           const stop_callback first(stop.get_token(), [&] { x = 1; });
                           const stop_callback second(stop.get_token(), [&] { (void)x.load(); });
                       },
                       [&] { (void)stop.request_stop(); },
                       [&] { const stop_callback third(stop.get_token(), [&] { x = 3; }); });
               }) == 1'902U);
}

BOOST_AUTO_TEST_CASE(a_callback_that_requests_another_stop) {
    BOOST_TEST(classes_of([] {
                   stop_source outer;
                   stop_source inner;
                   atomic<int> x{0};
                   together(
                       [&] {
                           const stop_callback passes_on(outer.get_token(), [&] { (void)inner.request_stop(); });
                           const stop_callback called(inner.get_token(), [&] { ++x; });
                           (void)x.load();
                       },
                       [&] { (void)outer.request_stop(); });
               }) == 14U);
}

BOOST_AUTO_TEST_CASE(two_who_request_a_stop_and_one_who_asks) {
    BOOST_TEST(classes_of([] {
                   stop_source stop;
                   atomic<int> x{0};
                   const auto request = [&] { (void)stop.request_stop(); };
                   together(
                       [&] {
                           const stop_callback called(stop.get_token(), [&] { ++x; });
                           (void)stop.stop_requested();
                       },
                       request, request);
               }) == 38U);
}

BOOST_AUTO_TEST_CASE(a_wait_that_ends_with_a_stop_or_a_notification) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable_any changed;
                   bool ready = false;
                   cppvaldi::jthread waits([&](const cppvaldi::stop_token& token) {
                       std::unique_lock held(door);
                       (void)changed.wait(held, token, [&] { return ready; });
                   });
                   thread notifies([&] {
                       const std::lock_guard held(door);
                       ready = true;
                       changed.notify_all();
                   });
                   (void)waits.request_stop();
                   waits.join();
                   notifies.join();
               }) == 14U);
}

BOOST_AUTO_TEST_CASE(transfers_between_accounts) {
    BOOST_TEST(classes_of([] {
                   std::array<mutex, 3> doors;
                   std::array<int, 3> balance{5, 5, 5};
                   times(3, [&](int who) {
                       const auto from = static_cast<std::size_t>(who);
                       const std::size_t to = (from + 1) % 3;
                       const std::lock_guard one(doors[std::min(from, to)]);
                       const std::lock_guard other(doors[std::max(from, to)]);
                       --balance[from];
                       ++balance[to];
                   });
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(two_who_notify_two) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable changed;
                   int tokens = 0;
                   times(4, [&](int who) {
                       std::unique_lock held(door);
                       if (who < 2) {
                           changed.wait(held, [&] { return tokens > 0; });
                           --tokens;
                       } else {
                           ++tokens;
                           changed.notify_one();
                       }
                   });
               }) == 60U);
}

BOOST_AUTO_TEST_CASE(three_who_are_all_notified) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable changed;
                   bool ready = false;
                   times(4, [&](int who) {
                       std::unique_lock held(door);
                       if (who < 3) {
                           changed.wait(held, [&] { return ready; });
                       } else {
                           ready = true;
                           changed.notify_all();
                       }
                   });
               }) == 96U);
}

BOOST_AUTO_TEST_CASE(two_who_do_not_wait_for_long) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable changed;
                   bool ready = false;
                   times(3, [&](int who) {
                       std::unique_lock held(door);
                       if (who < 2) {
                           (void)changed.wait_for(held, (5 + who) * 1ms, [&] { return ready; });
                       } else {
                           ready = true;
                           changed.notify_one();
                       }
                   });
               }) == 80U);
}

BOOST_AUTO_TEST_CASE(turns_by_a_condition) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable changed;
                   int turn = 0;
                   times(3, [&](int who) {
                       std::unique_lock held(door);
                       changed.wait(held, [&] { return turn == who; });
                       ++turn;
                       held.unlock();
                       changed.notify_all();
                   });
               }) == 16U);
}

BOOST_AUTO_TEST_CASE(locks_that_are_tried_by_three) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   atomic<int> refused{0};
                   times(3, [&](int) {
                       if (door.try_lock()) {
                           door.unlock();
                       } else {
                           ++refused;
                       }
                   });
               }) == 24U);
}

BOOST_AUTO_TEST_CASE(who_reads_under_a_shared_lock_and_then_writes) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::shared_timed_mutex door;
                   times(2, [&](int) {
                       door.lock_shared();
                       door.unlock_shared();
                       if (door.try_lock_for(1ms)) {
                           door.unlock();
                       }
                   });
               }) == 8U);
}

BOOST_AUTO_TEST_CASE(locks_that_are_taken_twice_and_tried) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::recursive_timed_mutex door;
                   times(2, [&](int) {
                       if (door.try_lock_for(1ms)) {
                           door.lock();
                           door.unlock();
                           door.unlock();
                       }
                   });
               }) == 4U);
    BOOST_TEST(classes_of([] {
                   cppvaldi::recursive_mutex door;
                   times(2, [&](int) {
                       door.lock();
                       door.lock();
                       door.unlock();
                       door.unlock();
                       if (door.try_lock()) {
                           door.unlock();
                       }
                   });
               }) == 12U);
}

BOOST_AUTO_TEST_CASE(a_pool_that_is_told_to_stop) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable changed;
                   int jobs = 0;
                   bool stops = false;
                   atomic<int> done{0};
                   thread worker([&] {
                       for (;;) {
                           std::unique_lock held(door);
                           changed.wait(held, [&] { return jobs > 0 || stops; });
                           if (jobs == 0) {
                               return;
                           }
                           --jobs;
                           held.unlock();
                           ++done;
                       }
                   });
                   const auto tell = [&](int more, bool last) {
                       {
                           const std::lock_guard held(door);
                           jobs += more;
                           stops = last;
                       }
                       changed.notify_all();
                   };
                   tell(2, false);
                   tell(0, true);
                   worker.join();
               }) == 10U);
}

BOOST_AUTO_TEST_CASE(a_barrier_of_a_condition) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable changed;
                   int arrived = 0;
                   int phase = 0;
                   times(3, [&](int) {
                       std::unique_lock held(door);
                       const int before = phase;
                       if (++arrived == 3) {
                           ++phase;
                           changed.notify_all();
                       } else {
                           changed.wait(held, [&] { return phase != before; });
                       }
                   });
               }) == 12U);
}

BOOST_AUTO_TEST_CASE(permits_of_a_condition) {
    BOOST_TEST(classes_of([] {
                   mutex door;
                   cppvaldi::condition_variable changed;
                   int permits = 1;
                   times(3, [&](int) {
                       {
                           std::unique_lock held(door);
                           changed.wait(held, [&] { return permits > 0; });
                           --permits;
                       }
                       {
                           const std::lock_guard held(door);
                           ++permits;
                       }
                       changed.notify_one();
                   });
               }) == 72U);
}

BOOST_AUTO_TEST_CASE(sleepers_who_are_waited_for_in_time) {
    const auto body = [](std::chrono::milliseconds late) {
        return [late] {
            mutex door;
            cppvaldi::condition_variable changed;
            bool ready = false;
            together(
                [&] {
                    std::unique_lock held(door);
                    (void)changed.wait_for(held, 5ms, [&] { return ready; });
                },
                [&] {
                    cppvaldi::this_thread::sleep_for(late);
                    const std::lock_guard held(door);
                    ready = true;
                    changed.notify_one();
                });
        };
    };
    BOOST_TEST(classes_of(body(3ms)) == 5U);
    BOOST_TEST(classes_of(body(8ms)) == 1U);
}

BOOST_AUTO_TEST_CASE(turns_by_waiting_for_a_value) {
    BOOST_TEST(classes_of([] {
                   atomic<int> turn{0};
                   times(2, [&](int who) {
                       for (int round = 0; round < 2; ++round) {
                           for (int now = turn.load(); now != who; now = turn.load()) {
                               turn.wait(now);
                           }
                           turn = 1 - who;
                           turn.notify_all();
                       }
                   });
               }) == 31U);
}

BOOST_AUTO_TEST_CASE(several_permits_at_once) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::counting_semaphore<5> permits(0);
                   atomic<int> order{0};
                   together(
                       [&] {
                           permits.release(2);
                           permits.release();
                       },
                       [&] {
                           permits.acquire();
                           order = order * 10 + 1;
                       },
                       [&] {
                           if (permits.try_acquire()) {
                               order = order * 10 + 2;
                           }
                       });
               }) == 26U);
}

BOOST_AUTO_TEST_CASE(who_arrives_and_waits_later) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::barrier<> half_time(2);
                   atomic<int> x{0};
                   times(2, [&](int) {
                       ++x;
                       auto arrived = half_time.arrive();
                       ++x;
                       half_time.wait(std::move(arrived));
                       ++x;
                   });
               }) == 18U);
}

BOOST_AUTO_TEST_CASE(joins_by_others_than_who_has_started) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   thread one([&] { ++x; });
                   thread other([&] { x = x * 2; });
                   thread third([&] {
                       one.join();
                       x = x + 5;
                   });
                   other.join();
                   third.join();
               }) == 8U);
}

BOOST_AUTO_TEST_CASE(values_that_are_chosen_in_between) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   times(2, [&](int who) {
                       if (cppvaldi::choose(2) == 1) {
                           x = who + 1;
                       } else {
                           (void)x.load();
                       }
                       if (cppvaldi::choose(3) == 2) {
                           ++x;
                       }
                   });
               }) == 94U);
}

BOOST_AUTO_TEST_CASE(objects_that_are_made_on_the_way) {
    BOOST_TEST(classes_of([] {
                   atomic<int> sum{0};
                   times(2, [&](int who) {
                       const auto mine = std::make_unique<atomic<int>>(who);
                       thread inner([&] { ++*mine; });
                       ++*mine;
                       inner.join();
                       sum += mine->load();
                   });
               }) == 8U);
}

BOOST_AUTO_TEST_CASE(pointers_that_are_shared) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::atomic<std::shared_ptr<int>> published;
                   together([&] { published.store(std::make_shared<int>(1)); }, [&] { (void)published.load(); },
                            [&] { (void)published.exchange(nullptr); });
               }) == 6U);
}

BOOST_AUTO_TEST_SUITE_END()
