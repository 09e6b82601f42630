// What makes one starter's doings happen before another's, object by object: with it nothing is found in any interleaving, without
// it the race is, most often in the very first execution. Threads, and what they wait for.

#include "support/orderings.hpp"
#include "support/fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace orderings;
using namespace std::chrono_literals;
using sync_lock = cppvaldi::unique_lock<cppvaldi::mutex>;

BOOST_FIXTURE_TEST_SUITE(orders_of_locks, clean_world)

BOOST_AUTO_TEST_CASE(nothing_but_chance_orders_two_threads) {
    const auto body = [] {
        shared<int> data(0);
        both([&] { data = 1; }, [&] { data = 2; });
    };
    BOOST_TEST(racy(body) == 1U);
    const auto reading = [] {
        shared<int> data(0);
        both([&] { (void)seen(data); }, [&] { data = 2; });
    };
    BOOST_TEST(racy(reading) == 1U);
    silent([] { // neither writes
        shared<int> data(0);
        both([&] { (void)seen(data); }, [&] { (void)seen(data); });
        data = 1;
    });
}

BOOST_AUTO_TEST_CASE(a_start_and_a_join_order) {
    silent([] {
        shared<int> data(0);
        data = 1;
        thread alice("alice", [&] { data += 1; });
        alice.join();
        data += 1;
    });
    silent([] {
        shared<int> data(0);
        {
            cppvaldi::jthread alice("alice", [&] { data += 1; });
        }
        data += 1;
    });
    silent([] { // also those of others
        shared<int> data(0);
        thread alice("alice", [&] { data += 1; });
        thread bob("bob", [&] {
            alice.join();
            data += 1;
        });
        bob.join();
        data += 1;
    });
    BOOST_TEST(racy([] {
                   shared<int> data(0);
                   thread alice("alice", [&] { data += 1; });
                   data = 1;
                   alice.join();
               }) == 1U);
    BOOST_TEST(racy([] {
                   shared<int> data(0);
                   thread alice("alice", [&] { data += 1; });
                   thread bob("bob", [&] { alice.join(); });
                   (void)seen(data);
                   bob.join();
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(a_mutex_orders_who_has_it) {
    silent([] {
        cppvaldi::mutex door;
        shared<int> data(0);
        const auto add = [&] {
            door.lock();
            data += 1;
            door.unlock();
        };
        both(add, add);
    });
    silent([] {
        cppvaldi::mutex door;
        shared<int> data(0);
        const auto try_to_add = [&] {
            if (door.try_lock()) {
                data += 1;
                door.unlock();
            }
        };
        both(try_to_add, try_to_add);
    });
    silent([] {
        cppvaldi::recursive_mutex door;
        shared<int> data(0);
        const auto add = [&] {
            door.lock();
            door.lock();
            door.unlock();
            data += 1;
            door.unlock();
        };
        both(add, add);
    });
    BOOST_TEST(racy([] { // two mutexes
                   cppvaldi::mutex doors[2];
                   shared<int> data(0);
                   const auto add = [&](int through) {
                       doors[through].lock();
                       data += 1;
                       doors[through].unlock();
                   };
                   both([&] { add(0); }, [&] { add(1); });
               }) == 1U);
    (void)racy([] { // who does not get it has learnt nothing
        cppvaldi::mutex door;
        shared<int> data(0);
        const auto add = [&] {
            if (door.try_lock()) {
                data += 1;
                door.unlock();
            } else {
                (void)seen(data);
            }
        };
        both(add, add);
    });
    (void)racy([] { // once it is unlocked
        cppvaldi::mutex door;
        shared<int> data(0);
        const auto add = [&] {
            door.lock();
            door.unlock();
            data += 1;
        };
        both(add, add);
    });
}

BOOST_AUTO_TEST_CASE(a_timed_mutex_orders_who_gets_it_in_time) {
    const auto body = [](bool also_late) {
        cppvaldi::timed_mutex door;
        shared<int> data(0);
        const auto add = [&] {
            const bool mine = door.try_lock_for(1s);
            if (mine || also_late) {
                data += 1;
            }
            if (mine) {
                door.unlock();
            }
        };
        both(add, add);
    };
    silent([&] { body(false); });
    (void)racy([&] { body(true); });
}

BOOST_AUTO_TEST_CASE(a_shared_mutex_orders_writers_with_all_and_not_readers_with_readers) {
    silent([] {
        cppvaldi::shared_mutex door;
        shared<int> data(0);
        const auto look = [&] {
            door.lock_shared();
            (void)seen(data);
            door.unlock_shared();
        };
        all(look, look, [&] {
            door.lock();
            data += 1;
            door.unlock();
        });
    });
    (void)racy([] {
        cppvaldi::shared_mutex door;
        shared<int> data(0);
        const auto add = [&] {
            door.lock_shared();
            data += 1;
            door.unlock_shared();
        };
        both(add, add);
    });
}

BOOST_AUTO_TEST_CASE(a_condition_orders_through_its_mutex) {
    const auto body = [](bool late) {
        cppvaldi::mutex door;
        cppvaldi::condition_variable changed;
        bool ready = false;
        shared<int> data(0);
        both(
            [&] {
                sync_lock mine(door);
                ready = true;
                if (!late) {
                    data = 1;
                }
                mine.unlock();
                if (late) {
                    data = 1;
                }
                changed.notify_one();
            },
            [&] {
                sync_lock mine(door);
                changed.wait(mine, [&] { return ready; });
                (void)seen(data);
            });
    };
    silent([&] { body(false); });
    (void)racy([&] { body(true); });
    silent([] { // what has been done before the wait, by the mutex that the wait gives up
        cppvaldi::mutex door;
        cppvaldi::condition_variable_any changed;
        shared<int> data(0);
        bool waits = false;
        both(
            [&] {
                sync_lock mine(door);
                data = 1;
                waits = true;
                changed.notify_all();
                changed.wait(mine, [&] { return !waits; });
                (void)seen(data);
            },
            [&] {
                sync_lock mine(door);
                changed.wait(mine, [&] { return waits; });
                data = 2;
                waits = false;
                changed.notify_all();
            });
    });
}

BOOST_AUTO_TEST_CASE(a_notification_at_the_end_of_a_thread_orders_all_of_it) {
    silent([] {
        cppvaldi::mutex door;
        cppvaldi::condition_variable ended;
        bool over = false;
        shared<int> data(0);
        thread alice("alice", [&] {
            sync_lock mine(door);
            over = true;
            cppvaldi::notify_all_at_thread_exit(ended, std::move(mine));
            data = 1;
        });
        sync_lock mine(door);
        ended.wait(mine, [&] { return over; });
        (void)seen(data);
        mine.unlock();
        alice.join();
    });
}

BOOST_AUTO_TEST_CASE(a_semaphore_orders_releases_before_acquisitions) {
    silent([] {
        cppvaldi::counting_semaphore<2> given(0);
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                given.release();
            },
            [&] {
                given.acquire();
                (void)seen(data);
            });
    });
    silent([] {
        cppvaldi::binary_semaphore door(1);
        shared<int> data(0);
        const auto add = [&] {
            if (door.try_acquire_for(1s)) {
                data += 1;
                door.release();
            }
            if (door.try_acquire()) {
                data += 1;
                door.release();
            }
        };
        both(add, add);
    });
    BOOST_TEST(racy([] {
                   cppvaldi::counting_semaphore<2> given(2);
                   shared<int> data(0);
                   const auto add = [&] {
                       given.acquire();
                       data += 1;
                   };
                   both(add, add);
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(a_latch_orders_those_who_count_down_before_those_who_wait) {
    silent([] {
        cppvaldi::latch open(2);
        shared<int> data(0);
        shared<int> other(0);
        all(
            [&] {
                data = 1;
                open.count_down();
            },
            [&] {
                other = 1;
                open.arrive_and_wait();
                (void)seen(data);
            },
            [&] {
                open.wait();
                (void)seen(data);
                (void)seen(other);
            });
    });
    silent([] {
        cppvaldi::latch open(1);
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                open.count_down();
            },
            [&] {
                if (open.try_wait()) {
                    (void)seen(data);
                }
            });
    });
    (void)racy([] {
        cppvaldi::latch open(1);
        shared<int> data(0);
        both(
            [&] {
                open.count_down();
                data = 1;
            },
            [&] {
                open.wait();
                (void)seen(data);
            });
    });
}

BOOST_AUTO_TEST_CASE(a_barrier_orders_a_phase_before_the_next) {
    silent([] {
        shared<int> data[2];
        shared<int> sum(0);
        cppvaldi::barrier gate(2, [&]() noexcept { sum = seen(data[0]) + seen(data[1]); });
        const auto take_part = [&](int mine) {
            data[mine] = 1;
            gate.arrive_and_wait();
            (void)seen(data[1 - mine]);
            (void)seen(sum);
            gate.arrive_and_wait();
            data[1 - mine] = 2;
        };
        both([&] { take_part(0); }, [&] { take_part(1); });
    });
    (void)racy([] { // what comes after the arrival
        shared<int> data(0);
        cppvaldi::barrier gate(2);
        both(
            [&] {
                (void)gate.arrive();
                data = 1;
            },
            [&] {
                gate.arrive_and_wait();
                (void)seen(data);
            });
    });
    (void)racy([] { // arrivals of the next phase say nothing to who waits for this one
        shared<int> data(0);
        cppvaldi::barrier gate(2);
        both(
            [&] {
                gate.arrive_and_wait();
                data = 1;
                (void)gate.arrive();
            },
            [&] {
                gate.arrive_and_wait();
                (void)seen(data);
            });
    });
}

BOOST_AUTO_TEST_CASE(a_given_order_orders_nothing) {
    const auto body = [] {
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                cppvaldi::checkpoint("written");
            },
            [&] {
                cppvaldi::checkpoint("reading");
                (void)seen(data);
            });
    };
    (void)racy(body, cppvaldi::given(
                         cppvaldi::happens_before{cppvaldi::at("alice", "written"), cppvaldi::at("bob", "reading")}));
}

BOOST_AUTO_TEST_CASE(an_invariant_looks_without_an_access) {
    silent([] {
        shared<int> data(0);
        cppvaldi::invariant("it is small", [&] { return seen(data) < 10; });
        cppvaldi::mutex door;
        const auto add = [&] {
            door.lock();
            data += 1;
            door.unlock();
        };
        both(add, add);
    });
}

BOOST_AUTO_TEST_SUITE_END()
