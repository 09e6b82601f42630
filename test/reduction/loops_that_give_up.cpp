// Loops that look at most so often, and count where nobody sees it: in the heap, in a global, on another starter's stack. They are no
// loops that wait, and each number of looks is a class of its own, as brute force says.

#include "strategies/generator.hpp"
#include "support/classes.hpp"
#include "support/fixture.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(loops_that_give_up, clean_world)

namespace {

using cppvaldi::atomic;
using cppvaldi::generator;

std::array<int, 4> tries_in_globals;

enum class word : std::uint8_t { load, store, add, poll, poll_by_exchange, poll_with_yield, poll_both };
enum class counted_in : std::uint8_t { heap, global, other_stack };

struct statement {
    word what;
    std::size_t on;
    int number;
    int most;
};

using program = std::vector<std::vector<statement>>;
using values = std::array<atomic<int>, 2>;

/// Returns true if it was there before it has given up.
bool poll(values& all, const statement& how, int& tries) {
    atomic<int>& on = all[how.on];
    tries = 0;
    switch (how.what) {
    case word::poll_by_exchange:
        while (on.exchange(1) != 0) {
            if (++tries > how.most) {
                return false;
            }
        }
        return true;
    case word::poll_with_yield:
        while (on.load() != how.number) {
            if (++tries > how.most) {
                return false;
            }
            cppvaldi::this_thread::yield();
        }
        return true;
    case word::poll_both:
        while (on.load() != how.number || all[1 - how.on].load() != how.number) {
            if (++tries > how.most) {
                return false;
            }
        }
        return true;
    default:
        while (on.load() != how.number) {
            if (++tries > how.most) {
                return false;
            }
        }
        return true;
    }
}

void perform(values& all, const std::vector<statement>& statements, int& tries) {
    for (const statement& each : statements) {
        atomic<int>& on = all[each.on];
        switch (each.what) {
        case word::load: (void)on.load(); break;
        case word::store: on.store(each.number); break;
        case word::add: on.fetch_add(1); break;
        default:
            if (!poll(all, each, tries)) {
                on.store(2);
            }
            break;
        }
    }
}

void run(const program& made, counted_in where) {
    values all{};
    std::array<int, 4> on_this_stack{};
    std::vector<cppvaldi::thread> starters;
    for (std::size_t each = 0; each < made.size(); ++each) {
        starters.emplace_back([&, each] {
            const auto in_heap = std::make_unique<int>(0);
            perform(all, made[each],
                    where == counted_in::heap     ? *in_heap
                    : where == counted_in::global ? tries_in_globals[each]
                                                  : on_this_stack[each]);
        });
    }
    for (cppvaldi::thread& each : starters) {
        each.join();
    }
}

program draw_program(std::uint64_t seed) {
    generator numbers(seed);
    program made(2 + numbers.below(4) / 3);
    for (auto& starter : made) {
        for (std::uint32_t left = 1 + numbers.below(made.size() == 2 ? 3 : 2); left > 0; --left) {
            starter.push_back({static_cast<word>(numbers.below(7)), numbers.below(2),
                               static_cast<int>(numbers.below(3)), static_cast<int>(numbers.below(4))});
        }
    }
    return made;
}

std::string text_of(const program& made) {
    static const std::array<const char*, 7> words{"load", "store", "add", "poll", "poll x", "poll y", "poll both"};
    std::string text;
    for (const auto& starter : made) {
        for (const statement& each : starter) {
            text += std::string(words[static_cast<std::size_t>(each.what)]) + ' ' + std::to_string(each.on) + ',' +
                    std::to_string(each.number) + " at most " + std::to_string(each.most) + "; ";
        }
        text += '\n';
    }
    return text;
}

bool has(const program& made, word lowest, word highest) {
    return std::any_of(made.begin(), made.end(), [=](const std::vector<statement>& starter) {
        return std::any_of(starter.begin(), starter.end(),
                           [=](const statement& each) { return lowest <= each.what && each.what <= highest; });
    });
}

/// Brute force lets who yields never go on at once, so it sees less: each class that it sees is to be seen once.
std::string difference_with_yields(const std::function<void()>& body) {
    const auto everything = cppvaldi::make_strategy(cppvaldi::exhaustive{});
    const auto reduced = cppvaldi::make_strategy(cppvaldi::dpor{});
    const classes_seen all = classes_under(*everything, body, 5'000);
    const classes_seen once = classes_under(*reduced, body, 50'000);
    for (const auto& [which, count] : all.seen) {
        if (!once.seen.contains(which)) {
            return "missed:\n" + which;
        }
    }
    for (const auto& [which, count] : once.seen) {
        if (count > 1) {
            return "seen twice:\n" + which;
        }
    }
    return once.problem;
}

} // namespace

BOOST_AUTO_TEST_CASE(are_steps_like_others) {
    std::uint64_t first = 1;
    std::uint64_t count = 300;
    if (const char* const only = std::getenv("ONLY_SEED")) {
        first = std::strtoull(only, nullptr, 10);
        count = 1;
    }
    if (const char* const times = std::getenv("TIMES_SEEDS")) {
        count *= std::strtoull(times, nullptr, 10);
    }
    std::uint64_t with_loops = 0;
    std::uint64_t classes = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const program made = draw_program(seed);
        for (const counted_in where : {counted_in::heap, counted_in::global, counted_in::other_stack}) {
            const auto body = [&] { run(made, where); };
            compared sum = compared_with_brute_force(body, 5'000, seed % 2 == 0 ? 0 : seed);
            if (sum.classes == 0) {
                break;
            }
            if (has(made, word::poll_with_yield, word::poll_with_yield)) {
                sum.difference = difference_with_yields(body);
            }
            classes += sum.classes;
            with_loops += has(made, word::poll, word::poll_both) ? 1 : 0;
            BOOST_TEST_CONTEXT("seed " << seed << ", counted in " << static_cast<int>(where) << ":\n"
                                       << text_of(made)) {
                BOOST_TEST(sum.difference == "");
            }
        }
    }
    BOOST_TEST_MESSAGE(with_loops << " with loops, " << classes << " classes");
    BOOST_TEST((count == 1 || with_loops > count));
}

BOOST_AUTO_TEST_SUITE_END()
