// The counts that the tools of this field give for these programs: one execution for each class of interleavings.

#include <cppvaldi/cppvaldi.hpp>

#include "strategies/dpor/dpor.hpp"
#include "support/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(field_table, clean_world)

namespace {

using cppvaldi::atomic;

std::uint64_t classes_of(const std::function<void()>& body, bool may_abandon = false) {
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::dpor{});
    if (found.finding) {
        BOOST_ERROR(found.finding->report());
    }
    BOOST_TEST(found.complete);
    BOOST_TEST((may_abandon || found.abandoned == 0U));
    return found.executions;
}

/// Runs `body(0)`, `body(1)`, ... as starters of their own, to their end.
void together(int count, const std::function<void(int)>& body) {
    std::vector<cppvaldi::thread> all;
    for (int each = 0; each < count; ++each) {
        all.emplace_back([&body, each] { body(each); });
    }
    for (cppvaldi::thread& each : all) {
        each.join();
    }
}

std::uint64_t lost_update(int starters, int rounds) {
    return classes_of([=] {
        atomic<int> counter{0};
        together(starters, [&](int) {
            for (int round = 0; round < rounds; ++round) {
                counter.store(counter.load() + 1);
            }
        });
    });
}

std::uint64_t mutex_counter(int starters, int increments) {
    return classes_of([=] {
        cppvaldi::mutex guard;
        int counter = 0;
        together(starters, [&](int) {
            for (int each = 0; each < increments; ++each) {
                guard.lock();
                ++counter;
                guard.unlock();
            }
        });
        cppvaldi::require(counter == starters * increments);
    });
}

std::uint64_t readers(int count) {
    return classes_of([=] {
        atomic<int> x{0};
        together(count + 1, [&](int who) {
            if (who == 0) {
                x.store(1);
            } else {
                (void)x.load();
            }
        });
    });
}

std::uint64_t lastzero(int count) {
    return classes_of([=] {
        std::array<atomic<int>, 17> array;
        together(count + 1, [&](int who) {
            const auto at = [&](int position) -> atomic<int>& { return array[static_cast<std::size_t>(position)]; };
            if (who == 0) {
                int scanned = count;
                while (at(scanned).load() != 0) {
                    --scanned;
                }
            } else {
                at(who).store(at(who - 1).load() + 1);
            }
        });
    });
}

std::uint64_t indexer(int count) {
    return classes_of([=] {
        std::vector<atomic<int>> table(128);
        together(count, [&](int who) {
            for (int made = 0; made < 4;) {
                const int value = ++made * 11 + who;
                std::size_t slot = static_cast<std::size_t>(value * 7) % 128;
                for (int expected = 0; !table[slot].compare_exchange_strong(expected, value); expected = 0) {
                    slot = (slot + 1) % 128;
                }
            }
        });
    });
}

std::uint64_t adders(int count, int counters) {
    return classes_of([=] {
        std::array<atomic<int>, 2> sums;
        together(count, [&](int) {
            for (int each = 0; each < counters; ++each) {
                sums[static_cast<std::size_t>(each)].fetch_add(1);
            }
        });
    });
}

std::uint64_t spin_lock(int starters, int rounds) {
    return classes_of(
        [=] {
            atomic<int> taken{0};
            int counter = 0;
            together(starters, [&](int) {
                for (int round = 0; round < rounds; ++round) {
                    for (int free = 0; !taken.compare_exchange_strong(free, 1); free = 0) {}
                    ++counter;
                    taken.store(0);
                }
            });
            cppvaldi::require(counter == starters * rounds);
        },
        true);
}

} // namespace

BOOST_AUTO_TEST_CASE(lost_updates) {
    BOOST_TEST(lost_update(2, 1) == 4U);
    BOOST_TEST(lost_update(2, 2) == 34U);
    BOOST_TEST(lost_update(2, 3) == 328U);
    BOOST_TEST(lost_update(3, 1) == 36U);
}

