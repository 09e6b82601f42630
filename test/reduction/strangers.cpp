// Programs as somebody might bring them who has never heard of a reduction, one for each part of the library. Their classes are counted
// by brute force each time; the numbers stand here so that a change of both at once is seen, too.

#include "support/classes.hpp"
#include "support/fixture.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <shared_mutex>
#include <utility>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(strangers, clean_world)

namespace {

using namespace std::chrono_literals;
using cppvaldi::atomic;
using cppvaldi::thread;

/// Runs each as a starter of its own, to the end.
template <typename... Works>
void together(Works&&... works) {
    std::vector<thread> all;
    (all.emplace_back(std::forward<Works>(works)), ...);
    for (thread& each : all) {
        each.join();
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_barrier_between_two_phases) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::barrier<> half_time(2);
                   atomic<int> x{0};
                   const auto work = [&] {
                       ++x;
                       half_time.arrive_and_wait();
                       (void)x.load();
                       ++x;
                   };
                   together(work, work);
               }) == 8U);
}

BOOST_AUTO_TEST_CASE(a_barrier_that_calls_something) {
    BOOST_TEST(classes_of([] {
                   int calls = 0;
                   const auto completed = [&]() noexcept { ++calls; };
                   cppvaldi::barrier<decltype(completed)> end(3, completed);
                   const auto work = [&] { end.arrive_and_wait(); };
                   together(work, work, work);
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(who_drops_out_of_a_barrier) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::barrier<> end(3);
                   atomic<int> x{0};
                   const auto stay = [&] {
                       end.arrive_and_wait();
                       ++x;
                   };
                   together(stay, stay, [&] { end.arrive_and_drop(); });
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(a_latch_that_one_waits_for_and_one_looks_at) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::latch ready(2);
                   together([&] { ready.count_down(); }, [&] { ready.count_down(); }, [&] { ready.wait(); },
                            [&] { (void)ready.try_wait(); });
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(ping_and_pong_by_semaphores) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::binary_semaphore ping(1);
                   cppvaldi::binary_semaphore pong(0);
                   const auto play = [](cppvaldi::binary_semaphore& mine, cppvaldi::binary_semaphore& theirs) {
                       for (int round = 0; round < 3; ++round) {
                           mine.acquire();
                           theirs.release();
                       }
                   };
                   together([&] { play(ping, pong); }, [&] { play(pong, ping); });
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(two_permits_for_three) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::counting_semaphore<2> permits(2);
                   const auto work = [&] {
                       permits.acquire();
                       permits.release();
                   };
                   together(work, work, work);
               }) == 30U);
}

BOOST_AUTO_TEST_CASE(a_permit_that_may_be_refused) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::binary_semaphore permit(1);
                   atomic<int> refused{0};
                   const auto work = [&] {
                       if (permit.try_acquire()) {
                           permit.release();
                       } else {
                           ++refused;
                       }
                   };
                   together(work, work);
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(readers_who_share_and_a_writer) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::shared_mutex door;
                   atomic<int> x{0};
                   const auto look = [&] {
                       const std::shared_lock held(door);
                       (void)x.load();
                   };
                   together(look, look, [&] {
                       const cppvaldi::scoped_lock held(door);
                       ++x;
                   });
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(a_writer_who_may_be_refused) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::shared_mutex door;
                   together(
                       [&] {
                           door.lock_shared();
                           door.unlock_shared();
                       },
                       [&] {
                           if (door.try_lock()) {
                               door.unlock();
                           }
                       },
                       [&] {
                           if (door.try_lock_shared()) {
                               door.unlock_shared();
                           }
                       });
               }) == 11U);
}

BOOST_AUTO_TEST_CASE(two_who_wait_and_are_notified_one_by_one) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::mutex guard;
                   cppvaldi::condition_variable changed;
                   int ready = 0;
                   const auto take = [&] {
                       cppvaldi::unique_lock<cppvaldi::mutex> held(guard);
                       changed.wait(held, [&] { return ready > 0; });
                       --ready;
                   };
                   together(take, take, [&] {
                       for (int each = 0; each < 2; ++each) {
                           const cppvaldi::scoped_lock held(guard);
                           ++ready;
                           changed.notify_one();
                       }
                   });
               }) == 30U);
}

