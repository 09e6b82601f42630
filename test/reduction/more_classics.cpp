// More of the classic programs of this field, small enough for brute force: each has as many executions as it has classes, which are counted
// without the reduction's code, from all interleavings.

#include "support/classes.hpp"
#include "support/fixture.hpp"

#include <array>
#include <cstddef>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(more_classics, clean_world)

namespace {

using cppvaldi::atomic;
using cppvaldi::thread;

void together(int count, const std::function<void(int)>& body) {
    std::vector<thread> all;
    for (int each = 0; each < count; ++each) {
        all.emplace_back([&body, each] { body(each); });
    }
    for (thread& each : all) {
        each.join();
    }
}

std::size_t at(int position) { return static_cast<std::size_t>(position); }

} // namespace

BOOST_AUTO_TEST_CASE(readers_and_a_writer) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::shared_mutex guard;
                   atomic<int> value{0};
                   together(3, [&](int who) {
                       if (who == 0) {
                           guard.lock();
                           value.store(1);
                           guard.unlock();
                       } else {
                           guard.lock_shared();
                           (void)value.load();
                           guard.unlock_shared();
                       }
                   });
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(seqlock) {
    BOOST_TEST(classes_of([] {
                   atomic<int> version{0};
                   std::array<atomic<int>, 2> data;
                   together(2, [&](int who) {
                       if (who == 0) {
                           version.store(1);
                           data[0].store(1);
                           data[1].store(1);
                           version.store(2);
                       } else if (version.load() % 2 == 0) {
                           (void)data[0].load();
                           (void)data[1].load();
                           (void)version.load();
                       }
                   });
               }) == 11U);
}

BOOST_AUTO_TEST_CASE(double_checked_locking) {
    BOOST_TEST(classes_of([] {
                   atomic<int> made{0};
                   cppvaldi::mutex guard;
                   together(3, [&](int) {
                       if (made.load() == 0) {
                           guard.lock();
                           if (made.load() == 0) {
                               made.store(1);
                           }
                           guard.unlock();
                       }
                   });
               }) == 15U);
}

BOOST_AUTO_TEST_CASE(sleeping_barber) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::counting_semaphore<3> customers{0};
                   cppvaldi::counting_semaphore<3> barber{0};
                   cppvaldi::mutex seats;
                   int waiting = 0;
                   together(3, [&](int who) {
                       if (who == 0) {
                           customers.acquire();
                           seats.lock();
                           --waiting;
                           seats.unlock();
                           barber.release();
                           return;
                       }
                       seats.lock();
                       const bool free = waiting == 0;
                       waiting += free ? 1 : 0;
                       seats.unlock();
                       if (free && who == 1) {
                           customers.release();
                           barber.acquire();
                       } else if (free) {
                           customers.release();
                       }
                   });
               }) == 4U);
}

BOOST_AUTO_TEST_CASE(filesystem) {
    BOOST_TEST(classes_of([] {
                   std::array<cppvaldi::mutex, 2> inode_locks;
                   std::array<cppvaldi::mutex, 2> block_locks;
                   std::array<int, 2> inode{};
                   std::array<bool, 2> busy{};
                   together(3, [&](int who) {
                       const std::size_t mine = at(who % 2);
                       inode_locks[mine].lock();
                       for (std::size_t block = mine; inode[mine] == 0; block = (block + 1) % 2) {
                           block_locks[block].lock();
                           if (!busy[block]) {
                               busy[block] = true;
                               inode[mine] = static_cast<int>(block) + 1;
                           }
                           block_locks[block].unlock();
                       }
                       inode_locks[mine].unlock();
                   });
               }) == 2U);
}

BOOST_AUTO_TEST_CASE(fibonacci_bench) {
    BOOST_TEST(classes_of([] {
                   atomic<int> i{1};
                   atomic<int> j{1};
                   together(2, [&](int who) {
                       atomic<int>& mine = who == 0 ? i : j;
                       atomic<int>& other = who == 0 ? j : i;
                       for (int round = 0; round < 2; ++round) {
                           mine.store(mine.load() + other.load());
                       }
                   });
               }) == 19U);
}

BOOST_AUTO_TEST_CASE(rotation_by_compare_exchange) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together(3, [&](int who) {
                       int expected = who;
                       (void)x.compare_exchange_strong(expected, who + 1);
                   });
               }) == 5U);
}

BOOST_AUTO_TEST_CASE(store_buffering_and_its_like) {
    BOOST_TEST(classes_of([] {
                   std::array<atomic<int>, 2> x;
                   together(2, [&](int who) {
                       x[at(who)].store(1);
                       (void)x[at(1 - who)].load();
                   });
               }) == 3U);
    BOOST_TEST(classes_of([] { // independent reads of independent writes
                   std::array<atomic<int>, 2> x;
                   together(4, [&](int who) {
                       if (who < 2) {
                           x[at(who)].store(1);
                       } else {
                           (void)x[at(who % 2)].load();
                           (void)x[at(1 - who % 2)].load();
                       }
                   });
               }) == 15U);
}

BOOST_AUTO_TEST_CASE(a_barrier_and_a_latch) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::barrier<> phase(3);
                   together(3, [&](int) {
                       phase.arrive_and_wait();
                       phase.arrive_and_wait();
                   });
               }) == 1U);
    BOOST_TEST(classes_of([] {
                   atomic<int> phases{0};
                   const auto count = [&phases]() noexcept { phases.fetch_add(1); };
                   cppvaldi::barrier phase(3, count);
                   together(3, [&](int) { phase.arrive_and_wait(); });
               }) == 6U); // the order in which they arrive, for the last one counts
    BOOST_TEST(classes_of([] {
                   cppvaldi::latch done(2);
                   together(3, [&](int who) { who == 0 ? done.wait() : done.count_down(); });
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(starters_that_start_others) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together(2, [&](int) {
                       x.fetch_add(1);
                       atomic<int> own{0};
                       thread child([&] {
                           own.store(1);
                           x.fetch_add(1);
                       });
                       (void)own.load();
                       child.join();
                   });
               }) == 24U);
}

BOOST_AUTO_TEST_CASE(dining_philosophers_without_a_deadlock) {
    BOOST_TEST(classes_of([] {
                   std::array<cppvaldi::mutex, 3> forks;
                   together(3, [&](int who) {
                       const std::size_t left = at(std::min(who, (who + 1) % 3));
                       const std::size_t right = at(std::max(who, (who + 1) % 3));
                       forks[left].lock();
                       forks[right].lock();
                       forks[right].unlock();
                       forks[left].unlock();
                   });
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(a_value_that_is_chosen) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together(2, [&](int) { x.store(static_cast<int>(cppvaldi::choose(3))); });
               }) == 18U);
}

BOOST_AUTO_TEST_SUITE_END()
