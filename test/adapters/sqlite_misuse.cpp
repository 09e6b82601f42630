// Ways to use the SQLite adapter that have no meaning, and what becomes of connections that are closed.

#include "adapters/scratch_database.hpp"

#include <cppvaldi/cppvaldi.hpp>
#include <cppvaldi/sqlite.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using cppvaldi::connection;
using cppvaldi::half_read;
using cppvaldi::life_of;
using cppvaldi::runner;
using cppvaldi::scratch;
using cppvaldi::starter;
using cppvaldi::usage_error;
using cppvaldi::sqlite::cooperate;

/// Returns what `cooperate` says.
std::string refusal(sqlite3* database) {
    try {
        cooperate(database);
    } catch (const usage_error& refused) {
        return refused.what();
    }
    return "";
}

} // namespace

BOOST_AUTO_TEST_CASE(there_must_be_a_connection) {
    BOOST_TEST(refusal(nullptr) ==
               "sqlite::cooperate(nullptr): there is no connection; open one with sqlite3_open first");
}

BOOST_AUTO_TEST_CASE(a_connection_that_failed_to_open_is_refused) {
    const scratch here;
    sqlite3* failed = nullptr;
    BOOST_TEST(sqlite3_open((here.folder + "/missing/bank.db").c_str(), &failed) == SQLITE_CANTOPEN);
    BOOST_TEST(refusal(failed).starts_with("sqlite::cooperate: SQLite refuses: "));
    sqlite3_close(failed);
}

BOOST_AUTO_TEST_CASE(a_connection_with_something_under_way_is_refused) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection plain(path, connection::kind::plain);
    plain.run("BEGIN");
    BOOST_TEST(refusal(plain.handle()).ends_with("call it right after sqlite3_open"));
    plain.run("COMMIT");
    {
        const half_read rows(plain, "SELECT item FROM items");
        BOOST_TEST(refusal(plain.handle()).ends_with("call it right after sqlite3_open"));
    }
    BOOST_TEST(refusal(plain.handle()).empty());
}

BOOST_AUTO_TEST_CASE(cooperating_again_changes_nothing) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    (void)run.start("alice", [&] {
        connection mine(path);
        cooperate(mine.handle());
        mine.run("BEGIN");
        cooperate(mine.handle());
        mine.run("INSERT INTO items VALUES (10); COMMIT");
    });
    run.finish();
    const std::vector<std::string> expected{"started", "begun", "committing", "committed", "finished"};
    BOOST_TEST(life_of(run, "alice") == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_shared_cache_is_refused) {
    const scratch here;
    const std::string path = here.database("bank.db");
    std::vector<sqlite3*> shared(2);
    for (sqlite3*& each : shared) {
        BOOST_TEST(sqlite3_open_v2(path.c_str(), &each, SQLITE_OPEN_READWRITE | SQLITE_OPEN_SHAREDCACHE, nullptr) ==
                   SQLITE_OK);
    }
    BOOST_TEST(refusal(shared[0]).empty());
    BOOST_TEST(refusal(shared[1]).ends_with("open it with SQLITE_OPEN_PRIVATECACHE"));
    for (sqlite3* each : shared) {
        sqlite3_close(each);
    }
}

BOOST_AUTO_TEST_CASE(two_starters_that_use_one_connection_at_a_time_are_told) {
    const scratch here;
    const std::string path = here.database("bank.db");
    for (const bool the_older_waits : {false, true}) {
        connection shared(path);
        runner run;
        const auto write = [&] { (void)shared.attempt("BEGIN IMMEDIATE; INSERT INTO items VALUES (10); COMMIT"); };
        const auto read = [&] { (void)shared.attempt("SELECT item FROM items"); };
        const starter writer = the_older_waits ? run.start("writer", write) : run.start("reader", read);
        const starter reader = the_older_waits ? run.start("reader", read) : run.start("writer", write);
        const starter& first = the_older_waits ? writer : reader;
        const starter& second = the_older_waits ? reader : writer;
        run.declare({first.at("begun"), second.finished(), first.finished()});
        (void)run.next();
        try {
            (void)run.next();
            BOOST_ERROR("nobody was told");
        } catch (const usage_error& refused) {
            BOOST_TEST(
                refused.what() ==
                std::string("sqlite::cooperate: a connection is used by two starters at the same time: one executes "
                            "\"SELECT item FROM items\" while another stands in \"BEGIN IMMEDIATE\"; give each "
                            "starter a connection of its own"));
        }
    }
}

BOOST_AUTO_TEST_CASE(one_connection_may_be_used_by_one_starter_after_another) {
    const scratch here;
    connection shared(here.database("bank.db"));
    runner run;
    (void)run.start("alice", [&] { shared.run("BEGIN; INSERT INTO items VALUES (10); COMMIT"); });
    (void)run.start("bob", [&] { shared.run("BEGIN; INSERT INTO items VALUES (20); COMMIT"); });
    run.finish();
    BOOST_TEST(shared.number("SELECT count(*) FROM items") == 5);
}

BOOST_AUTO_TEST_CASE(a_connection_in_which_a_starter_waits_cannot_be_closed) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection driver(path);
    driver.run("BEGIN IMMEDIATE");
    connection waits(path);
    runner run;
    const starter alice = run.start("alice", [&] { waits.run("BEGIN IMMEDIATE; COMMIT"); });
    run.declare({alice.blocked(), alice.at("committed")});
    (void)run.next();
    BOOST_TEST(sqlite3_close(waits.handle()) == SQLITE_BUSY);
    driver.run("COMMIT");
    run.finish(); // it is as it was
}

BOOST_AUTO_TEST_CASE(closing_lets_go_whoever_waits) {
    const scratch here;
    for (const std::string mode : {"DELETE", "WAL"}) {
        const std::string path = here.database(mode + ".db", mode);
        runner run;
        const starter alice = run.start("alice", [&] {
            connection mine(path);
            mine.run("BEGIN IMMEDIATE; INSERT INTO items VALUES (10)");
        });
        const starter bob = run.start("bob", [&] { connection(path).run("INSERT INTO items VALUES (10)"); });
        run.declare({alice.at("begun"), bob.blocked(), alice.finished(), bob.at("committed")});
        run.finish();
    }
}

BOOST_AUTO_TEST_CASE(a_connection_may_be_closed_while_its_statements_live) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    const starter alice = run.start("alice", [&] {
        auto* const mine = new connection(path);
        const half_read rows(*mine, "SELECT item FROM items");
        delete mine; // sqlite3_close_v2: it lives as long as its statement
        cppvaldi::checkpoint("closed");
    });
    const starter bob = run.start("bob", [&] { connection(path).run("INSERT INTO items VALUES (10)"); });
    run.declare({alice.at("closed"), bob.blocked(), alice.finished(), bob.at("committed")});
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_connection_may_outlive_executions_and_take_part_in_many) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection first(path);
    connection second(path);
    std::string token;
    for (int round = 0; round < 3; ++round) {
        runner run;
        const auto change = [](connection& mine) {
            mine.run("BEGIN IMMEDIATE; UPDATE items SET item = -item; COMMIT");
        };
        const starter alice = run.start("alice", change, std::ref(first));
        const starter bob = run.start("bob", change, std::ref(second));
        run.declare({alice.at("begun"), bob.blocked(), alice.at("committed"), bob.at("committed")});
        run.finish();
        BOOST_TEST((round == 0 || run.played().token() == token));
        token = run.played().token();
    }
}