BOOST_AUTO_TEST_CASE(two_who_wait_and_are_all_notified) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::mutex guard;
                   cppvaldi::condition_variable changed;
                   bool ready = false;
                   const auto take = [&] {
                       cppvaldi::unique_lock<cppvaldi::mutex> held(guard);
                       changed.wait(held, [&] { return ready; });
                   };
                   together(take, take, [&] {
                       {
                           const cppvaldi::scoped_lock held(guard);
                           ready = true;
                       }
                       changed.notify_all();
                   });
               }) == 10U);
}

BOOST_AUTO_TEST_CASE(a_notification_that_comes_too_early) {
    const auto body = [] {
        cppvaldi::mutex guard;
        cppvaldi::condition_variable changed;
        together(
            [&] {
                cppvaldi::unique_lock<cppvaldi::mutex> held(guard);
                changed.wait(held);
            },
            [&] { changed.notify_one(); });
    };
    BOOST_TEST(classes_of(body) == 2U);
    const auto reduced = cppvaldi::make_strategy(cppvaldi::dpor{});
    BOOST_TEST(classes_under(*reduced, body).not_finished == 1U);
}

BOOST_AUTO_TEST_CASE(a_wait_that_may_time_out) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::mutex guard;
                   cppvaldi::condition_variable changed;
                   atomic<int> late{0};
                   together(
                       [&] {
                           cppvaldi::unique_lock<cppvaldi::mutex> held(guard);
                           if (changed.wait_for(held, 1ms) == std::cv_status::timeout) {
                               ++late;
                           }
                       },
                       [&] { changed.notify_one(); });
               }) == 3U);
}

BOOST_AUTO_TEST_CASE(any_lock_under_a_condition) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::shared_mutex door;
                   cppvaldi::condition_variable_any changed;
                   bool ready = false;
                   together(
                       [&] {
                           std::shared_lock held(door);
                           changed.wait(held, [&] { return ready; });
                       },
                       [&] {
                           {
                               const cppvaldi::scoped_lock held(door);
                               ready = true;
                           }
                           changed.notify_all();
                       });
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(two_locks_in_two_orders) {
    const auto body = [] {
        cppvaldi::mutex left;
        cppvaldi::mutex right;
        const auto hold_both = [](cppvaldi::mutex& first, cppvaldi::mutex& second) {
            const cppvaldi::scoped_lock held(first);
            const cppvaldi::scoped_lock held_too(second);
        };
        together([&] { hold_both(left, right); }, [&] { hold_both(right, left); });
    };
    BOOST_TEST(classes_of(body) == 3U);
    const auto reduced = cppvaldi::make_strategy(cppvaldi::dpor{});
    BOOST_TEST(classes_under(*reduced, body).not_finished == 1U);
}

BOOST_AUTO_TEST_CASE(two_locks_taken_together_in_two_orders) {
    const auto body = [] {
        cppvaldi::mutex left;
        cppvaldi::mutex right;
        together([&] { const cppvaldi::scoped_lock held(left, right); },
                 [&] { const cppvaldi::scoped_lock held(right, left); });
    };
    (void)classes_of(body);
    const auto reduced = cppvaldi::make_strategy(cppvaldi::dpor{});
    BOOST_TEST(classes_under(*reduced, body).not_finished == 0U);
}

