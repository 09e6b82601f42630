#include "fiber/fiber.hpp"

#include "fiber/flow.hpp"
#include "fiber/sanitizer.hpp"
#include "fiber/stack_pool.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <cfenv>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using test::fiber;
using test::flow;
using test::stack;

const std::byte* here() { return static_cast<const std::byte*>(__builtin_frame_address(0)); }

} // namespace

BOOST_FIXTURE_TEST_SUITE(fibers, test::pooled)

BOOST_AUTO_TEST_CASE(a_fiber_begins_when_it_is_first_switched_to) {
    std::string log;
    flow one(pool, [&](flow&) { log += "began "; });
    log += "prepared ";
    one.resume();
    BOOST_TEST(log == "prepared began ");
}

BOOST_AUTO_TEST_CASE(a_switch_goes_on_where_the_fiber_stood) {
    std::string log;
    flow one(pool, [&](flow& self) {
        for (int step = 1; step <= 3; ++step) {
            log += std::to_string(step);
            self.yield();
        }
    });
    while (!one.ended()) {
        log += '-';
        one.resume();
    }
    BOOST_TEST(log == "-1-2-3-");
}

BOOST_AUTO_TEST_CASE(a_fiber_runs_on_its_own_stack) {
    const std::byte* where = nullptr;
    flow one(pool, [&](flow&) { where = here(); });
    one.resume();
    BOOST_TEST((where >= one.memory().limit && where < one.memory().base));
}

BOOST_AUTO_TEST_CASE(what_lies_above_the_given_top_is_left_alone) {
    const stack memory = pool.acquire();
    constexpr std::size_t kept_bytes = 256;
    std::fill(memory.base - kept_bytes, memory.base, std::byte{0x5a});
    struct two {
        fiber main, other;
    } both;
    both.other.prepare(
        memory, memory.base - kept_bytes,
        [](void* argument) {
            auto& pair = *static_cast<two*>(argument);
            pair.other.leave_to(pair.main);
        },
        &both);
    both.main.switch_to(both.other);
    BOOST_TEST(std::count(memory.base - kept_bytes, memory.base, std::byte{0x5a}) == kept_bytes);
    pool.release(memory);
}

BOOST_AUTO_TEST_CASE(fibers_switch_to_each_other_directly) {
    std::string log;
    flow* second = nullptr;
    flow first(pool, [&](flow& self) {
        log += "a1 ";
        self.yield_to(*second);
        log += "a2 ";
    });
    flow other(pool, [&](flow& self) {
        log += "b1 ";
        self.yield_to(first);
        log += "b2 ";
    });
    second = &other;
    first.resume();
    BOOST_TEST(log == "a1 b1 a2 ");
    other.resume();
    BOOST_TEST(log == "a1 b1 a2 b2 ");
}

BOOST_AUTO_TEST_CASE(a_stack_that_was_left_is_used_by_the_next_fiber) {
    std::vector<const std::byte*> limits;
    for (int round = 0; round < 100; ++round) {
        flow one(pool, [&](flow& self) { self.yield(); });
        limits.push_back(one.memory().limit);
        one.resume();
        one.resume();
    }
    BOOST_TEST(std::count(limits.begin(), limits.end(), limits.front()) == 100);
}

BOOST_AUTO_TEST_CASE(a_fiber_object_is_prepared_again_after_it_left) {
    struct state {
        fiber main, other;
        int runs = 0;
    } shared;
    for (int round = 1; round <= 3; ++round) {
        const stack memory = pool.acquire();
        shared.other.prepare(
            memory, memory.base,
            [](void* argument) {
                auto& mine = *static_cast<state*>(argument);
                ++mine.runs;
                mine.other.leave_to(mine.main);
            },
            &shared);
        shared.main.switch_to(shared.other);
        BOOST_TEST(shared.runs == round);
        pool.release(memory);
    }
}

BOOST_AUTO_TEST_CASE(a_fiber_is_driven_from_within_a_fiber) {
    std::string log;
    flow outer(pool, [&](flow& self) {
        struct nested {
            fiber driver, driven;
            std::string* log;
        } inside{{}, {}, &log};
        const stack memory = pool.acquire();
        inside.driven.prepare(
            memory, memory.base,
            [](void* argument) {
                auto& mine = *static_cast<nested*>(argument);
                *mine.log += "inner ";
                mine.driven.switch_to(mine.driver);
                *mine.log += "inner again ";
                mine.driven.leave_to(mine.driver);
            },
            &inside);
        inside.driver.switch_to(inside.driven);
        self.yield();
        inside.driver.switch_to(inside.driven);
        pool.release(memory);
        log += "outer ";
    });
    outer.resume();
    log += "main ";
    outer.resume();
    BOOST_TEST(log == "inner main inner again outer ");
}

