// Locks and flags that are waited for by looking, as people write them: they have as many classes as what blocks, whatever the compiler
// makes of the loops, and whether or not they yield.

#include "support/fixture.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(spin_loops, clean_world)

namespace {

using cppvaldi::atomic;
using cppvaldi::thread;

std::uint64_t classes_of(const std::function<void()>& body) {
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::dpor{}, {.executions = 10'000});
    if (found.finding) {
        BOOST_ERROR(found.finding->report());
    }
    BOOST_TEST(found.complete);
    return found.executions;
}

void together(int count, const std::function<void(int)>& body) {
    std::vector<thread> all;
    for (int each = 0; each < count; ++each) {
        all.emplace_back([&body, each] { body(each); });
    }
    for (thread& each : all) {
        each.join();
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_flag_that_is_set_in_a_loop_that_yields) {
    const auto count = [](int starters, int rounds) {
        return classes_of([=] {
            cppvaldi::atomic_flag taken;
            together(starters, [&](int) {
                for (int round = 0; round < rounds; ++round) {
                    while (taken.test_and_set()) {
                        cppvaldi::this_thread::yield();
                    }
                    taken.clear();
                }
            });
        });
    };
    BOOST_TEST(count(2, 1) == 2U);
    BOOST_TEST(count(2, 2) == 6U);
    BOOST_TEST(count(3, 1) == 6U);
    BOOST_TEST(count(3, 2) == 90U);
}

BOOST_AUTO_TEST_CASE(a_word_that_is_exchanged_in_a_loop_that_yields) {
    BOOST_TEST(classes_of([] {
                   atomic<int> lock{0};
                   together(3, [&](int) {
                       int free = 0;
                       while (!lock.compare_exchange_weak(free, 1)) {
                           free = 0;
                           cppvaldi::this_thread::yield();
                       }
                       lock = 0;
                   });
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(a_mutex_that_is_tried_in_a_loop_that_yields) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::mutex door;
                   together(3, [&](int) {
                       while (!door.try_lock()) {
                           cppvaldi::this_thread::yield();
                       }
                       door.unlock();
                   });
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(a_ticket_lock) {
    const auto count = [](int starters, int rounds) {
        return classes_of([=] {
            atomic<int> next{0};
            atomic<int> serving{0};
            together(starters, [&](int) {
                for (int round = 0; round < rounds; ++round) {
                    const int mine = next.fetch_add(1);
                    while (serving.load() != mine) {}
                    serving.store(mine + 1);
                }
            });
        });
    };
    BOOST_TEST(count(2, 1) == 2U);
    BOOST_TEST(count(2, 2) == 6U);
    BOOST_TEST(count(3, 1) == 6U);
    BOOST_TEST(count(4, 1) == 24U);
}

BOOST_AUTO_TEST_CASE(a_ticket_lock_that_yields) {
    BOOST_TEST(classes_of([] {
                   atomic<int> next{0};
                   atomic<int> serving{0};
                   together(3, [&](int) {
                       const int mine = next++;
                       while (serving != mine) {
                           cppvaldi::this_thread::yield();
                       }
                       ++serving;
                   });
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(a_queue_lock) {
    struct node {
        atomic<bool> busy{false};
    };
    BOOST_TEST(classes_of([] {
                   std::array<node, 4> nodes;
                   atomic<node*> tail{&nodes[3]};
                   together(3, [&](int who) {
                       node& mine = nodes[static_cast<std::size_t>(who)];
                       mine.busy = true;
                       node* const before = tail.exchange(&mine);
                       while (before->busy.load()) {}
                       mine.busy = false;
                   });
               }) == 6U);
}

BOOST_AUTO_TEST_CASE(a_barrier_of_a_count) {
    const auto count = [](int starters, bool yields) {
        return classes_of([=] {
            atomic<int> arrived{0};
            together(starters, [&](int) {
                arrived.fetch_add(1);
                if (yields) {
                    while (arrived.load() != starters) {
                        cppvaldi::this_thread::yield();
                    }
                } else {
                    while (arrived.load() != starters) {}
                }
            });
        });
    };
    BOOST_TEST(count(2, false) == 2U);
    BOOST_TEST(count(2, true) == 2U);
    BOOST_TEST(count(3, false) == 6U);
    BOOST_TEST(count(3, true) == 6U);
}

BOOST_AUTO_TEST_CASE(a_message_for_several_who_yield) {
    BOOST_TEST(classes_of([] {
                   atomic<int> raised{0};
                   together(3, [&](int who) {
                       if (who == 0) {
                           raised = 1;
                           raised = 2;
                           return;
                       }
                       while (raised.load() != 2) {
                           cppvaldi::this_thread::yield();
                       }
                   });
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(turns_that_are_taken) {
    BOOST_TEST(classes_of([] {
                   atomic<int> turn{0};
                   together(2, [&](int who) {
                       for (int round = 0; round < 3; ++round) {
                           while (turn.load() != who) {}
                           turn = 1 - who;
                       }
                   });
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(a_stop_that_is_asked_for) {
    const auto count = [](bool yields) {
        return classes_of([=] {
            const cppvaldi::stop_source source;
            together(3, [&](int who) {
                const cppvaldi::stop_token token = source.get_token();
                if (who == 0) {
                    (void)cppvaldi::stop_source(source).request_stop();
                } else if (yields) {
                    while (!token.stop_requested()) {
                        cppvaldi::this_thread::yield();
                    }
                } else {
                    while (!token.stop_requested()) {}
                }
            });
        });
    };
    BOOST_TEST(count(false) == 1U);
    BOOST_TEST(count(true) == 1U);
}

BOOST_AUTO_TEST_CASE(a_latch_that_is_looked_at) {
    BOOST_TEST(classes_of([] {
                   cppvaldi::latch ready(2);
                   together(4, [&](int who) {
                       if (who < 2) {
                           ready.count_down();
                       } else {
                           while (!ready.try_wait()) {}
                       }
                   });
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(one_who_stops_working_when_asked) {
    const cppvaldi::exploration found = cppvaldi::explore(
        [] {
            atomic<int> done{0};
            cppvaldi::jthread worker([&](const cppvaldi::stop_token& token) {
                while (!token.stop_requested() && done.load() < 2) {
                    ++done;
                }
            });
        },
        cppvaldi::dpor{});
    BOOST_TEST(found.complete);
    BOOST_TEST(found.executions == 4U); // it is asked before one of three looks, or after all
}

BOOST_AUTO_TEST_SUITE_END()
