// The classic programs of this field, small enough for brute force: each has as many executions as it has classes, which are counted
// without the reduction's code, from all interleavings.

#include "support/classes.hpp"
#include "support/fixture.hpp"

#include <array>
#include <cstddef>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(classics, clean_world)

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

BOOST_AUTO_TEST_CASE(floating_read) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together(4, [&](int who) { who == 0 ? static_cast<void>(x.load()) : x.store(who); });
               }) == 24U);
}

BOOST_AUTO_TEST_CASE(writers_and_a_reader) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   together(3, [&](int who) {
                       if (who < 2) {
                           x.store(who);
                       } else {
                           (void)x.load();
                           (void)x.load();
                       }
                   });
               }) == 12U);
}

BOOST_AUTO_TEST_CASE(sigma) {
    BOOST_TEST(classes_of([] {
                   std::array<atomic<int>, 4> array;
                   atomic<int> next{0};
                   together(3, [&](int) {
                       const int index = next.load();
                       array[at(index)].store(1);
                       next.store(index + 1);
                   });
               }) == 90U);
}

BOOST_AUTO_TEST_CASE(peterson_with_one_try) {
    BOOST_TEST(classes_of([] {
                   std::array<atomic<bool>, 2> wants;
                   atomic<int> turn{0};
                   atomic<int> inside{0};
                   together(2, [&](int who) {
                       wants[at(who)].store(true);
                       turn.store(1 - who);
                       if (!wants[at(1 - who)].load() || turn.load() == who) {
                           cppvaldi::require(inside.fetch_add(1) == 0);
                           inside.fetch_sub(1);
                       }
                       wants[at(who)].store(false);
                   });
               }) == 14U);
}

BOOST_AUTO_TEST_CASE(dekker_with_one_try) {
    BOOST_TEST(classes_of([] {
                   std::array<atomic<bool>, 2> wants;
                   atomic<int> turn{0};
                   together(2, [&](int who) {
                       wants[at(who)].store(true);
                       if (wants[at(1 - who)].load()) {
                           if (turn.load() != who) {
                               wants[at(who)].store(false);
                               return;
                           }
                       } else {
                           turn.store(1 - who);
                       }
                       wants[at(who)].store(false);
                   });
               }) == 9U);
}

BOOST_AUTO_TEST_CASE(lamport_with_one_try) {
    BOOST_TEST(classes_of([] {
                   atomic<int> x{0};
                   atomic<int> y{0};
                   std::array<atomic<bool>, 2> busy;
                   together(2, [&](int who) {
                       busy[at(who)].store(true);
                       x.store(who + 1);
                       if (y.load() != 0) {
                           busy[at(who)].store(false);
                           return;
                       }
                       y.store(who + 1);
                       if (x.load() == who + 1) {
                           y.store(0);
                       }
                       busy[at(who)].store(false);
                   });
               }) == 16U);
}

BOOST_AUTO_TEST_CASE(szymanski_with_one_try) {
    BOOST_TEST(classes_of([] {
                   std::array<atomic<int>, 2> flag;
                   together(2, [&](int who) {
                       flag[at(who)].store(1);
                       if (flag[at(1 - who)].load() >= 3) {
                           flag[at(who)].store(0);
                           return;
                       }
                       flag[at(who)].store(3);
                       if (flag[at(1 - who)].load() == 1) {
                           flag[at(who)].store(2);
                       }
                       flag[at(who)].store(4);
                       flag[at(who)].store(0);
                   });
               }) == 73U);
}

