// lib/STANDARD.md is made of the tables in support/standard, whose members are compiled.

#include "support/golden.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct row {
    std::string member;
    std::string state;
    std::string remark;
};

struct table {
    std::string title;
    std::vector<row> rows;
};

/// Cuts the next cell off a line.
std::string take_cell(std::string_view& line) {
    static constexpr std::string_view between = " | ";
    const std::size_t end = line.find(between);
    const std::string cell(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + between.size());
    return cell;
}

table read_table(const std::string& name) {
    const std::string path = std::string(CPPVALDI_TEST_FOLDER) + "/support/standard/" + name + ".txt";
    std::ifstream file(path);
    BOOST_REQUIRE_MESSAGE(file.is_open(), path);
    table made;
    std::string line;
    std::getline(file, line);
    BOOST_REQUIRE(line.starts_with("# "));
    made.title = line.substr(2);
    while (std::getline(file, line)) {
        std::string_view rest = line;
        row& read = made.rows.emplace_back();
        read.member = take_cell(rest);
        if (rest.ends_with(" |")) {
            rest.remove_suffix(2);
        }
        read.state = take_cell(rest);
        read.remark = rest;
    }
    return made;
}

/// Within backticks in a table a bar must be escaped, nothing else.
std::string as_code(const std::string& text) {
    std::string escaped;
    for (const char each : text) {
        escaped += each == '|' ? "\\|" : std::string(1, each);
    }
    return '`' + escaped + '`';
}

/// Outside of backticks the name of a template would be taken for HTML.
std::string as_text(const std::string& text) {
    std::string escaped;
    for (const char each : text) {
        escaped += each == '<' ? "\\<" : std::string(1, each);
    }
    return escaped;
}

const std::vector<std::string> all_tables{"thread",
                                          "jthread",
                                          "stop_token",
                                          "mutex",
                                          "shared_mutex",
                                          "condition_variable",
                                          "condition_variable_any",
                                          "semaphore",
                                          "latch",
                                          "barrier",
                                          "atomic",
                                          "future",
                                          "chrono"};

std::string page_of(const std::vector<table>& tables) {
    std::map<std::string, std::size_t> counts;
    std::ostringstream sections;
    for (const table& shown : tables) {
        sections << "\n## `" << shown.title
                 << "`\n\n| member | | what differs, or is left open by the standard |\n| --- | --- | --- |\n";
        for (const row& each : shown.rows) {
            ++counts[each.state];
            sections << "| " << as_code(each.member) << " | " << each.state << " | " << as_text(each.remark) << " |\n";
        }
    }
    std::ostringstream page;
    page << "# What there is of the standard library\n\n"
            "Made from the tables in `test/support/standard` by a test, which compiles each line; "
            "`CPPVALDI_REWRITE_GOLDEN=1` makes it anew.\n"
            "Of C++20's members for threads "
         << counts["same"] << " are the same, " << counts["differs"] << " differ and " << counts["missing"]
         << " are missing.\n";
    return page.str() + sections.str();
}

} // namespace

BOOST_AUTO_TEST_CASE(the_page_says_what_the_tables_say) {
    std::vector<table> tables;
    for (const std::string& name : all_tables) {
        tables.push_back(read_table(name));
        BOOST_TEST(tables.back().rows.size() > 5U);
    }
    check_golden("../lib/STANDARD.md", page_of(tables));
}