// --- what C keeps per thread ---

BOOST_AUTO_TEST_CASE(errno_is_kept_for_each_fiber) {
    int first_seen = -1, second_seen = -1, at_begin = -1;
    errno = EPERM;
    flow first(pool, [&](flow& self) {
        at_begin = errno;
        errno = ENOENT;
        self.yield();
        first_seen = errno;
        errno = EBUSY;
    });
    flow second(pool, [&](flow& self) {
        errno = EAGAIN;
        self.yield_to(first);
        second_seen = errno;
    });
    first.resume();
    const int driver_saw = errno;
    second.resume();
    second.resume();
    const int driver_saw_at_last = errno;
    BOOST_TEST(at_begin == 0);
    BOOST_TEST(first_seen == ENOENT);
    BOOST_TEST(second_seen == EAGAIN);
    BOOST_TEST(driver_saw == EPERM);
    BOOST_TEST(driver_saw_at_last == EPERM);
    errno = 0;
}

BOOST_AUTO_TEST_CASE(the_rounding_mode_is_kept_for_each_fiber) {
    // Through volatile variables, so that nothing is computed beforehand.
    const auto third = [] {
        volatile double one = 1, three = 3;
        return one / three;
    };
    const auto long_third = [] { // the other unit, where there are two
        volatile long double one = 1, three = 3;
        return one / three;
    };
    const double nearest = third();
    double up = 0;
    long double long_up = 0, long_down = 0;
    int mode_of_other = -1;
    flow one(pool, [&](flow& self) {
        std::fesetround(FE_UPWARD);
        self.yield();
        up = third();
        long_up = long_third();
        std::fesetround(FE_DOWNWARD);
        self.yield();
        long_down = long_third();
    });
    flow other(pool, [&](flow& self) {
        self.yield();
        mode_of_other = std::fegetround();
    });
    one.resume();
    other.resume();
    BOOST_TEST(std::fegetround() == FE_TONEAREST);
    BOOST_TEST(third() == nearest);
    one.resume();
    other.resume();
    one.resume();
    BOOST_TEST(up > nearest);
    BOOST_TEST(long_up > long_down);
    BOOST_TEST(mode_of_other == FE_TONEAREST);
    BOOST_TEST(std::fegetround() == FE_TONEAREST);
}

// --- many ---

BOOST_AUTO_TEST_CASE(thousands_of_fibers_take_turns) {
    constexpr std::size_t count = CPPVALDI_ADDRESS_SANITIZER ? 1000 : 10'000;
    std::vector<std::unique_ptr<flow>> flows;
    std::vector<std::size_t> turns(count);
    for (std::size_t position = 0; position < count; ++position) {
        flows.push_back(std::make_unique<flow>(pool, [&turns, position](flow& self) {
            try {
                throw position;
            } catch (std::size_t mine) {
                for (int turn = 0; turn < 3; ++turn) {
                    turns[mine] += mine;
                    self.yield();
                }
            }
        }));
    }
    for (int turn = 0; turn < 4; ++turn) {
        for (const auto& each : flows) {
            each->resume();
        }
    }
    std::size_t wrong = 0;
    for (std::size_t position = 0; position < count; ++position) {
        wrong += turns[position] == 3 * position && flows[position]->ended() ? 0 : 1;
    }
    BOOST_TEST(wrong == 0U);
    flows.clear();
}

BOOST_AUTO_TEST_CASE(a_fiber_object_may_be_prepared_by_another_os_thread_than_before) {
    fiber reused;
    for (int round = 0; round < 2; ++round) {
        std::thread([&] {
            struct two {
                fiber main;
                fiber& other;
                std::string seen;
            } both{{}, reused, {}};
            const stack memory = pool.acquire();
            both.other.prepare(
                memory, memory.base,
                [](void* argument) {
                    auto& pair = *static_cast<two*>(argument);
                    try {
                        throw 1;
                    } catch (...) {
                        errno = ENOENT;
                        pair.other.switch_to(pair.main);
                        const bool kept = errno == ENOENT && std::current_exception();
                        pair.seen = kept ? "kept" : "lost";
                    }
                    pair.other.leave_to(pair.main);
                },
                &both);
            errno = EPERM;
            both.main.switch_to(both.other);
            BOOST_TEST(errno == EPERM);
            BOOST_TEST(!std::current_exception());
            both.main.switch_to(both.other);
            BOOST_TEST(both.seen == "kept");
            pool.release(memory);
        }).join();
    }
}

BOOST_AUTO_TEST_SUITE_END()
