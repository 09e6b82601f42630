// What the demo prints, whole, and how it fails where its database cannot be.
//
// Its arguments after `--` are the demo and its golden file, which CPPVALDI_REWRITE_GOLDEN=1 in the environment writes anew.

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>

#include <stdlib.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;

std::string argument(int position) {
    const auto& given = boost::unit_test::framework::master_test_suite();
    BOOST_REQUIRE_MESSAGE(given.argc == 3, "usage: two_tellers_output -- <the demo> <its golden file>");
    return given.argv[position];
}

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// A folder for the demo's files, and another one that it takes for the system's folder for temporary files.
struct stage {
    fs::path folder = make();
    fs::path temporary = folder / "temporary";
    std::string printed;
    std::string said;

    stage() { fs::create_directory(temporary); }
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    ~stage() { fs::remove_all(folder); }

    /// Runs the demo with these arguments and returns its exit status.
    int run(const std::string& arguments) { return shell("\"$DEMO\" " + arguments + " >printed"); }

    /// Runs a command, which finds the demo as `$DEMO`, and returns its exit status.
    int shell(const std::string& command) {
        const std::string set = "DEMO='" + argument(1) + "' TMPDIR='" + temporary.string() + "'; export DEMO TMPDIR; ";
        const int status = std::system((set + "cd '" + folder.string() + "' && { " + command + "; } 2>said").c_str());
        printed = contents(folder / "printed");
        said = contents(folder / "said");
        fs::remove(folder / "printed");
        fs::remove(folder / "said");
        BOOST_TEST(fs::is_empty(temporary));
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    [[nodiscard]] bool has(const std::string& name) const { return fs::exists(folder / name); }

private:
    static fs::path make() {
        std::string name = fs::temp_directory_path() / ("cppvaldi-demo-" + std::string(6, 'X'));
        BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
        return fs::canonical(name);
    }
};

/// Another process, as far as the demo can tell.
struct stranger {
    explicit stranger(const fs::path& path) { BOOST_REQUIRE(sqlite3_open(path.c_str(), &connection) == SQLITE_OK); }
    stranger(const stranger&) = delete;
    stranger& operator=(const stranger&) = delete;
    ~stranger() { sqlite3_close(connection); }

    void run(const char* sql) { BOOST_REQUIRE(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

    /// Returns the names of all tables.
    std::string tables() {
        std::string names;
        const auto add = [](void* to, int, char** columns, char**) {
            *static_cast<std::string*>(to) += std::string(columns[0]) + ' ';
            return 0;
        };
        sqlite3_exec(connection, "SELECT name FROM sqlite_master", add, &names, nullptr);
        return names;
    }

    sqlite3* connection = nullptr;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(it_prints_what_is_in_the_golden_file, stage) {
    BOOST_TEST(run("") == 0);
    BOOST_TEST(said.empty());
    if (std::getenv("CPPVALDI_REWRITE_GOLDEN") != nullptr) {
        std::ofstream(argument(2), std::ios::binary) << printed;
    }
    BOOST_CHECK_MESSAGE(printed == contents(argument(2)),
                        "differs from " + argument(2) + "; it prints:\n" + printed +
                            "\nIf it should: CPPVALDI_REWRITE_GOLDEN=1 ./dev test two_tellers_output");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_it_makes_is_removed_again, stage) {
    BOOST_TEST(run("bank.db") == 0);
    BOOST_TEST(said.empty());
    BOOST_TEST(printed == contents(argument(2)));
    BOOST_TEST(!has("bank.db"));
    BOOST_TEST(!has("bank.db-journal"));
}

BOOST_FIXTURE_TEST_CASE(a_database_that_is_there_keeps_what_it_has, stage) {
    stranger owner(folder / "bank.db");
    owner.run("CREATE TABLE customers (name)");
    BOOST_TEST(run("bank.db") == 0);
    BOOST_TEST(said.empty());
    BOOST_TEST(owner.tables() == "customers ");

    owner.run("CREATE TABLE account (number)");
    BOOST_TEST(run("bank.db") == 1);
    BOOST_TEST(said == "two_tellers: bank.db: table account already exists\n");
    BOOST_TEST(owner.tables() == "customers account ");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_opened_is_refused_with_its_path, stage) {
    BOOST_TEST(run("missing/bank.db") == 1);
    BOOST_TEST(said == "two_tellers: missing/bank.db: unable to open database file\n");
    BOOST_TEST(printed.empty());

    fs::create_directory(folder / "is_a_folder");
    BOOST_TEST(run("is_a_folder") == 1);
    BOOST_TEST(said == "two_tellers: is_a_folder: unable to open database file\n");
    BOOST_TEST(has("is_a_folder"));

    std::ofstream(folder / "letter.txt") << std::string(1000, 'x');
    BOOST_TEST(run("letter.txt") == 1);
    BOOST_TEST(said == "two_tellers: letter.txt: file is not a database\n");
    BOOST_TEST(contents(folder / "letter.txt") == std::string(1000, 'x'));
}

BOOST_FIXTURE_TEST_CASE(a_database_that_another_process_has_locked_is_refused, stage) {
    stranger owner(folder / "bank.db");
    owner.run("CREATE TABLE customers (name)");
    for (const char* lock : {"BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"}) {
        owner.run(lock);
        BOOST_TEST(run("bank.db") == 1);
        BOOST_TEST(said == "two_tellers: bank.db: database is locked\n");
        owner.run("ROLLBACK");
    }
    BOOST_TEST(owner.tables() == "customers ");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_may_not_grow_is_refused_and_removed, stage) {
    BOOST_TEST(shell("ulimit -f 4; \"$DEMO\" bank.db >printed") == 1);
    BOOST_TEST(said == "two_tellers: bank.db: disk I/O error\n");
    BOOST_TEST(!has("bank.db"));
    BOOST_TEST(!has("bank.db-journal"));
    BOOST_TEST(shell("ulimit -f 4; \"$DEMO\" >printed") == 1);
    BOOST_TEST(said.ends_with("/bank.db: disk I/O error\n"));
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_is_refused_and_nothing_is_left, stage) {
    fs::create_directory(folder / "small");
    if (shell("unshare -m mount -t tmpfs none small") != 0) {
        BOOST_TEST_MESSAGE("nobody may mount a small disk here");
        return;
    }
    BOOST_TEST(shell("unshare -m sh -c 'mount -t tmpfs -o size=16k none small && \"$DEMO\" small/bank.db >printed; "
                     "status=$?; ls small >>printed; exit $status'") == 1);
    BOOST_TEST(said == "two_tellers: small/bank.db: database or disk is full\n");
    BOOST_TEST(printed.find("\nbank.db") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_printed_is_an_error, stage) {
    BOOST_TEST(shell("\"$DEMO\" >/dev/full") == 1);
    BOOST_TEST(said == "two_tellers: what it has to say cannot be written\n");
}

BOOST_FIXTURE_TEST_CASE(too_many_arguments_are_refused, stage) {
    BOOST_TEST(run("one two") == 1);
    BOOST_TEST(said == "two_tellers: usage: two_tellers [file]\n");
}
