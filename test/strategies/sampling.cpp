#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

#include "support/model.hpp"
#include "support/says.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cppvaldi; // NOLINT: all words of this file are its

constexpr std::size_t many = 20'000;

/// How often each interleaving came, in so many executions.
template <typename Description>
std::map<std::string, std::size_t> sample(const outline& all, const Description& described,
                                          std::size_t executions = many) {
    const std::unique_ptr<strategy> decides = make_strategy(described);
    model program(all);
    std::map<std::string, std::size_t> seen;
    for (std::size_t execution = 0; execution < executions && decides->begin_execution(); ++execution) {
        ++seen[program.play(*decides)];
    }
    return seen;
}

std::size_t count(const std::map<std::string, std::size_t>& seen, const std::string& done) {
    const auto found = seen.find(done);
    return found == seen.end() ? 0 : found->second;
}

/// How many of the executions `holds` is true of.
template <typename Description, typename Holds>
std::size_t hits(const outline& all, const Description& described, Holds holds, std::size_t executions = many) {
    std::size_t sum = 0;
    for (const auto& [done, times] : sample(all, described, executions)) {
        sum += holds(done) ? times : 0;
    }
    return sum;
}

/// The mean length of a run of one starter, in hundredths.
template <typename Description>
std::size_t mean_run(const outline& all, const Description& described) {
    std::size_t runs = 0;
    std::size_t steps = 0;
    for (const auto& [done, times] : sample(all, described, 2'000)) {
        steps += done.size() * times;
        for (std::size_t position = 0; position < done.size(); ++position) {
            runs += position == 0 || done[position] != done[position - 1] ? times : 0;
        }
    }
    return 100 * steps / runs;
}

template <typename Description>
std::string printed(const Description& described) {
    std::ostringstream out;
    out << described;
    return out.str();
}

} // namespace

BOOST_AUTO_TEST_SUITE(sampling)

BOOST_AUTO_TEST_CASE(random_comes_to_every_interleaving) {
    BOOST_TEST(sample({"...", "..."}, cppvaldi::random{.seed = 3}).size() == 20U);
    BOOST_TEST(sample({"..", "..", ".."}, cppvaldi::random{.seed = 3}).size() == 90U);
}

BOOST_AUTO_TEST_CASE(sticky_comes_to_every_interleaving) {
    BOOST_TEST(sample({"...", "..."}, sticky{.seed = 3, .run_length = 3}).size() == 20U);
}

BOOST_AUTO_TEST_CASE(sticky_runs_grow_with_the_run_length) {
    const outline both = {std::string(200, '.'), std::string(200, '.')};
    const std::size_t uniform = mean_run(both, cppvaldi::random{});
    BOOST_TEST(uniform > 190U);
    BOOST_TEST(uniform < 215U);
    BOOST_TEST(mean_run(both, sticky{.run_length = 1}) > 190U);
    BOOST_TEST(mean_run(both, sticky{.run_length = 1}) < 215U);
    // Whoever draws anew draws itself half of the time, and the end of one is a run of the other.
    const std::size_t sticky_8 = mean_run(both, sticky{.run_length = 8});
    BOOST_TEST(sticky_8 > 1500U);
    BOOST_TEST(sticky_8 < 2000U);
}

// The guarantee of PCT: in a program of n starters and k steps, a bug of depth d is found with a probability of at least
// 1/(n k^(d-1)). A tenth is left to chance, the seed being fixed.

BOOST_AUTO_TEST_CASE(pct_keeps_its_guarantee_for_a_bug_of_depth_one) {
    // One ordering is enough: all of b before the last step of a. n = 2.
    const auto holds = [](const std::string& done) { return done.rfind('b') < done.rfind('a'); };
    const std::size_t found = hits({"......", "......"}, pct{.depth = 1, .seed = 5}, holds);
    BOOST_TEST(found * 2 >= many * 9 / 10);
}

BOOST_AUTO_TEST_CASE(pct_keeps_its_guarantee_for_a_bug_of_depth_two) {
    // Two orderings: the fourth step of a, then all of b, then the rest of a. n = 2, k = 16.
    const auto holds = [](const std::string& done) { return done == "aaaabbbbbbbbaaaa"; };
    const std::size_t by_pct = hits({"........", "........"}, pct{.depth = 2, .seed = 5}, holds);
    const std::size_t by_random = hits({"........", "........"}, cppvaldi::random{.seed = 5}, holds);
    BOOST_TEST_MESSAGE("pct " << by_pct << ", random " << by_random << " of " << many);
    BOOST_TEST(by_pct * 2 * 16 >= many * 9 / 10);
    BOOST_TEST(by_random < by_pct / 10);
}

