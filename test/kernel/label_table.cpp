#include "kernel/label_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

using cppvaldi::label_id;
using cppvaldi::label_table;

std::size_t number(label_id label) { return static_cast<std::size_t>(label); }

} // namespace

BOOST_AUTO_TEST_CASE(a_new_table_knows_the_implicit_labels) {
    label_table table;
    BOOST_TEST(table.size() == 3U);
    BOOST_TEST(table.text(cppvaldi::implicit_label::started) == "started");
    BOOST_TEST(table.text(cppvaldi::implicit_label::finished) == "finished");
    BOOST_TEST(table.text(cppvaldi::implicit_label::blocked) == "blocked");
    BOOST_TEST(number(table.intern("blocked")) == 2U);
}

BOOST_AUTO_TEST_CASE(names_are_numbered_in_the_order_in_which_they_come_up) {
    label_table table;
    BOOST_TEST(number(table.intern("b")) == 3U);
    BOOST_TEST(number(table.intern("a")) == 4U);
    BOOST_TEST(number(table.intern("b")) == 3U);
    BOOST_TEST(number(table.intern("c")) == 5U);
    BOOST_TEST(table.size() == 6U);
}

BOOST_AUTO_TEST_CASE(names_are_compared_by_contents_wherever_they_lie) {
    label_table table;
    std::string buffer = "read";
    const label_id read = table.intern(buffer);
    const std::string elsewhere = "read";
    BOOST_TEST(number(table.intern(elsewhere)) == number(read));
    buffer = "gone";
    BOOST_TEST(table.text(read) == "read");
    BOOST_TEST(number(table.intern(std::string_view("read only").substr(0, 4))) == number(read));
}

BOOST_AUTO_TEST_CASE(names_of_every_length_are_told_apart) {
    label_table table;
    std::vector<std::string> names;
    for (std::size_t length = 0; length < 40; ++length) {
        names.emplace_back(length, 'x');
        names.push_back(std::string(length, 'x') + 'y');
        names.push_back('y' + std::string(length, 'x'));
        names.push_back(std::string(length, 'x') + '\0');
    }
    names.emplace_back(100'000, 'z');
    std::vector<label_id> labels;
    for (const std::string& name : names) {
        labels.push_back(table.intern(name));
    }
    for (std::size_t position = 0; position < names.size(); ++position) {
        BOOST_TEST(table.text(labels[position]) == names[position]);
        BOOST_TEST(number(table.intern(names[position])) == number(labels[position]));
    }
}

BOOST_AUTO_TEST_CASE(find_does_not_make_labels) {
    label_table table;
    label_id found{};
    BOOST_TEST(!table.find("read", found));
    BOOST_TEST(table.size() == 3U);
    const label_id read = table.intern("read");
    BOOST_TEST(table.find("read", found));
    BOOST_TEST(number(found) == number(read));
    BOOST_TEST(!table.find("", found));
}

BOOST_AUTO_TEST_CASE(a_cleared_table_has_forgotten_all_but_the_implicit_labels) {
    label_table table;
    for (int round = 0; round < 1000; ++round) {
        for (const char* name : {"one", "two", "three"}) {
            (void)table.intern(name);
        }
        BOOST_REQUIRE_EQUAL(table.size(), 6U);
        table.clear();
        label_id found{};
        BOOST_REQUIRE(!table.find("two", found));
        BOOST_REQUIRE(table.find("finished", found));
        BOOST_REQUIRE_EQUAL(number(table.intern("two")), 3U);
        table.clear();
    }
}

BOOST_AUTO_TEST_CASE(texts_stay_where_they_are_while_the_table_grows) {
    label_table table;
    const std::string_view first = table.text(table.intern("the first"));
    std::vector<std::string_view> views;
    for (int each = 0; each < 20'000; ++each) {
        views.push_back(table.text(table.intern("name " + std::to_string(each))));
    }
    BOOST_TEST(first == "the first");
    std::size_t wrong = 0;
    for (int each = 0; each < 20'000; ++each) {
        const std::string name = "name " + std::to_string(each);
        const label_id label = table.intern(name);
        wrong += views[static_cast<std::size_t>(each)] != name || number(label) != static_cast<std::size_t>(each) + 4;
    }
    BOOST_TEST(wrong == 0U);
    table.clear();
    BOOST_TEST(number(table.intern("name 19999")) == 3U);
}