BOOST_AUTO_TEST_CASE(counters_under_a_mutex) {
    BOOST_TEST(mutex_counter(2, 2) == 6U);
    BOOST_TEST(mutex_counter(2, 3) == 20U);
    BOOST_TEST(mutex_counter(2, 5) == 252U);
    BOOST_TEST(mutex_counter(3, 1) == 6U);
    BOOST_TEST(mutex_counter(3, 2) == 90U);
    BOOST_TEST(mutex_counter(3, 3) == 1'680U);
}

BOOST_AUTO_TEST_CASE(readers_of_what_one_writes) {
    BOOST_TEST(readers(2) == 4U);
    BOOST_TEST(readers(4) == 16U);
    BOOST_TEST(readers(8) == 256U);
    BOOST_TEST(readers(10) == 1'024U);
}

BOOST_AUTO_TEST_CASE(the_last_zero_of_an_array) {
    BOOST_TEST(lastzero(3) == 12U);
    BOOST_TEST(lastzero(5) == 64U);
    BOOST_TEST(lastzero(8) == 704U);
}

/// What comes after a race differs from execution to execution, so it is reversed in each.
BOOST_AUTO_TEST_CASE(do_not_depend_on_what_is_chosen_where_the_reduction_is_free) {
    const auto scan = [] {
        std::array<atomic<int>, 5> array;
        together(5, [&](int who) {
            const auto at = [&](int position) -> atomic<int>& { return array[static_cast<std::size_t>(position)]; };
            if (who == 0) {
                int scanned = 4;
                while (at(scanned).load() != 0) {
                    --scanned;
                }
            } else {
                at(who).store(at(who - 1).load() + 1);
            }
        });
    };
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        cppvaldi::dpor_strategy drawing(seed);
        const cppvaldi::exploration found = cppvaldi::explore(scan, drawing);
        BOOST_TEST(found.executions == 28U);
        BOOST_TEST(found.abandoned == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_hash_table_with_collisions) {
    BOOST_TEST(indexer(11) == 1U);
    BOOST_TEST(indexer(12) == 8U);
    BOOST_TEST(indexer(13) == 64U);
}

BOOST_AUTO_TEST_CASE(additions_in_every_order) {
    BOOST_TEST(adders(2, 1) == 2U);
    BOOST_TEST(adders(3, 1) == 6U);
    BOOST_TEST(adders(5, 1) == 120U);
    BOOST_TEST(adders(7, 1) == 5'040U);
    BOOST_TEST(adders(2, 2) == 4U);
    BOOST_TEST(adders(3, 2) == 36U);
}

BOOST_AUTO_TEST_CASE(loops_that_wait_are_counted_once) {
    const auto flag = [](bool yields) {
        return classes_of([yields] {
            atomic<bool> raised{false};
            together(2, [&](int who) {
                if (who == 0) {
                    raised.store(true);
                } else {
                    while (!raised.load()) {
                        if (yields) {
                            cppvaldi::this_thread::yield();
                        }
                    }
                }
            });
        });
    };
    BOOST_TEST(flag(false) == 1U);
    BOOST_TEST(flag(true) == 1U);
}

BOOST_AUTO_TEST_CASE(a_spin_lock_has_as_many_as_a_mutex) {
    BOOST_TEST(spin_lock(2, 2) == 6U);
    BOOST_TEST(spin_lock(2, 3) == 20U);
    BOOST_TEST(spin_lock(3, 1) == 6U);
    BOOST_TEST(spin_lock(3, 2) == 90U);
}

BOOST_AUTO_TEST_CASE(so_has_one_that_exchanges) {
    const auto count = [](int starters, int rounds) {
        return classes_of(
            [=] {
                cppvaldi::atomic_flag taken;
                together(starters, [&](int) {
                    for (int round = 0; round < rounds; ++round) {
                        while (taken.test_and_set()) {}
                        taken.clear();
                    }
                });
            },
            true);
    };
    BOOST_TEST(count(2, 1) == 2U);
    BOOST_TEST(count(2, 3) == 20U);
    BOOST_TEST(count(3, 1) == 6U);
    BOOST_TEST(count(3, 2) == 90U);
}

BOOST_AUTO_TEST_CASE(what_a_loop_that_waits_has_noted_is_seen) {
    const cppvaldi::exploration found = cppvaldi::explore(
        [] {
            atomic<bool> raised{false};
            together(2, [&](int who) {
                if (who == 0) {
                    raised.store(true);
                    return;
                }
                bool has_waited = false;
                while (!raised.load()) {
                    has_waited = true;
                }
                cppvaldi::require(!has_waited);
            });
        },
        cppvaldi::dpor{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    BOOST_TEST((found.finding->what == cppvaldi::finding::kind::requirement));
}

BOOST_AUTO_TEST_CASE(a_loop_that_nobody_ends_is_found) {
    const cppvaldi::exploration found = cppvaldi::explore(
        [] {
            atomic<bool> flag{false};
            together(1, [&](int) {
                while (!flag.load()) {}
            });
        },
        cppvaldi::dpor{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    BOOST_TEST((found.finding->what == cppvaldi::finding::kind::livelock));
}

BOOST_AUTO_TEST_CASE(a_deadlock_is_found_and_shown_again) {
    const cppvaldi::exploration found = cppvaldi::explore(
        [] {
            std::array<cppvaldi::mutex, 2> locks;
            together(2, [&](int who) {
                cppvaldi::mutex& first = locks[static_cast<std::size_t>(who)];
                cppvaldi::mutex& second = locks[static_cast<std::size_t>(1 - who)];
                first.lock();
                second.lock();
                second.unlock();
                first.unlock();
            });
        },
        cppvaldi::dpor{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    BOOST_TEST((found.finding->what == cppvaldi::finding::kind::deadlock));
    BOOST_TEST(found.executions <= 3U);
}

BOOST_AUTO_TEST_CASE(an_invariant_sees_every_order) {
    const auto body = [] {
        atomic<int> x{0};
        atomic<int> y{0};
        cppvaldi::invariant("not y alone", [&] { return y.load() == 0 || x.load() == 1; });
        together(2, [&](int who) { (who == 0 ? x : y).store(1); });
    };
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::dpor{});
    BOOST_TEST_REQUIRE(found.finding.has_value());
    BOOST_TEST((found.finding->what == cppvaldi::finding::kind::invariant));
}

BOOST_AUTO_TEST_SUITE_END()