BOOST_AUTO_TEST_CASE(pct_keeps_its_guarantee_for_a_bug_of_depth_three) {
    // Three orderings: two changes at certain steps. n = 2, k = 8.
    const auto holds = [](const std::string& done) { return done == "aabbaabb"; };
    const std::size_t found = hits({"....", "...."}, pct{.depth = 3, .seed = 5}, holds, 10 * many);
    BOOST_TEST_MESSAGE("pct " << found << " of " << 10 * many);
    BOOST_TEST(found * 2 * 8 * 8 >= 10 * many * 9 / 10);
}

BOOST_AUTO_TEST_CASE(pct_keeps_its_guarantee_among_five_starters) {
    // Depth two: d is in the middle when all others come. n = 5, k = 20.
    const auto holds = [](const std::string& done) {
        return done.rfind('d') == 19 && done.find("dd") == 0 && done.find("ddd") == std::string::npos;
    };
    const std::size_t found = hits({"....", "....", "....", "....", "...."}, pct{.depth = 2, .seed = 5}, holds);
    BOOST_TEST_MESSAGE("pct " << found << " of " << many);
    BOOST_TEST(found * 5 * 20 >= many * 9 / 10);
}

BOOST_AUTO_TEST_CASE(pct_of_depth_one_changes_nobody_s_priority) {
    for (const auto& [done, times] : sample({"....", "....", "...."}, pct{.depth = 1})) {
        BOOST_TEST((done == "aaaabbbbcccc" || done == "aaaaccccbbbb" || done == "bbbbaaaacccc" ||
                    done == "bbbbccccaaaa" || done == "ccccaaaabbbb" || done == "ccccbbbbaaaa"),
                   done);
        BOOST_TEST(times > many / 7);
    }
}

BOOST_AUTO_TEST_CASE(pct_takes_the_number_of_steps_that_it_is_given) {
    // All changes are in the first two steps.
    for (const auto& [done, times] : sample({"....", "...."}, pct{.depth = 3, .steps = 2})) {
        BOOST_TEST(times > 0U);
        BOOST_TEST(done.substr(4).find(done[4] == 'a' ? 'b' : 'a') != 0U);
        std::size_t changes = 0;
        for (std::size_t position = 1; position < done.size(); ++position) {
            changes += done[position] != done[position - 1] ? 1 : 0;
        }
        BOOST_TEST(changes <= 3U);
    }
}

BOOST_AUTO_TEST_CASE(pct_lets_whoever_yields_fall_behind) {
    const outline program = {"yyyyyyyy", "...."};
    for (const auto& [done, times] : sample(program, pct{.depth = 1})) {
        BOOST_TEST((done == "abbbbaaaaaaa" || done == "bbbbaaaaaaaa"), done << " came " << times << " times");
    }
}

BOOST_AUTO_TEST_CASE(pos_orders_what_races_as_often_one_way_as_the_other) {
    // The read of b comes in any of five places among a's writes; the uniform walk seldom brings it to the end.
    const auto at_the_end = [](const std::string& done) { return done == "aaaab"; };
    const std::size_t by_pos = hits({"wwww", "r"}, pos{.seed = 5}, at_the_end);
    const std::size_t by_random = hits({"wwww", "r"}, cppvaldi::random{.seed = 5}, at_the_end);
    BOOST_TEST(by_random > many / 20);
    BOOST_TEST(by_random < many / 14);
    BOOST_TEST(by_pos > many / 20);
    BOOST_TEST(sample({"wwww", "r"}, pos{}).size() == 5U);
}

BOOST_AUTO_TEST_CASE(pos_keeps_the_priority_of_what_does_not_race) {
    // b's write to another variable keeps its priority until it is made: it is the last with a probability of one to five, the
    // uniform walk's one to sixteen. Where it races, its priority is drawn again each time.
    const auto at_the_end = [](const std::string& done) { return done == "aaaab"; };
    const std::size_t apart = hits({"wwww", "W"}, pos{.seed = 5}, at_the_end);
    const std::size_t racing = hits({"wwww", "w"}, pos{.seed = 5}, at_the_end);
    BOOST_TEST(apart > many / 5 * 95 / 100);
    BOOST_TEST(apart < many / 5 * 105 / 100);
    BOOST_TEST(racing > many / 16 * 9 / 10);
    BOOST_TEST(racing < many / 16 * 11 / 10);
}

