#include <cppvaldi/sqlite.hpp>

#include "adapters/scratch_database.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using cppvaldi::connection;
using cppvaldi::half_read;
using cppvaldi::life_of;
using cppvaldi::order;
using cppvaldi::runner;
using cppvaldi::scratch;
using cppvaldi::starter;

/// Plays an order and returns what stands in its way, or an empty text.
template <typename Error>
std::string refusal(runner& run, const order& declared) {
    run.declare(declared);
    try {
        run.finish();
    } catch (const Error& refused) {
        return refused.what();
    }
    return "";
}

std::string first_lines(const std::string& text, int count) {
    std::size_t end = 0;
    for (int line = 0; line < count; ++line) {
        end = text.find('\n', end) + 1;
    }
    return text.substr(0, end);
}

void insert(const std::string& path, int item) {
    connection mine(path);
    mine.run("BEGIN IMMEDIATE");
    mine.run("INSERT INTO items VALUES (" + std::to_string(item) + ")");
    mine.run("COMMIT");
}

const char* const query = "SELECT item FROM items ORDER BY item";

const std::vector<std::string> journal_modes{"DELETE", "WAL"};

} // namespace

// --- waiting ---

BOOST_AUTO_TEST_CASE(a_writer_blocks_while_another_one_writes) {
    const scratch here;
    for (const std::string& mode : journal_modes) {
        const std::string path = here.database(mode + ".db", mode);
        runner run;
        const starter alice = run.start("alice", insert, path, 10);
        const starter bob = run.start("bob", insert, path, 20);
        run.declare({alice.at("begun"), bob.blocked(), alice.at("committed"), bob.at("committed")});

        BOOST_TEST((run.next() == alice.at("begun")));
        BOOST_TEST((run.next() == bob.blocked()));
        BOOST_TEST(run.status() == "  alice  stands at checkpoint 'begun' at \"BEGIN IMMEDIATE\"\n"
                                   "  bob    waits for database " +
                                       mode +
                                       ".db at \"BEGIN IMMEDIATE\", held by alice "
                                       "since \"BEGIN IMMEDIATE\"\n");
        BOOST_TEST((run.next() == alice.at("committed")));
        BOOST_TEST((run.next() == bob.at("committed")));
        run.finish();
        BOOST_TEST(connection(path).number("SELECT count(*) FROM items") == 5);
    }
}

BOOST_AUTO_TEST_CASE(a_commit_waits_for_a_reader_and_goes_on_when_the_query_is_reset) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    const starter reader = run.start("reader", [&] {
        connection mine(path);
        half_read rows(mine, query);
        cppvaldi::checkpoint("half read");
        rows.reset();
        cppvaldi::checkpoint("reset");
    });
    const starter writer = run.start("writer", insert, path, 10);
    run.declare({reader.at("half read"), writer.blocked(), reader.at("reset"), writer.at("committed")});

    (void)run.run_to(writer.blocked());
    BOOST_TEST(run.status().ends_with("  writer  waits for database bank.db at \"COMMIT\", held by reader since "
                                      "\"SELECT item FROM items ORDER BY item\"\n"));
    BOOST_TEST((run.next() == reader.at("reset")));
    BOOST_TEST((run.next() == writer.at("committed")));
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_commit_that_waits_for_several_readers_names_one_that_still_reads) {
    const scratch here;
    const std::string path = here.database("bank.db");
    const auto read = [&] {
        connection mine(path);
        const half_read rows(mine, query);
        cppvaldi::checkpoint("half read");
    };
    runner run;
    const starter first = run.start("first", read);
    const starter second = run.start("second", read);
    const starter writer = run.start("writer", insert, path, 10);
    run.declare({first.at("half read"), second.at("half read"), writer.blocked(), first.finished(), second.finished(),
                 writer.at("committed")});

    (void)run.run_to(writer.blocked());
    BOOST_TEST(run.status().find("held by first") != std::string::npos);
    (void)run.run_to(first.finished());
    BOOST_TEST(run.status().find("held by second") != std::string::npos);
    BOOST_TEST(writer.is_blocked());
    run.finish();
    const std::vector<std::string> expected{
        "started",   "begun",   "waits for database bank.db", "goes on, database bank.db has changed", "committing",
        "committed", "finished"};
    BOOST_TEST(life_of(run, "writer") == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_waits_while_a_writer_commits) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    const starter writer = run.start("writer", insert, path, 10);
    const starter reader = run.start("reader", [&] {
        connection mine(path);
        BOOST_TEST(mine.number("SELECT count(*) FROM items") == 4);
    });
    run.declare({writer.at("committing"), reader.blocked(), writer.at("committed"), reader.finished()});
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_reader_waits_for_a_writer_that_waits_for_another_reader) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    const starter early = run.start("early", [&] {
        connection mine(path);
        const half_read rows(mine, query);
        cppvaldi::checkpoint("half read");
    });
    const starter writer = run.start("writer", insert, path, 10);
    const starter late = run.start("late", [&] { BOOST_TEST(connection(path).number(query) == 1); });
    run.declare({early.at("half read"), writer.blocked(), late.blocked(), early.finished(), writer.at("committing"),
                 late.finished()});

    (void)run.run_to(late.blocked());
    BOOST_TEST(run.status().find("late    waits for database bank.db, held by writer since \"BEGIN IMMEDIATE\"") !=
               std::string::npos);
    (void)run.run_to(writer.at("committing"));
    BOOST_TEST(late.is_blocked()); // the reader that is gone was not what it waited for
    run.finish();
}

