// Atomics between starters: what they announce, every interleaving of small programs, and loops that spin.

#include "support/lives.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using cppvaldi::access_kind;
using cppvaldi::execution;
using cppvaldi::operation_kind;
using outcome = cppvaldi::execution::outcome;
using first = test::by_id::first;

/// Keeps what each scheduling point announces.
struct pending_kinds final : cppvaldi::strategy {
    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        if (point.running != cppvaldi::nobody) {
            const cppvaldi::operation& announced = point.pending[index(point.running)];
            if (announced.kind != operation_kind::finished) {
                seen.push_back(announced);
            }
        }
        return point.enabled.first();
    }
    std::vector<cppvaldi::operation> seen;
};

} // namespace

BOOST_AUTO_TEST_SUITE(atomic_schedules)

BOOST_AUTO_TEST_CASE(each_operation_is_announced_with_its_kind_access_object_and_place) {
    cppvaldi::atomic<int> number(0, "number");
    cppvaldi::atomic<int> other;
    pending_kinds decides;
    test::play(decides,
               {{"alice",
                 [&] {
                     const cppvaldi::place here{"here.cpp", 7};
                     (void)number.load(std::memory_order_relaxed, here);
                     number.store(1, std::memory_order_relaxed, here);
                     (void)number.exchange(2, std::memory_order_relaxed, here);
                     (void)number.compare_exchange_strong(*std::make_unique<int>(5), 6, std::memory_order_relaxed,
                                                          here);
                     number.fetch_add(1, std::memory_order_relaxed, here);
                     other.wait(1, std::memory_order_relaxed, here);
                     number.notify_one(here);
                     number.notify_all(here);
                     cppvaldi::atomic_thread_fence(std::memory_order_seq_cst, here);
                     cppvaldi::atomic_signal_fence(std::memory_order_seq_cst); // none
                 }}},
               [](const execution&) {});
    const std::vector<std::pair<operation_kind, access_kind>> wanted = {
        {operation_kind::load, access_kind::read},           {operation_kind::store, access_kind::write},
        {operation_kind::exchange, access_kind::update},     {operation_kind::compare_exchange, access_kind::update},
        {operation_kind::fetch_modify, access_kind::update}, {operation_kind::load, access_kind::read}, // wait's
        {operation_kind::notify_one, access_kind::update},   {operation_kind::notify_all, access_kind::update},
        {operation_kind::fence, access_kind::none},
    };
    BOOST_REQUIRE(decides.seen.size() == wanted.size());
    for (std::size_t position = 0; position < wanted.size(); ++position) {
        BOOST_TEST_CONTEXT("operation " << position) {
            const cppvaldi::operation& seen = decides.seen[position];
            BOOST_TEST((seen.kind == wanted[position].first));
            BOOST_TEST((seen.access == wanted[position].second));
            const std::uint32_t object = position == 5 ? 2 : position == 8 ? 0 : 1;
            BOOST_TEST(static_cast<std::uint32_t>(seen.object) == object);
            BOOST_TEST(seen.where.line == 7U);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_place_is_the_caller_s) {
    cppvaldi::atomic<int> number;
    pending_kinds decides;
    std::uint32_t line = 0;
    test::play(decides,
               {{"alice",
                 [&] {
                     line = __LINE__ + 1;
                     number.fetch_add(1);
                     (void)cppvaldi::atomic_load(&number);
                 }}},
               [](const execution&) {});
    BOOST_TEST(decides.seen.at(0).where.line == line);
    BOOST_TEST(decides.seen.at(1).where.line == line + 1);
}

BOOST_AUTO_TEST_CASE(the_trace_shows_values_and_failures) {
    cppvaldi::atomic<int> number(1, "number");
    cppvaldi::atomic<bool> set(false, "set");
    cppvaldi::runner run;
    run.start("alice", [&] {
        int expected = number.load() + 1;
        (void)number.compare_exchange_strong(expected, 5);
        (void)number.compare_exchange_strong(expected, 5);
        number.fetch_sub(7);
        set = true;
    });
    run.finish();
    const std::vector<cppvaldi::trace::step> steps = run.trace_so_far().steps;
    BOOST_REQUIRE(steps.size() == 7U);
    BOOST_TEST(steps[1].text == "load atomic number = 1");
    BOOST_TEST(steps[2].text == "compare and exchange atomic number = 1, failed");
    BOOST_TEST(steps[3].text == "compare and exchange atomic number = 5");
    BOOST_TEST(steps[4].text == "modify atomic number = -2");
    BOOST_TEST(steps[5].text == "store atomic set = true");
}

BOOST_AUTO_TEST_CASE(a_report_says_what_a_starter_is_about_to_do) {
    cppvaldi::atomic<int> number(0, "number");
    cppvaldi::runner run;
    run.start("alice", [&] {
        while (number.load(std::memory_order_relaxed, {"a.cpp", 7}) == 0) {}
    });
    try {
        run.finish();
    } catch (const cppvaldi::livelock& error) {
        const std::string said = error.what();
        BOOST_TEST(said.find("  alice  is about to load atomic number at a.cpp:7\n") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_load_and_a_store_lose_updates_and_a_fetch_add_does_not) {
    cppvaldi::atomic<int> number;
    std::map<int, int> ends;
    const auto play = [&](auto life) {
        ends.clear();
        return test::play_all(
            [&] {
                number.store(0);
                return std::vector<test::named>{{"alice", life}, {"bob", life}};
            },
            [&](outcome) { ++ends[number.load()]; });
    };
    BOOST_TEST(play([&] { number.store(number.load() + 1); }) == 20);
    // Three steps each: begin, load, store. Nothing is lost if one's store comes before the other's load: both of its later
    // steps after all three, with the other's begin anywhere before, 1 + 3 ways for each who may be first.
    BOOST_TEST(ends[2] == 8);
    BOOST_TEST(ends[1] == 12);
    BOOST_TEST(play([&] { number.fetch_add(1); }) == 6);
    BOOST_TEST(ends[2] == 6);
}

BOOST_AUTO_TEST_CASE(a_compare_exchange_loop_loses_nothing_in_any_schedule) {
    cppvaldi::atomic<int> number;
    const int schedules = test::play_all(
        [&] {
            number.store(0);
            const auto life = [&number] {
                int seen = number.load();
                while (!number.compare_exchange_weak(seen, seen + 1)) {}
            };
            return std::vector<test::named>{{"alice", life}, {"bob", life}};
        },
        [&](outcome) { BOOST_TEST(number.load() == 2); });
    BOOST_TEST(schedules == 20); // who fails has to try again, and is alone then
}

BOOST_AUTO_TEST_CASE(store_buffering_never_shows_both_old_values) {
    // Relaxed orders are accepted, and all there is is sequential consistency.
    cppvaldi::atomic<int> x;
    cppvaldi::atomic<int> y;
    int seen_by_alice = 0;
    int seen_by_bob = 0;
    std::set<std::pair<int, int>> seen;
    test::play_all(
        [&] {
            x.store(0);
            y.store(0);
            return std::vector<test::named>{{"alice",
                                             [&] {
                                                 x.store(1, std::memory_order_relaxed);
                                                 seen_by_alice = y.load(std::memory_order_relaxed);
                                             }},
                                            {"bob", [&] {
                                                 y.store(1, std::memory_order_relaxed);
                                                 seen_by_bob = x.load(std::memory_order_relaxed);
                                             }}};
        },
        [&](outcome) { seen.emplace(seen_by_alice, seen_by_bob); });
    BOOST_TEST((seen == std::set<std::pair<int, int>>{{0, 1}, {1, 0}, {1, 1}}));
}

// --- loops that spin ---

BOOST_AUTO_TEST_CASE(a_loop_that_reads_a_flag_lets_its_setter_run) {
    cppvaldi::atomic<bool> ready(false);
    const auto spin = [&] {
        while (!ready.load()) {}
        ready.store(false);
    };
    const auto set = [&] { ready.store(true); };
    BOOST_TEST((test::ends_either_way({{"spinner", spin}, {"setter", set}})));
    BOOST_TEST((test::ends_either_way({{"setter", set}, {"spinner", spin}})));
}

BOOST_AUTO_TEST_CASE(a_loop_of_implicit_conversions_lets_its_setter_run) {
    cppvaldi::atomic<bool> ready(false);
    BOOST_TEST((test::ends_either_way({{"spinner",
                                        [&] {
                                            while (!ready) {}
                                            ready = false;
                                        }},
                                       {"setter", [&] { ready = true; }}})));
}

BOOST_AUTO_TEST_CASE(those_who_spin_do_not_keep_each_other_from_letting_the_third_run) {
    cppvaldi::atomic<bool> ready(false);
    cppvaldi::atomic_flag taken;
    const auto read = [&] {
        while (!ready.load()) {}
    };
    const auto lock = [&] {
        while (taken.test_and_set()) {}
    };
    const auto yield = [&] {
        while (!ready) {
            cppvaldi::this_thread::yield();
        }
    };
    const auto end = [&] {
        taken.clear();
        ready = true;
    };
    const auto set = [&] {
        ready = false;
        (void)taken.test_and_set();
    };
    set();
    test::by_id lowest(first::lowest);
    const auto look = [](const execution&) {};
    BOOST_TEST((test::play(lowest, {{"a", read}, {"b", lock}, {"c", yield}, {"d", yield}, {"end", end}}, look) ==
                outcome::all_finished));
    set();
    BOOST_TEST(
        (test::play(lowest, {{"a", yield}, {"b", yield}, {"end", end}, {"c", read}}, look) == outcome::all_finished));
    set();
    test::by_id highest(first::highest);
    BOOST_TEST((test::play(highest, {{"end", end}, {"a", read}, {"b", lock}, {"c", yield}, {"d", read}}, look) ==
                outcome::all_finished));
}

BOOST_AUTO_TEST_CASE(spin_locks_of_every_kind_work) {
    cppvaldi::atomic_flag flag;
    cppvaldi::atomic<bool> exchanged(false);
    cppvaldi::atomic<int> owned(0);
    cppvaldi::atomic<unsigned> next(0);
    cppvaldi::atomic<unsigned> served(0);
    int inside[4] = {};
    const auto critical = [&](int lock) {
        BOOST_TEST(++inside[lock] == 1);
        cppvaldi::this_thread::yield();
        --inside[lock];
    };
    const auto life = [&] {
        for (int round = 0; round < 3; ++round) {
            while (flag.test_and_set()) {}
            critical(0);
            flag.clear();

            while (exchanged.exchange(true)) {
                while (exchanged.load()) {}
            }
            critical(1);
            exchanged.store(false);

            for (int expected = 0; !owned.compare_exchange_weak(expected, 1); expected = 0) {}
            critical(2);
            owned = 0;

            const unsigned mine = next++;
            while (served.load() != mine) {
                cppvaldi::this_thread::yield();
            }
            critical(3);
            ++served;
        }
    };
    BOOST_TEST((test::ends_either_way({{"alice", life}, {"bob", life}, {"carol", life}})));
}

BOOST_AUTO_TEST_CASE(a_loop_that_stores_what_is_there_already_lets_others_run) {
    cppvaldi::atomic<bool> wanted(false);
    cppvaldi::atomic<bool> granted(false);
    BOOST_TEST((test::ends_either_way({{"asks",
                                        [&] {
                                            do {
                                                wanted.store(true);
                                            } while (!granted.load());
                                            wanted.store(false);
                                            granted.store(false);
                                        }},
                                       {"grants", [&] {
                                            while (!wanted.load()) {}
                                            granted.store(true);
                                        }}})));
}

BOOST_AUTO_TEST_CASE(loops_that_nobody_can_end_are_a_livelock) {
    cppvaldi::atomic<bool> ready(false);
    cppvaldi::atomic_flag taken;
    cppvaldi::runner run;
    run.start("reader", [&] {
        while (!ready.load()) {}
    });
    run.start("locker", [&] {
        while (true) {
            if (!taken.test_and_set()) {
                cppvaldi::checkpoint("taken once");
            }
        }
    });
    run.start("yielder", [&] {
        while (!ready) {
            cppvaldi::this_thread::yield();
        }
    });
    BOOST_CHECK_THROW(run.finish(), cppvaldi::livelock);
}

BOOST_AUTO_TEST_CASE(who_spins_when_his_execution_ends_is_unwound) {
    struct guard {
        int& count;
        ~guard() { ++count; }
    };
    int unwound = 0;
    {
        cppvaldi::atomic<bool> ready(false);
        cppvaldi::atomic_flag taken;
        cppvaldi::runner run;
        run.start("spins on a load", [&] {
            const guard here{unwound};
            while (!ready.load()) {}
        });
        run.start("spins on a lock", [&] {
            const guard here{unwound};
            while (taken.test_and_set()) {}
            while (taken.test_and_set()) {}
        });
        run.start("waits", [&] {
            const guard here{unwound};
            while (!ready) {
                ready.wait(false);
            }
        });
        BOOST_CHECK_THROW(run.finish(), cppvaldi::livelock);
        BOOST_TEST(unwound == 0);
    }
    BOOST_TEST(unwound == 3);
}

BOOST_AUTO_TEST_CASE(what_must_not_throw_comes_to_its_end_when_its_execution_ends) {
    struct counted {
        cppvaldi::atomic<int>& count;
        ~counted() { // must not throw
            count.fetch_sub(1);
            count.fetch_sub(1);
        }
    };
    cppvaldi::atomic<int> count(2);
    {
        cppvaldi::runner run;
        const cppvaldi::starter alice = run.start("alice", [&] { const counted here{count}; });
        const cppvaldi::starter bob = run.start("bob", [] {});
        run.declare({alice.started(), bob.finished()});
        (void)run.next();
        run.run_to(bob.finished());
        // alice may stand before her first subtraction
    }
    BOOST_TEST((count == 0 || count == 2));
}

BOOST_AUTO_TEST_CASE(an_object_has_one_number_in_each_execution_by_the_order_of_their_meeting) {
    cppvaldi::atomic<int> one;
    cppvaldi::atomic<int> other;
    const auto numbers = [&](cppvaldi::atomic<int>& met_first, cppvaldi::atomic<int>& met_second) {
        pending_kinds decides;
        test::play(decides,
                   {{"alice",
                     [&] {
                         ++met_first;
                         ++met_second;
                         ++met_first;
                     }}},
                   [](const execution&) {});
        std::string text;
        for (const cppvaldi::operation& each : decides.seen) {
            text += std::to_string(static_cast<std::uint32_t>(each.object));
        }
        return text;
    };
    BOOST_TEST(numbers(one, other) == "121");
    BOOST_TEST(numbers(other, one) == "121");
}

BOOST_AUTO_TEST_SUITE_END()
