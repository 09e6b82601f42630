// The reduction on programs without fibers, as values: its executions are compared with all interleavings, whose classes are told apart here.

#include "strategies/dpor/conflicts.hpp"
#include "strategies/dpor/dpor.hpp"
#include "strategies/generator.hpp"
#include "support/model.hpp"

#include <cppvaldi/strategies.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(reduction)

namespace {

/// Every execution of `all` under `decides`, as the letters of who did something, and how often it came.
std::map<std::string, int> played(const outline& all, cppvaldi::strategy& decides) {
    model program(all);
    std::map<std::string, int> seen;
    while (decides.begin_execution()) {
        ++seen[program.play(decides)];
    }
    return seen;
}

bool depend(char one, char other) {
    const auto are = [&](char first, char second) {
        return (one == first && other == second) || (one == second && other == first);
    };
    return are('r', 'w') || are('w', 'w') || are('R', 'W') || are('W', 'W') || are('(', '(') || are('(', ')');
}

/// Returns what is the same for two interleavings that differ only in the order of steps that commute.
std::string class_of(const outline& all, const std::string& done) {
    std::vector<std::size_t> ranks;
    std::map<char, std::size_t> count;
    for (const char who : done) {
        ranks.push_back(count[who]++);
    }
    std::set<std::string> ordered;
    for (std::size_t later = 0; later < done.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const auto what = [&](std::size_t at) { return all[static_cast<std::size_t>(done[at] - 'a')][ranks[at]]; };
            if (done[earlier] != done[later] && depend(what(earlier), what(later))) {
                ordered.insert(done[earlier] + std::to_string(ranks[earlier]) + done[later] +
                               std::to_string(ranks[later]));
            }
        }
    }
    std::string text;
    for (const std::string& each : ordered) {
        text += each + ' ';
    }
    return text;
}

std::set<std::string> classes_of(const outline& all, const std::map<std::string, int>& seen) {
    std::set<std::string> classes;
    for (const auto& [done, count] : seen) {
        classes.insert(class_of(all, done));
    }
    return classes;
}

/// Expects one execution of each class and no other; returns how many there are.
std::size_t reduced(const outline& all, std::uint64_t seed = 0) {
    const auto everything = cppvaldi::make_strategy(cppvaldi::exhaustive{});
    const auto once =
        seed == 0 ? std::make_unique<cppvaldi::dpor_strategy>() : std::make_unique<cppvaldi::dpor_strategy>(seed);
    const std::map<std::string, int> seen = played(all, *once);
    const std::set<std::string> classes = classes_of(all, seen);
    BOOST_TEST(classes.size() == seen.size());
    BOOST_TEST((classes == classes_of(all, played(all, *everything))));
    for (const auto& [done, count] : seen) {
        BOOST_TEST(count == 1);
    }
    return seen.size();
}

outline draw_outline(std::uint64_t seed) {
    cppvaldi::generator numbers(seed);
    outline all(2 + numbers.below(2));
    for (std::string& each : all) {
        const std::uint32_t most = all.size() == 2 ? 5 : 3;
        bool has_lock = false;
        while (each.size() < most) {
            const char what = "rwRW.(r"[numbers.below(7)];
            if (what == '(') {
                each += has_lock ? ')' : '(';
                has_lock = !has_lock;
            } else {
                each += what;
            }
        }
        each += has_lock ? ")" : "";
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(steps_that_commute_have_one_class) {
    BOOST_TEST(reduced({"...", "..."}) == 1U);
    BOOST_TEST(reduced({"rr", "rr"}) == 1U);
    BOOST_TEST(reduced({"wr", "WR"}) == 1U);
}

BOOST_AUTO_TEST_CASE(lost_updates_have_as_many_as_the_tools_of_the_field_say) {
    BOOST_TEST(reduced({"rw", "rw"}) == 4U);
    BOOST_TEST(reduced({"rwrw", "rwrw"}) == 34U);
    BOOST_TEST(reduced({"rwrwrw", "rwrwrw"}) == 328U);
    BOOST_TEST(reduced({"rw", "rw", "rw"}) == 36U);
}

BOOST_AUTO_TEST_CASE(locks_have_one_for_each_order_in_which_they_are_taken) {
    BOOST_TEST(reduced({"()()", "()()"}) == 6U);
    BOOST_TEST(reduced({"(rw)(rw)(rw)", "(rw)(rw)(rw)"}) == 20U);
    BOOST_TEST(reduced({"(.)", "(.)", "(.)"}) == 6U);
}

BOOST_AUTO_TEST_CASE(readers_are_before_the_writer_or_after) {
    BOOST_TEST(reduced({"w", "r", "r"}) == 4U);
    BOOST_TEST(reduced({"w", "r", "r", "r", "r"}) == 16U);
}

BOOST_AUTO_TEST_CASE(of_two_that_store_and_then_look_at_the_other_one_sees_it) {
    BOOST_TEST(reduced({"wR", "Wr"}) == 3U);
}

BOOST_AUTO_TEST_CASE(a_program_that_is_drawn_has_one_execution_of_each_class) {
    std::size_t classes = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        const outline all = draw_outline(seed);
        BOOST_TEST_CONTEXT(all[0] << ' ' << all[1] << ' ' << all.back()) {
            const std::size_t count = reduced(all);
            BOOST_TEST(reduced(all, seed) == count); // whatever it draws
            classes += count;
        }
    }
    BOOST_TEST(classes > 1'000U);
}

BOOST_AUTO_TEST_CASE(who_conflicts_with_whom_is_the_same_from_both_sides) {
    using cppvaldi::reduction::conflict;
    using cppvaldi::reduction::effect;
    for (auto one = static_cast<int>(effect::none); one <= static_cast<int>(effect::await_timed); ++one) {
        for (auto other = one; other <= static_cast<int>(effect::await_timed); ++other) {
            const auto first = static_cast<effect>(one);
            const auto second = static_cast<effect>(other);
            BOOST_TEST(conflict(first, second) == conflict(second, first));
            BOOST_TEST((first != effect::none || !conflict(first, second)));
        }
    }
    BOOST_TEST(!conflict(effect::read, effect::read));
    BOOST_TEST(conflict(effect::read, effect::write));
    BOOST_TEST(conflict(effect::take, effect::give));
    BOOST_TEST(!conflict(effect::take_shared, effect::take_shared));
    BOOST_TEST(!conflict(effect::release, effect::release));
}

BOOST_AUTO_TEST_SUITE_END()