BOOST_AUTO_TEST_CASE(surw_is_uniform_over_all_interleavings) {
    // The uniform walk brings b to the end once in 64 times, though it is one of seven interleavings.
    const outline program = {"......", "."};
    const auto by_surw = sample(program, surw{.seed = 5, .interesting = surw::events::all});
    BOOST_TEST(by_surw.size() == 7U);
    for (const auto& [done, times] : by_surw) {
        BOOST_TEST(times > many / 7 * 95 / 100, done << " came " << times << " times");
        BOOST_TEST(times < many / 7 * 105 / 100, done << " came " << times << " times");
    }
    BOOST_TEST(count(sample(program, cppvaldi::random{.seed = 5}), "aaaaaab") < many / 50);
}

BOOST_AUTO_TEST_CASE(surw_is_uniform_over_the_interleavings_of_three) {
    const auto seen = sample({"...", "..", "."}, surw{.seed = 5, .interesting = surw::events::all}, 60'000);
    BOOST_TEST(seen.size() == 60U);
    for (const auto& [done, times] : seen) {
        BOOST_TEST(times > 850U, done << " came " << times << " times");
        BOOST_TEST(times < 1'150U, done << " came " << times << " times");
    }
}

BOOST_AUTO_TEST_CASE(surw_is_uniform_over_what_is_interesting_whatever_lies_between) {
    // The one object that both use: a writes it three times among checkpoints, b reads it once. Four interleavings of these.
    const outline program = {"..........w.w.w", "r"};
    std::map<std::size_t, std::size_t> seen;
    for (const auto& [done, times] : sample(program, surw{.seed = 5})) {
        const std::size_t before = done.find('b');
        seen[before <= 10 ? 0 : before <= 12 ? 1 : before <= 14 ? 2 : 3] += times;
    }
    BOOST_TEST(seen.size() == 4U);
    for (const auto& [writes, times] : seen) {
        BOOST_TEST(times > many / 4 * 95 / 100, times << " times after " << writes << " writes");
        BOOST_TEST(times < many / 4 * 105 / 100, times << " times after " << writes << " writes");
    }
}

BOOST_AUTO_TEST_CASE(surw_takes_checkpoints_for_what_is_interesting_if_asked_to) {
    const outline program = {"wwwwwwww.w.w.", "."};
    std::map<std::size_t, std::size_t> seen;
    for (const auto& [done, times] : sample(program, surw{.seed = 5, .interesting = surw::events::checkpoints})) {
        const std::size_t before = done.find('b');
        seen[before <= 8 ? 0 : before <= 10 ? 1 : before <= 12 ? 2 : 3] += times;
    }
    for (const auto& [passed, times] : seen) {
        BOOST_TEST(times > many / 4 * 95 / 100, times << " times after " << passed << " checkpoints");
    }
}

BOOST_AUTO_TEST_CASE(surw_goes_on_when_whoever_is_due_is_blocked) {
    const auto seen = sample({"(.w.)", "(.w.)", "w"}, surw{.seed = 5});
    BOOST_TEST(seen.size() > 8U); // the model has checked that nobody was chosen who could not
}

BOOST_AUTO_TEST_CASE(round_robin_plays_one_schedule) {
    const auto seen = sample({"...", "..", "...."}, round_robin{});
    BOOST_TEST(seen.size() == 1U);
    BOOST_TEST(count(seen, "abcabcacc") == 1U);
    BOOST_TEST(sample({"...", "..", "...."}, round_robin{.turn = 2}).begin()->first == "aabbccacc");
    BOOST_TEST(sample({"(..)", "(.)"}, round_robin{}).begin()->first == "aaaabbb");
    BOOST_TEST(sample({"y.y.", "..."}, round_robin{}).begin()->first == "abababa");
}

BOOST_AUTO_TEST_CASE(a_portfolio_takes_its_members_in_turn) {
    const std::unique_ptr<strategy> both = make_strategy(portfolio{{cppvaldi::random{.seed = 9}, exhaustive{}}});
    const std::unique_ptr<strategy> first = make_strategy(cppvaldi::random{.seed = 9});
    const std::unique_ptr<strategy> second = make_strategy(exhaustive{});
    BOOST_TEST(both->completes());
    model program({"..", ".."});
    std::size_t executions = 0;
    while (both->begin_execution()) {
        strategy& due = executions++ % 2 == 0 ? *first : *second;
        BOOST_REQUIRE(due.begin_execution());
        const std::string expected = program.play(due);
        BOOST_TEST(program.play(*both) == expected);
    }
    BOOST_TEST(executions == 13U); // six, in turn with seven
}

BOOST_AUTO_TEST_CASE(a_member_that_plays_one_schedule_drops_out_of_a_portfolio) {
    const std::unique_ptr<strategy> three =
        make_strategy(portfolio{{round_robin{}, cppvaldi::random{}, round_robin{.turn = 2}}});
    BOOST_TEST(!three->completes());
    model program({"..", ".."});
    for (std::size_t execution = 0; execution < 50; ++execution) {
        BOOST_REQUIRE(three->begin_execution());
        (void)program.play(*three);
    }
    const std::unique_ptr<strategy> two = make_strategy(portfolio{{round_robin{}, round_robin{.turn = 2}}});
    BOOST_TEST(two->completes());
    std::vector<std::string> played;
    while (two->begin_execution()) {
        played.push_back(program.play(*two));
    }
    BOOST_TEST(played == (std::vector<std::string>{"abab", "aabb"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(numbers_that_make_no_sense_are_refused) {
    BOOST_CHECK_EXCEPTION((void)make_strategy(pct{.depth = 0}), usage_error, says({"pct{.depth = 0}", "1 or more"}));
    BOOST_CHECK_EXCEPTION((void)make_strategy(pct{.steps = 0}), usage_error, says({"pct{.steps = 0}", "leave it out"}));
    BOOST_CHECK_EXCEPTION((void)make_strategy(sticky{.run_length = 0}), usage_error,
                          says({"run_length = 0", "1 or more"}));
    BOOST_CHECK_EXCEPTION((void)make_strategy(round_robin{.turn = 0}), usage_error, says({"turn = 0", "1 or more"}));
    BOOST_CHECK_EXCEPTION((void)make_strategy(portfolio{}), usage_error, says({"no members", "at least one"}));
}

BOOST_AUTO_TEST_CASE(descriptions_print_as_they_are_written) {
    BOOST_TEST(printed(exhaustive{}) == "exhaustive{}");
    BOOST_TEST(printed(exhaustive{.preemptions = 2}) == "exhaustive{.preemptions = 2}");
    BOOST_TEST(printed(cppvaldi::random{.seed = 7}) == "random{.seed = 7}");
    BOOST_TEST(printed(sticky{.seed = 7}) == "sticky{.seed = 7, .run_length = 8}");
    BOOST_TEST(printed(pct{}) == "pct{.depth = 3, .seed = 1}");
    BOOST_TEST(printed(pct{.depth = 2, .steps = 9}) == "pct{.depth = 2, .seed = 1, .steps = 9}");
    BOOST_TEST(printed(pos{.seed = 7}) == "pos{.seed = 7}");
    BOOST_TEST(printed(surw{}) == "surw{.seed = 1, .interesting = surw::events::one_object}");
    BOOST_TEST(printed(round_robin{}) == "round_robin{.turn = 1}");
    BOOST_TEST(printed(replay{}) == "replay{schedule::parse(\"" + schedule{}.token() + "\")}");
    BOOST_TEST(printed(portfolio{{cppvaldi::random{}, pos{}}}) == "portfolio{{random{.seed = 1}, pos{.seed = 1}}}");
}

BOOST_AUTO_TEST_CASE(descriptions_are_values) {
    BOOST_TEST((pct{.depth = 2} == pct{.depth = 2}));
    BOOST_TEST((pct{.depth = 2} != pct{}));
    BOOST_TEST((surw{} != surw{.interesting = surw::events::all}));
    BOOST_TEST((portfolio{{pos{}}} == portfolio{{pos{}}}));
    BOOST_TEST((portfolio{{pos{}}} != portfolio{{pct{}}}));
}

BOOST_AUTO_TEST_SUITE_END()
