#include <cppvaldi/explore.hpp>

#include "support/fixture.hpp"
#include "support/sketches.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace {

/// What a full search went through: the executions, as they were done, in the order in which they came.
struct searched {
    cppvaldi::exploration came_to;
    std::vector<std::string> done;
};

searched search(const sketch& all, const cppvaldi::exhaustive& how = {}) {
    searched through;
    through.came_to = cppvaldi::explore([&] { through.done.push_back(run_sketch(all)); }, how);
    BOOST_TEST(through.came_to.complete);
    BOOST_TEST(!through.came_to.finding.has_value());
    BOOST_TEST(through.came_to.executions == through.done.size());
    return through;
}

sketch checkpoints(std::vector<std::size_t> each) {
    sketch all;
    for (const std::size_t many : each) {
        all.emplace_back(many, '.');
    }
    return all;
}

std::uint64_t count(const sketch& all) { return search(all).came_to.executions; }

/// What can be compared with what a search has done.
std::vector<std::string> in_order_of_letters(const std::vector<std::string>& done) {
    const std::multiset<std::string> sorted(done.begin(), done.end());
    return {sorted.begin(), sorted.end()};
}

std::vector<std::string> with_at_most(const interleavings& known, std::size_t preemptions) {
    std::vector<std::string> all;
    for (const auto& [done, needed] : known.all()) {
        if (needed <= preemptions) {
            all.push_back(done);
        }
    }
    return all;
}

const std::vector<sketch> sketches = {
    {"..", ".."},       {"...", "..."},        {"....", ".."},          {".", "..", "..."},   {"..", "..", ".."},
    {"(.)", "(.)"},     {".(.).", ".(.)."},    {"(.)", "(.)", "(.)"},   {"().", ".()", "."},  {"([.])", "(.)", "[.]"},
    {"(.)(.)", "(.)."}, {"(..)", "...", "()"}, {"([])", "([])", "..."}, {"(.)[.]", "[.](.)"},
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(counts, clean_world)

BOOST_AUTO_TEST_CASE(two_starters_of_m_and_n_checkpoints_have_m_plus_n_over_m_interleavings) {
    BOOST_TEST(count(checkpoints({1, 1})) == 2U);
    BOOST_TEST(count(checkpoints({2, 2})) == 6U);
    BOOST_TEST(count(checkpoints({3, 2})) == 10U);
    BOOST_TEST(count(checkpoints({3, 3})) == 20U);
    BOOST_TEST(count(checkpoints({4, 4})) == 70U);
    BOOST_TEST(count(checkpoints({6, 6})) == 924U);
    BOOST_TEST(count(checkpoints({7, 7})) == 3432U);
    BOOST_TEST(count(checkpoints({0, 5})) == 1U);
    BOOST_TEST(count(checkpoints({1, 9})) == 10U);
}

BOOST_AUTO_TEST_CASE(three_starters_of_two_checkpoints_have_ninety_interleavings) {
    BOOST_TEST(count(checkpoints({2, 2, 2})) == 90U);
    BOOST_TEST(count(checkpoints({1, 1, 1, 1})) == 24U);
    BOOST_TEST(count(checkpoints({3, 3, 3})) == 1680U);
}

BOOST_AUTO_TEST_CASE(the_six_interleavings_of_two_and_two_come_depth_first) {
    const std::vector<std::string> expected = {"aabb", "abba", "abab", "bbaa", "baab", "baba"};
    BOOST_TEST(search({"..", ".."}).done == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_preemption_more_gives_the_interleavings_that_need_it) {
    std::vector<std::uint64_t> counted;
    for (std::uint32_t preemptions = 0; preemptions <= 6; ++preemptions) {
        counted.push_back(search({"...", "..."}, {.preemptions = preemptions}).came_to.executions);
    }
    const std::vector<std::uint64_t> expected = {2, 6, 14, 18, 20, 20, 20};
    BOOST_TEST(counted == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_search_goes_through_each_interleaving_once) {
    for (const sketch& all : sketches) {
        const interleavings known(all);
        BOOST_TEST_CONTEXT(all.front() << " and " << all.size() - 1 << " more") {
            BOOST_TEST(in_order_of_letters(search(all).done) == with_at_most(known, 1'000),
                       boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_bound_gives_those_with_so_few_preemptions_the_fewest_first) {
    for (const sketch& all : sketches) {
        const interleavings known(all);
        for (std::uint32_t bound = 0; bound <= known.most_preemptions() + 1; ++bound) {
            const searched through = search(all, {.preemptions = bound});
            BOOST_TEST(in_order_of_letters(through.done) == with_at_most(known, bound),
                       boost::test_tools::per_element());
            std::size_t so_far = 0;
            for (const std::string& done : through.done) {
                BOOST_TEST(known.all().at(done) >= so_far);
                so_far = known.all().at(done);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