BOOST_AUTO_TEST_CASE(who_waits_is_resumed_only_when_it_can_go_on) {
    const scratch here;
    for (const std::string& mode : journal_modes) {
        const std::string path = here.database(mode + ".db", mode);
        runner run;
        const starter alice = run.start("alice", insert, path, 10);
        const starter bob = run.start("bob", insert, path, 20);
        const starter carol = run.start("carol", insert, path, 30);
        run.declare({alice.at("begun"), bob.blocked(), carol.blocked(), alice.at("committed"), bob.at("begun"),
                     bob.at("committed"), carol.at("committed")});

        (void)run.run_to(bob.at("begun"));
        BOOST_TEST(carol.is_blocked()); // it could have gone on a while ago, but bob was quicker
        run.finish();
        const std::vector<std::string> expected{"started",
                                                "waits for database " + mode + ".db",
                                                "goes on, database " + mode + ".db has changed",
                                                "begun",
                                                "committing",
                                                "committed",
                                                "finished"};
        BOOST_TEST(life_of(run, "bob") == expected, boost::test_tools::per_element());
        BOOST_TEST(life_of(run, "carol") == expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(preparing_a_statement_waits_too) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    const starter writer = run.start("writer", [&] {
        connection mine(path);
        mine.run("BEGIN EXCLUSIVE");
        cppvaldi::checkpoint("alone");
        mine.run("ROLLBACK");
    });
    const starter reader = run.start("reader", [&] {
        connection mine(path);
        sqlite3_stmt* statement = nullptr;
        BOOST_TEST(sqlite3_prepare_v2(mine.handle(), query, -1, &statement, nullptr) == SQLITE_OK);
        sqlite3_finalize(statement);
    });
    run.declare({writer.at("alone"), reader.blocked(), writer.at("rolled back"), reader.finished()});
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_the_wal_waits_for_its_readers) {
    const scratch here;
    const std::string path = here.database("bank.db", "WAL");
    runner run;
    const starter reader = run.start("reader", [&] {
        connection mine(path);
        mine.run("INSERT INTO items VALUES (4)");
        const half_read rows(mine, query);
        cppvaldi::checkpoint("half read");
    });
    const starter keeper = run.start("keeper", [&] {
        connection mine(path);
        mine.run("INSERT INTO items VALUES (5)");
        BOOST_TEST(sqlite3_wal_checkpoint_v2(mine.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) ==
                   SQLITE_OK);
    });
    run.declare({reader.at("half read"), keeper.blocked(), reader.finished(), keeper.finished()});
    (void)run.run_to(keeper.blocked());
    BOOST_TEST(run.status().find("held by reader since \"SELECT") != std::string::npos);
    run.finish();
}

BOOST_AUTO_TEST_CASE(two_sessions_that_lock_two_databases_crosswise_are_a_deadlock) {
    const scratch here;
    const std::string first = here.database("first.db");
    const std::string second = here.database("second.db");
    const auto move = [](const std::string& from, const std::string& to) {
        connection source(from);
        connection target(to);
        source.run("BEGIN IMMEDIATE");
        cppvaldi::checkpoint("has one");
        target.run("BEGIN IMMEDIATE");
    };
    runner run;
    const starter alice = run.start("alice", move, first, second);
    const starter bob = run.start("bob", move, second, first);
    const std::string report =
        refusal<cppvaldi::deadlock>(run, {alice.at("has one"), bob.at("has one"), alice.finished(), bob.finished()});
    BOOST_TEST(
        first_lines(report, 3) ==
        "deadlock: alice waits for database second.db, held by bob, who waits for database first.db, held by "
        "alice\n"
        "  alice  waits for database second.db at \"BEGIN IMMEDIATE\", held by bob since \"BEGIN IMMEDIATE\"\n"
        "  bob    waits for database first.db at \"BEGIN IMMEDIATE\", held by alice since \"BEGIN IMMEDIATE\"\n");
}

BOOST_AUTO_TEST_CASE(attached_databases_are_waited_for_once_they_are_known) {
    const scratch here;
    const std::string first = here.database("first.db");
    const std::string second = here.database("second.db");
    runner run;
    const starter alice = run.start("alice", insert, second, 10);
    const starter bob = run.start("bob", [&] {
        connection mine(first);
        mine.run("ATTACH '" + second + "' AS other");
        cppvaldi::sqlite::cooperate(mine.handle());
        mine.run("INSERT INTO other.items VALUES (20)");
    });
    run.declare({alice.at("begun"), bob.blocked(), alice.at("committed"), bob.at("committed")});
    (void)run.run_to(bob.blocked());
    BOOST_TEST(run.status().find("waits for database second.db") != std::string::npos);
    run.finish();
}

// --- where SQLite does not wait ---

BOOST_AUTO_TEST_CASE(a_transaction_that_has_read_is_refused_the_lock_to_write_at_once) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    const starter alice = run.start("alice", insert, path, 10);
    const starter bob = run.start("bob", [&] {
        connection mine(path);
        mine.run("BEGIN");
        BOOST_TEST(mine.number(query) == 1);
        BOOST_TEST(mine.attempt("INSERT INTO items VALUES (20)") == SQLITE_BUSY);
        mine.run("ROLLBACK");
    });
    run.declare({alice.at("begun"), bob.finished(), alice.at("committed")});
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_lock_of_a_connection_that_does_not_cooperate_is_refused_at_once) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection driver(path, connection::kind::plain);
    runner run;
    const starter alice = run.start("alice", [&] {
        connection mine(path);
        BOOST_TEST(mine.attempt("BEGIN IMMEDIATE") == SQLITE_BUSY);
        cppvaldi::checkpoint("refused");
        mine.run("BEGIN IMMEDIATE");
    });
    run.declare({alice.started(), alice.at("refused"), alice.finished()});
    (void)run.next();
    driver.run("BEGIN IMMEDIATE");
    (void)run.next();
    driver.run("COMMIT");
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_lock_that_the_driver_takes_at_a_pause_blocks_until_it_is_given_back_at_another) {
    const scratch here;
    for (const std::string& mode : journal_modes) {
        const std::string path = here.database(mode + ".db", mode);
        connection driver(path);
        runner run;
        const starter alice = run.start("alice", insert, path, 10);
        run.declare({alice.started(), alice.blocked(), alice.at("begun"), alice.at("committed")});
        (void)run.next();
        driver.run("BEGIN IMMEDIATE");
        BOOST_TEST((run.next() == alice.blocked()));
        BOOST_TEST(run.status() == "  alice  waits for database " + mode + ".db at \"BEGIN IMMEDIATE\"\n");
        driver.run("COMMIT");
        BOOST_TEST((run.next() == alice.at("begun")));
        BOOST_TEST(driver.attempt("BEGIN IMMEDIATE") == SQLITE_BUSY); // at once: there is nobody to wait in
        BOOST_TEST((run.next() == alice.at("committed")));
        BOOST_TEST(driver.attempt("BEGIN IMMEDIATE; ROLLBACK") == SQLITE_OK);
        run.finish();
    }
}

BOOST_AUTO_TEST_CASE(a_lock_that_the_driver_never_gives_back_is_reported) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection driver(path);
    driver.run("BEGIN IMMEDIATE");
    runner run;
    const starter alice = run.start("alice", insert, path, 10);
    BOOST_TEST(refusal<cppvaldi::deadlock>(run, {alice.at("begun")}).find("alice  waits for database bank.db") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_lock_that_a_finished_starter_has_kept_is_reported_with_its_name) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection kept(path);
    runner run;
    const starter alice = run.start("alice", [&] { kept.run("BEGIN IMMEDIATE"); });
    const starter bob = run.start("bob", insert, path, 10);
    BOOST_TEST(refusal<cppvaldi::deadlock>(run, {alice.finished(), bob.at("begun")})
                   .find("held by alice since \"BEGIN IMMEDIATE\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(outside_an_execution_a_lock_is_refused_at_once) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection one(path);
    connection other(path);
    one.run("BEGIN IMMEDIATE");
    BOOST_TEST(other.attempt("BEGIN IMMEDIATE") == SQLITE_BUSY);
    one.run("COMMIT");
    other.run("BEGIN IMMEDIATE; INSERT INTO items VALUES (10); COMMIT");
}
