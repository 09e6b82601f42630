#include <cppvaldi/starter_set.hpp>

#include "support/luck.hpp"

#include <boost/test/unit_test.hpp>

#include <iterator>
#include <set>
#include <vector>

namespace {

using cppvaldi::nobody;
using cppvaldi::starter_id;
using cppvaldi::starter_set;

starter_id id(std::size_t number) { return static_cast<starter_id>(number); }

std::vector<std::uint32_t> members(const starter_set& set) {
    std::vector<std::uint32_t> all;
    for (starter_id each = set.first(); each != nobody; each = set.after(each)) {
        all.push_back(index(each));
    }
    return all;
}

std::vector<std::uint32_t> members(const std::set<std::uint32_t>& set) { return {set.begin(), set.end()}; }

starter_set set_of(const std::vector<std::size_t>& numbers) {
    starter_set made;
    for (std::size_t number : numbers) {
        made.insert(id(number));
    }
    return made;
}

/// Does the same to both and compares all that can be asked about a place.
void compare_at(const starter_set& set, const std::set<std::uint32_t>& model, std::size_t number) {
    const auto key = static_cast<std::uint32_t>(number);
    const auto above = model.upper_bound(key);
    BOOST_REQUIRE_EQUAL(set.size(), model.size());
    BOOST_REQUIRE_EQUAL(set.empty(), model.empty());
    BOOST_REQUIRE_EQUAL(set.contains(id(number)), model.contains(key));
    BOOST_REQUIRE_EQUAL(index(set.after(id(number))), above == model.end() ? index(nobody) : *above);
    BOOST_REQUIRE_EQUAL(index(set.first()), model.empty() ? index(nobody) : *model.begin());
}

/// Random insertions and removals among `ids` ids, against std::set.
void play(std::uint64_t seed, std::size_t ids, std::size_t operations) {
    luck lucky(seed);
    starter_set set;
    std::set<std::uint32_t> model;
    for (std::size_t operation = 0; operation < operations; ++operation) {
        const std::size_t number = lucky.below(ids);
        const bool growing = operation / (operations / 4 + 1) % 2 == 0; // full, then nearly empty, and again
        if (lucky.below(4) < (growing ? 3U : 1U)) {
            set.insert(id(number));
            model.insert(static_cast<std::uint32_t>(number));
        } else {
            set.erase(id(number));
            model.erase(static_cast<std::uint32_t>(number));
        }
        compare_at(set, model, number);
        compare_at(set, model, lucky.below(ids));
    }
    BOOST_TEST(members(set) == members(model));
    std::size_t rank = 0;
    const std::size_t stride = model.size() / 100 + 1;
    for (std::uint32_t member : model) {
        if (rank % stride == 0) {
            BOOST_REQUIRE_EQUAL(index(set.at(rank)), member);
            BOOST_REQUIRE_EQUAL(set.rank_of(id(member)), rank);
            BOOST_REQUIRE_EQUAL(set.rank_of(id(member + 1)), rank + 1);
        }
        ++rank;
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_new_set_is_empty) {
    const starter_set set;
    BOOST_TEST(set.empty());
    BOOST_TEST(set.size() == 0U);
    BOOST_CHECK(set.first() == nobody);
    BOOST_CHECK(set.after(id(0)) == nobody);
    BOOST_CHECK(set.after(id(1'000'000)) == nobody);
    BOOST_TEST(!set.contains(id(0)));
    BOOST_TEST(!set.contains(nobody));
    BOOST_TEST(set.rank_of(id(5)) == 0U);
    BOOST_TEST(set.low_word() == 0U);
}

BOOST_AUTO_TEST_CASE(inserting_and_erasing_twice_is_as_good_as_once) {
    starter_set set = set_of({3, 3});
    BOOST_TEST(set.size() == 1U);
    set.erase(id(3));
    set.erase(id(3));
    set.erase(id(70'000));
    BOOST_TEST(set.empty());
}

BOOST_AUTO_TEST_CASE(members_come_in_the_order_of_their_ids_whatever_the_order_of_insertion) {
    const starter_set set = set_of({64, 1, 4096, 0, 63, 262'144, 65});
    BOOST_TEST(members(set) == (std::vector<std::uint32_t>{0, 1, 63, 64, 65, 4096, 262'144}));
    BOOST_TEST(set.low_word() == (std::uint64_t{1} << 63 | 3));
}

BOOST_AUTO_TEST_CASE(a_first_member_far_out_is_found) {
    for (const std::size_t far : {64U, 4095U, 4096U, 262'143U, 262'144U, 999'999U, 16'777'216U}) {
        starter_set set = set_of({far});
        BOOST_TEST(members(set) == std::vector<std::uint32_t>{static_cast<std::uint32_t>(far)});
        set.insert(id(0));
        set.insert(id(far / 2));
        BOOST_TEST(set.size() == 3U);
        BOOST_CHECK(set.first() == id(0));
        BOOST_CHECK(set.after(id(far / 2)) == id(far));
        BOOST_CHECK(set.after(id(far)) == nobody);
        BOOST_CHECK(set.at(2) == id(far));
        BOOST_TEST(set.rank_of(id(far)) == 2U);
    }
}

BOOST_AUTO_TEST_CASE(a_rank_counts_the_lower_ones_whether_or_not_the_id_is_a_member) {
    const starter_set set = set_of({2, 64, 130});
    BOOST_TEST(set.rank_of(id(0)) == 0U);
    BOOST_TEST(set.rank_of(id(2)) == 0U);
    BOOST_TEST(set.rank_of(id(3)) == 1U);
    BOOST_TEST(set.rank_of(id(64)) == 1U);
    BOOST_TEST(set.rank_of(id(129)) == 2U);
    BOOST_TEST(set.rank_of(id(130)) == 2U);
    BOOST_TEST(set.rank_of(id(1'000'000)) == 3U);
}

BOOST_AUTO_TEST_CASE(a_cleared_set_is_like_a_new_one) {
    starter_set set = set_of({0, 100, 10'000, 500'000});
    set.clear();
    BOOST_TEST(set.empty());
    BOOST_CHECK(set.first() == nobody);
    BOOST_CHECK(set == starter_set());
    set.insert(id(7));
    set.insert(id(300'000));
    BOOST_TEST(members(set) == (std::vector<std::uint32_t>{7, 300'000}));
}

BOOST_AUTO_TEST_CASE(sets_are_equal_when_their_members_are_however_they_grew) {
    starter_set grown = set_of({5, 900'000});
    grown.erase(id(900'000));
    BOOST_CHECK(grown == set_of({5}));
    BOOST_CHECK(!(grown == set_of({6})));
    BOOST_CHECK(!(grown == set_of({5, 6})));
    starter_set emptied = set_of({12'345});
    emptied.erase(id(12'345));
    BOOST_CHECK(emptied == starter_set());
    BOOST_CHECK(emptied.first() == nobody);
}

BOOST_AUTO_TEST_CASE(it_does_what_a_std_set_does_among_a_word_of_ids) { play(1, 64, 20'000); }
BOOST_AUTO_TEST_CASE(it_does_what_a_std_set_does_among_a_few_words_of_ids) { play(2, 200, 40'000); }
BOOST_AUTO_TEST_CASE(it_does_what_a_std_set_does_among_thousands_of_ids) { play(3, 5'000, 60'000); }
BOOST_AUTO_TEST_CASE(it_does_what_a_std_set_does_among_a_million_ids) { play(4, 1'000'000, 60'000); }

BOOST_AUTO_TEST_CASE(a_million_members_all_inserted_found_and_erased) {
    constexpr std::size_t many = 1'000'000;
    starter_set set;
    for (std::size_t number = 0; number < many; ++number) {
        set.insert(id(number));
    }
    BOOST_TEST(set.size() == many);
    BOOST_CHECK(set.at(many - 1) == id(many - 1));
    BOOST_TEST(set.rank_of(id(many)) == many);
    for (std::size_t number = 0; number < many; ++number) {
        BOOST_REQUIRE_EQUAL(index(set.first()), number);
        set.erase(id(number));
    }
    BOOST_TEST(set.empty());
}