BOOST_AUTO_TEST_CASE(ticket_lock_by_waiting) {
    BOOST_TEST(classes_of([] {
                   atomic<int> next{0};
                   atomic<int> serving{0};
                   together(2, [&](int) {
                       const int mine = next.fetch_add(1);
                       for (int now = serving.load(); now != mine; now = serving.load()) {
                           serving.wait(now);
                       }
                       serving.store(mine + 1);
                       serving.notify_all();
                   });
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(mcs_lock_by_waiting) {
    struct node {
        atomic<node*> next{nullptr};
        atomic<bool> locked{false};
    };
    BOOST_TEST(classes_of([] {
                   std::array<node, 2> nodes;
                   atomic<node*> tail{nullptr};
                   together(2, [&](int who) {
                       node& mine = nodes[at(who)];
                       node* const before = tail.exchange(&mine);
                       if (before != nullptr) {
                           mine.locked.store(true);
                           before->next.store(&mine);
                           before->next.notify_one();
                           mine.locked.wait(true);
                       }
                       node* expected = &mine;
                       if (!tail.compare_exchange_strong(expected, nullptr)) {
                           mine.next.wait(nullptr);
                           node* const after = mine.next.load();
                           after->locked.store(false);
                           after->locked.notify_one();
                       }
                   });
               }) == 10U);
}

BOOST_AUTO_TEST_CASE(treiber_stack) {
    struct node {
        node* below = nullptr;
    };
    BOOST_TEST(classes_of([] {
                   std::array<node, 2> nodes;
                   atomic<node*> top{nullptr};
                   together(2, [&](int who) {
                       node& mine = nodes[at(who)];
                       mine.below = top.load();
                       while (!top.compare_exchange_strong(mine.below, &mine)) {}
                       node* popped = top.load();
                       if (popped != nullptr) {
                           (void)top.compare_exchange_strong(popped, popped->below);
                       }
                   });
               }) == 32U);
}

BOOST_AUTO_TEST_CASE(michael_scott_queue) {
    struct node {
        atomic<node*> next{nullptr};
    };
    BOOST_TEST(classes_of([] {
                   std::array<node, 3> nodes;
                   atomic<node*> tail{nodes.data()};
                   together(2, [&](int who) {
                       node& mine = nodes[at(who + 1)];
                       for (;;) {
                           node* last = tail.load();
                           node* after = last->next.load();
                           if (after != nullptr) {
                               (void)tail.compare_exchange_strong(last, after);
                           } else if (last->next.compare_exchange_strong(after, &mine)) {
                               (void)tail.compare_exchange_strong(last, &mine);
                               return;
                           }
                       }
                   });
               }) == 16U);
}

BOOST_AUTO_TEST_CASE(chase_lev_deque) {
    BOOST_TEST(classes_of([] {
                   atomic<int> top{0};
                   atomic<int> bottom{0};
                   std::array<atomic<int>, 2> items;
                   const auto steal = [&] {
                       int first = top.load();
                       if (first < bottom.load()) {
                           (void)items[at(first)].load();
                           (void)top.compare_exchange_strong(first, first + 1);
                       }
                   };
                   together(2, [&](int who) {
                       if (who == 1) {
                           steal();
                           return;
                       }
                       items[0].store(1);
                       bottom.store(1);
                       bottom.store(0);
                       int first = top.load();
                       if (first == 0) {
                           (void)top.compare_exchange_strong(first, 1);
                       }
                       bottom.store(1);
                   });
               }) == 8U);
}

BOOST_AUTO_TEST_CASE(work_queue) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::mutex guard;
                   cppvaldi::condition_variable filled;
                   int items = 0;
                   together(3, [&](int who) {
                       cppvaldi::unique_lock<cppvaldi::mutex> held(guard);
                       if (who == 0) {
                           items += 2;
                           filled.notify_all();
                       } else {
                           filled.wait(held, [&] { return items > 0; });
                           --items;
                       }
                   });
               }) == 10U);
}

BOOST_AUTO_TEST_CASE(parker) {
    BOOST_TEST(classes_of([] {
                   atomic<int> state{0};
                   cppvaldi::mutex guard;
                   cppvaldi::condition_variable woken;
                   together(2, [&](int who) {
                       if (who == 0) {
                           cppvaldi::unique_lock<cppvaldi::mutex> held(guard);
                           int empty = 0;
                           if (state.compare_exchange_strong(empty, -1)) {
                               woken.wait(held, [&] { return state.load() == 1; });
                           }
                           state.store(0);
                       } else if (state.exchange(1) == -1) {
                           guard.lock();
                           guard.unlock();
                           woken.notify_one();
                       }
                   });
               }) == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