BOOST_AUTO_TEST_CASE(who_tries_both_locks) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::mutex left;
                   cppvaldi::mutex right;
                   atomic<int> x{0};
                   const auto hold_both = [&](cppvaldi::mutex& first, cppvaldi::mutex& second) {
                       const cppvaldi::scoped_lock held(first);
                       if (second.try_lock()) {
                           ++x;
                           second.unlock();
                       }
                   };
                   together([&] { hold_both(left, right); }, [&] { hold_both(right, left); });
               }) == 7U);
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_given_up_in_time) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::timed_mutex door;
                   const auto work = [&] {
                       if (door.try_lock_for(1ms)) {
                           door.unlock();
                       }
                   };
                   together(work, work);
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_taken_twice) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::recursive_mutex door;
                   const auto work = [&] {
                       const cppvaldi::scoped_lock held(door);
                       const cppvaldi::scoped_lock held_again(door);
                   };
                   together(work, work, work);
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(a_value_that_is_chosen_and_what_follows) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together(
                       [&] {
                           if (cppvaldi::choose(3) == 0) {
                               x = 1;
                           }
                       },
                       [&] { (void)x.load(); });
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(starters_of_starters_of_starters) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together(
                       [&] {
                           thread inner([&] {
                               thread innermost([&] { ++x; });
                               ++x;
                               innermost.join();
                           });
                           inner.join();
                           ++x;
                       },
                       [&] { ++x; });
               }) == 8U);
}

BOOST_AUTO_TEST_CASE(who_is_detached) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::latch ended(1);
                   atomic<int> x{0};
                   thread([&] {
                       ++x;
                       ended.count_down();
                   }).detach();
                   ++x;
                   ended.wait();
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(a_promise_and_two_who_want_it) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::promise<int> made;
                   const cppvaldi::shared_future<int> wanted = made.get_future().share();
                   atomic<int> x{0};
                   const auto get = [&, wanted] { x.fetch_add(wanted.get()); };
                   together(get, get, [&] { made.set_value(1); });
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(a_future_that_is_not_waited_for_long) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::promise<int> made;
                   cppvaldi::future<int> wanted = made.get_future();
                   together([&] { (void)wanted.wait_for(1ms); }, [&] { made.set_value(1); });
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(two_that_run_asynchronously) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   cppvaldi::future<int> one = cppvaldi::async(std::launch::async, [&] { return ++x; });
                   cppvaldi::future<int> other = cppvaldi::async(std::launch::async, [&] { return ++x; });
                   (void)one.get();
                   (void)other.get();
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(what_three_would_do_once) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::once_flag once;
                   atomic<int> x{0};
                   const auto work = [&] {
                       cppvaldi::call_once(once, [&] { ++x; });
                       (void)x.load();
                   };
                   together(work, work, work);
               }) == 3U);
}

BOOST_AUTO_TEST_CASE(exchanges_of_which_most_fail) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   const auto claim = [&](int who) {
                       int nobody = 0;
                       (void)x.compare_exchange_strong(nobody, who);
                   };
                   together([&] { claim(1); }, [&] { claim(2); }, [&] { claim(3); });
               }) == 3U);
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_value_to_change) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together([&] { x.wait(0); },
                            [&] {
                                x = 1;
                                x.notify_all();
                            });
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(sleepers_with_the_same_time) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   const auto work = [&] {
                       cppvaldi::this_thread::sleep_for(1ms);
                       ++x;
                   };
                   together(work, work);
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(the_first_finding_within_a_bound_needs_the_fewest_preemptions) {
    for (const int needed : {0, 1, 2}) {
        const auto body = [needed] {
            atomic<int> steps{0};
            bool bad = false;
            const auto go = [&](int own) {
                for (int each = 0; each < 3; ++each) {
                    bad = bad || (own == 0 && each > 0 && steps.load() >= 10 * needed + each);
                    ++steps;
                }
            };
            together([&] { go(0); },
                     [&] {
                         for (int each = 0; each < needed; ++each) {
                             steps += 10;
                         }
                     });
            cppvaldi::require(!bad, "nobody comes in between");
        };
        const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::dpor{.preemptions = 5});
        const cppvaldi::exploration all = cppvaldi::explore(body, cppvaldi::exhaustive{.preemptions = 5});
        BOOST_REQUIRE(found.finding);
        BOOST_REQUIRE(all.finding);
        BOOST_TEST(found.finding->cost_as_found.preemptions == all.finding->cost_as_found.preemptions);
        BOOST_TEST(found.finding->cost_as_found.preemptions == found.finding->cost.preemptions);
    }
}

BOOST_AUTO_TEST_SUITE_END()
