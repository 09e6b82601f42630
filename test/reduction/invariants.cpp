// What an invariant sees under the reduction: all that it sees in all interleavings, also of variables that nobody tells the kernel of.

#include "strategies/generator.hpp"
#include "support/fixture.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(invariants_under_the_reduction, clean_world)

namespace {

using cppvaldi::atomic;
using cppvaldi::generator;

enum class word : std::uint8_t { load, store, add, add_plainly, lock };

struct statement {
    word what;
    std::size_t on;
};

using program = std::vector<std::vector<statement>>;
using states = std::string;

program draw_program(std::uint64_t seed) {
    generator numbers(seed);
    program made(2 + numbers.below(3) / 2);
    for (auto& starter : made) {
        for (std::uint32_t left = 1 + numbers.below(made.size() == 2 ? 3 : 2); left > 0; --left) {
            starter.push_back({static_cast<word>(numbers.below(5)), numbers.below(2)});
        }
    }
    return made;
}

/// What one after the other was there, in each execution.
struct sequences {
    std::set<states> seen;
    cppvaldi::exploration found;
};

template <typename Strategy>
sequences sequences_of(const program& made, const Strategy& by) {
    sequences sum;
    states now;
    sum.found = cppvaldi::explore(
        [&] {
            std::array<atomic<int>, 2> values{};
            std::array<int, 2> plain{};
            cppvaldi::mutex guard;
            now.clear();
            cppvaldi::invariant("any", [&] {
                std::string state;
                for (std::size_t each = 0; each < 2; ++each) {
                    state += std::to_string(values[each].load()) + std::to_string(plain[each]);
                }
                if (now.size() < state.size() || now.substr(now.size() - state.size()) != state) {
                    now += ' ' + state;
                }
                return true;
            });
            std::vector<cppvaldi::thread> starters;
            for (const auto& work : made) {
                starters.emplace_back([&] {
                    for (const statement& each : work) {
                        switch (each.what) {
                        case word::load: (void)values[each.on].load(); break;
                        case word::store: values[each.on].store(2); break;
                        case word::add: ++values[each.on]; break;
                        case word::add_plainly:
                            cppvaldi::checkpoint("before");
                            ++plain[each.on];
                            break;
                        case word::lock: {
                            const cppvaldi::scoped_lock held(guard);
                            ++plain[each.on];
                        } break;
                        }
                    }
                });
            }
            for (cppvaldi::thread& each : starters) {
                each.join();
            }
            sum.seen.insert(now);
        },
        by, {.executions = 20'000});
    return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(see_all_that_there_is_to_see) {
    std::size_t compared = 0;
    std::uint64_t all_executions = 0;
    std::uint64_t reduced_executions = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        const program made = draw_program(seed);
        const sequences all = sequences_of(made, cppvaldi::exhaustive{});
        if (!all.found.complete) {
            continue;
        }
        ++compared;
        const sequences reduced = sequences_of(made, cppvaldi::dpor{});
        BOOST_TEST_CONTEXT("seed " << seed) {
            BOOST_TEST(!all.found.finding);
            BOOST_TEST(!reduced.found.finding);
            if (reduced.found.finding) {
                BOOST_TEST_MESSAGE(*reduced.found.finding);
            }
            BOOST_TEST(reduced.found.complete);
            BOOST_TEST(reduced.found.abandoned == 0U);
            BOOST_TEST((reduced.seen == all.seen));
            BOOST_TEST(reduced.found.executions <= all.found.executions);
        }
        all_executions += all.found.executions;
        reduced_executions += reduced.found.executions;
    }
    BOOST_TEST_MESSAGE(compared << " compared, " << reduced_executions << " executions instead of " << all_executions);
    BOOST_TEST(compared >= 100U);
}

BOOST_AUTO_TEST_CASE(find_what_lasts_for_one_step_only) {
    const auto body = [] {
        int in_hand = 0; // nobody is told of it
        int on_table = 1;
        cppvaldi::invariant("one coin", [&] { return in_hand + on_table == 1; });
        cppvaldi::thread alice{"alice", [&] {
                                   cppvaldi::checkpoint("reaches");
                                   --on_table;
                                   cppvaldi::checkpoint("grips");
                                   ++in_hand;
                               }};
        alice.join();
    };
    const cppvaldi::exploration found = cppvaldi::explore(body, cppvaldi::dpor{});
    BOOST_REQUIRE(found.finding);
    BOOST_TEST((found.finding->what == cppvaldi::finding::kind::invariant));
}

BOOST_AUTO_TEST_SUITE_END()
