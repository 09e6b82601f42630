// Many starters alive at a time.

#include "fiber/sanitizer.hpp"
#include "kernel/world.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/resource.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <string>

namespace {

using cppvaldi::checkpoint;
using test::deciding;
using test::execution;
using test::nobody;
using test::scheduling_point;
using test::world;

constexpr int many = CPPVALDI_ADDRESS_SANITIZER ? 2'000 : 20'000;

std::size_t resident_bytes() {
    std::size_t all = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Counts the live ones.
struct alive {
    int& count;
    explicit alive(int& counted) : count(counted) { ++count; }
    alive(const alive&) = delete;
    alive& operator=(const alive&) = delete;
    ~alive() { --count; }
};

[[gnu::noinline]] void touch(std::size_t size_bytes) {
    auto* frame = static_cast<volatile char*>(__builtin_alloca(size_bytes));
    for (std::size_t position = 0; position < size_bytes; position += 1024) {
        frame[position] = 1;
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(thousands, world)

BOOST_AUTO_TEST_CASE(twenty_thousand_starters_are_paused_resumed_and_finished) {
    int living = 0;
    for (int each = 0; each < many; ++each) {
        start("starter " + std::to_string(each), [&living] {
            const alive counted(living);
            checkpoint("one");
            checkpoint("two");
        });
    }
    const std::size_t before = resident_bytes();
    begin_everybody();
    BOOST_TEST(living == many);
    BOOST_TEST(kernel.live_stacks() == static_cast<std::size_t>(many));
    if (!CPPVALDI_ADDRESS_SANITIZER) {
        const std::size_t each_bytes = (resident_bytes() - before) / many;
        BOOST_TEST(each_bytes < 12U * 1024);
    }
    strategy.choose = [next = 0U](const scheduling_point& point) mutable { // everybody once, the youngest first
        return next == many ? nobody : point.enabled.at(many - 1 - next++);
    };
    BOOST_TEST((kernel.run() == execution::outcome::held));
    BOOST_TEST(living == many);
    finish();
    BOOST_TEST(living == 0);
    BOOST_TEST(kernel.live_stacks() == 1U); // on which the last step was made
}

BOOST_AUTO_TEST_CASE(twenty_thousand_starters_are_torn_down_half_way) {
    for (int round = 0; round < 2; ++round) {
        int living = 0;
        int swallowed = 0;
        for (int each = 0; each < many; ++each) {
            start("starter " + std::to_string(each), [&living, &swallowed, each] {
                const alive counted(living);
                try {
                    checkpoint("one");
                } catch (...) {
                    ++swallowed;
                    if (each % 2 == 0) {
                        throw;
                    }
                }
            });
        }
        strategy.choose = [](const scheduling_point& point) { // the first half begin
            return point.step == many / 2 ? nobody : deciding::begin_everybody(point);
        };
        BOOST_TEST((kernel.run() == execution::outcome::held));
        BOOST_TEST(living == many / 2);
        kernel.end();
        BOOST_TEST(living == 0);
        BOOST_TEST(swallowed == many / 2);
        BOOST_TEST(kernel.live_stacks() == 0U);
        kernel.begin(strategy, {}, {});
    }
}

BOOST_AUTO_TEST_CASE(thousands_wait_for_one_object_and_are_torn_down_or_woken) {
    cppvaldi::resource door("door", "front");
    int passed = 0;
    for (int each = 0; each < many; ++each) {
        start("starter " + std::to_string(each), [&] { passed += door.wait() ? 1 : 0; });
    }
    begin_everybody();
    BOOST_TEST(kernel.enabled().empty());
    door.changed();
    BOOST_TEST(kernel.enabled().size() == static_cast<std::size_t>(many));
    strategy.choose = [](const scheduling_point& point) {
        return point.step == many + many / 2 ? nobody : point.enabled.first();
    };
    BOOST_TEST((kernel.run() == execution::outcome::held));
    end();
    BOOST_TEST(passed == many / 2);
}

BOOST_AUTO_TEST_CASE(a_chain_of_starters_each_of_which_starts_the_next_is_as_long_as_one_likes) {
    constexpr int links = 30'000; // and longer than what starters may do without any change
    struct link {
        world& in;
        int& count;
        void operator()() const {
            if (++count < links) {
                in.start("starter " + std::to_string(count), link{in, count});
            }
        }
    };
    int count = 0;
    start("first", link{*this, count});
    finish();
    BOOST_TEST(count == links);
    BOOST_TEST(kernel.live_stacks() == 1U);
}

BOOST_AUTO_TEST_CASE(deep_stacks_give_their_memory_back,
                     *boost::unit_test::enable_if<!CPPVALDI_ADDRESS_SANITIZER>()) { // its shadow memory is counted too
    constexpr int deep = 4'000;
    constexpr std::size_t depth_bytes = 100 * 1024;
    const std::size_t before = resident_bytes();
    for (int each = 0; each < deep; ++each) {
        start("starter " + std::to_string(each), [] {
            touch(depth_bytes);
            checkpoint("here");
        });
    }
    begin_everybody();
    const std::size_t at_most = resident_bytes() - before;
    BOOST_TEST(at_most > deep * depth_bytes);
    end();
    const std::size_t kept = resident_bytes() - before;
    // A quarter keep theirs, for the next execution; the others keep what nearly everybody uses.
    BOOST_TEST(kept < at_most / 2);
}

BOOST_AUTO_TEST_CASE(a_runner_plays_an_order_of_thousands) {
    constexpr int players = many / 4;
    cppvaldi::runner run;
    cppvaldi::order declared;
    int turns = 0;
    for (int each = 0; each < players; ++each) {
        const cppvaldi::starter starter = run.start("starter " + std::to_string(each), [&turns] {
            checkpoint("turn");
            ++turns;
            checkpoint("done");
        });
        declared.push_back(starter.at("turn"));
    }
    for (int each = players - 1; each >= 0; --each) {
        declared.push_back(cppvaldi::at("starter " + std::to_string(each), "done"));
    }
    run.declare(declared);
    for (int each = 0; each < players; ++each) {
        (void)run.next();
    }
    BOOST_TEST(turns == 0);
    (void)run.next();
    BOOST_TEST(turns == 1);
    run.finish();
    BOOST_TEST(turns == players);
}

BOOST_AUTO_TEST_SUITE_END()
