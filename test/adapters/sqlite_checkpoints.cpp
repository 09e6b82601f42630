// The checkpoints that SQLite's hooks become, and what is left when an execution ends early.

#include "adapters/scratch_database.hpp"

#include <cppvaldi/cppvaldi.hpp>
#include <cppvaldi/sqlite.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using cppvaldi::connection;
using cppvaldi::life_of;
using cppvaldi::runner;
using cppvaldi::scratch;
using cppvaldi::starter;

using names = std::vector<std::string>;

/// Returns the checkpoints that a session reaches with these statements, whether or not they succeed.
names reached(const std::string& path, const std::vector<std::string>& statements) {
    runner run;
    (void)run.start("session", [&] {
        connection mine(path);
        for (const std::string& each : statements) {
            (void)mine.attempt(each);
        }
    });
    run.finish();
    names all = life_of(run, "session");
    all.erase(all.begin());
    all.pop_back();
    return all;
}

void insert(const std::string& path, int item) {
    connection mine(path);
    mine.run("BEGIN IMMEDIATE");
    mine.run("INSERT INTO items VALUES (" + std::to_string(item) + ")");
    mine.run("COMMIT");
}

const names journal_modes{"DELETE", "WAL"};
const std::string add = "INSERT INTO items VALUES (10)";

} // namespace

BOOST_AUTO_TEST_CASE(a_transaction_begins_and_is_committed) {
    const scratch here;
    for (const std::string& mode : journal_modes) {
        const std::string path = here.database(mode + ".db", mode);
        const names expected{"begun", "committing", "committed"};
        for (const std::string begin : {"BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "SAVEPOINT one"}) {
            const std::string end = begin.starts_with("SAVE") ? "RELEASE one" : "END";
            BOOST_TEST(reached(path, {begin, add, "DELETE FROM items WHERE item = 10", end}) == expected,
                       boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(one_call_with_several_statements_reaches_the_same) {
    const scratch here;
    const names expected{"begun", "committing", "committed"};
    BOOST_TEST(reached(here.database("bank.db"), {"BEGIN; " + add + "; COMMIT"}) == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_transaction_that_wrote_nothing_is_committed_without_committing) {
    const scratch here;
    const names expected{"begun", "committed"};
    BOOST_TEST(reached(here.database("bank.db"), {"BEGIN", "SELECT * FROM items", "COMMIT"}) == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_statement_by_itself_is_committed_if_it_wrote) {
    const scratch here;
    const names expected{"committing", "committed"};
    for (const std::string& mode : journal_modes) {
        const std::string path = here.database(mode + ".db", mode);
        BOOST_TEST(reached(path, {"SELECT * FROM items", add, "PRAGMA user_version"}) == expected,
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_trigger_is_part_of_its_statement) {
    const scratch here;
    const std::string path = here.database("bank.db");
    connection(path).run("CREATE TRIGGER more AFTER INSERT ON items WHEN new.item < 12 BEGIN "
                         "INSERT INTO items VALUES (new.item + 1); END");
    const names expected{"committing", "committed"};
    BOOST_TEST(reached(path, {add}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_undone_is_rolled_back) {
    const scratch here;
    const std::string path = here.database("bank.db");
    const names expected{"begun", "rolled back"};
    BOOST_TEST(reached(path, {"BEGIN", add, "ROLLBACK"}) == expected, boost::test_tools::per_element());
    BOOST_TEST(reached(path, {"BEGIN", "ROLLBACK"}) == expected, boost::test_tools::per_element());
    BOOST_TEST(reached(path, {"BEGIN", add, "INSERT OR ROLLBACK INTO items VALUES (1)"}) == expected,
               boost::test_tools::per_element());
    const names alone{"rolled back"};
    BOOST_TEST(reached(path, {"INSERT INTO items VALUES (1)"}) == alone, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_savepoint_inside_a_transaction_is_no_transaction) {
    const scratch here;
    const names expected{"begun", "committing", "committed"};
    BOOST_TEST(reached(here.database("bank.db"),
                       {"BEGIN", "SAVEPOINT one", add, "ROLLBACK TO one", "RELEASE one", add, "COMMIT"}) == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(closing_with_an_open_transaction_reaches_nothing) {
    const scratch here;
    const names expected{"begun"};
    BOOST_TEST(reached(here.database("bank.db"), {"BEGIN", add}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_statement_that_is_reset_before_its_end_is_committed) {
    const scratch here;
    for (const std::string& mode : journal_modes) {
        const std::string path = here.database(mode + ".db", mode);
        connection driver(path);
        runner run;
        const starter alice = run.start("alice", [&] {
            connection mine(path);
            { const cppvaldi::half_read rows(mine, "INSERT INTO items VALUES (10), (20) RETURNING item"); }
            cppvaldi::checkpoint("reset");
        });
        run.declare({alice.at("committing"), alice.at("committed"), alice.at("reset")});
        BOOST_TEST((run.next() == alice.at("committing")));
        BOOST_TEST((run.next() == alice.at("committed")));
        BOOST_TEST(driver.attempt("BEGIN IMMEDIATE; DELETE FROM items; ROLLBACK") == SQLITE_OK);
        BOOST_TEST((run.next() == alice.at("reset")));
        run.finish();
        BOOST_TEST(life_of(run, "alice").size() == 5U);
    }
}

BOOST_AUTO_TEST_CASE(locks_are_held_from_begun_on_and_given_back_before_committed) {
    const scratch here;
    for (const std::string& mode : journal_modes) {
        for (const auto how : {connection::kind::plain, connection::kind::cooperates}) {
            const std::string path = here.database(mode + (how == connection::kind::plain ? "1.db" : "2.db"), mode);
            connection driver(path, how);
            const auto can_write = [&] {
                const bool can = driver.attempt("BEGIN IMMEDIATE") == SQLITE_OK;
                (void)driver.attempt("ROLLBACK");
                return can;
            };
            const auto count = [&] { return driver.number("SELECT count(*) FROM items"); };
            runner run;
            const starter alice = run.start("alice", insert, path, 10);
            run.declare({alice.at("begun"), alice.at("committing"), alice.at("committed")});
            BOOST_TEST(can_write());
            (void)run.next();
            BOOST_TEST(!can_write());
            BOOST_TEST(count() == 3);
            (void)run.next();
            BOOST_TEST(!can_write());
            BOOST_TEST(count() == (mode == "WAL" ? 3 : -1)); // without WAL, SQLite keeps readers out by now
            (void)run.next();
            BOOST_TEST(can_write());
            BOOST_TEST(count() == 4);
        }
    }
}

BOOST_AUTO_TEST_CASE(all_committed_and_only_begun_can_be_declared) {
    const scratch here;
    const std::string path = here.database("bank.db", "WAL");
    runner run;
    const auto append = [&](int item) {
        connection mine(path);
        mine.run("BEGIN; INSERT INTO items VALUES (" + std::to_string(item) + "); COMMIT");
    };
    const starter alice = run.start("alice", append, 10);
    const starter bob = run.start("bob", append, 20);
    run.declare({alice.at("begun"), bob.at("begun"), alice.at("committed"), bob.at("committed")});
    connection driver(path);
    (void)run.run_to(bob.at("begun"));
    BOOST_TEST(driver.number("SELECT count(*) FROM items") == 3);
    (void)run.run_to(bob.at("committed"));
    BOOST_TEST(driver.number("SELECT count(*) FROM items") == 5);
}

BOOST_AUTO_TEST_CASE(a_database_in_memory_has_checkpoints_too) {
    const names expected{"committing", "committed", "begun", "rolled back"};
    BOOST_TEST(reached(":memory:", {"CREATE TABLE items (item)", "BEGIN", "ROLLBACK"}) == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_place_is_the_statement_on_one_line_and_cut_where_it_is_long) {
    const scratch here;
    const std::string path = here.database("bank.db");
    runner run;
    const starter alice = run.start("alice", [&] {
        connection(path).run(
            "\n  INSERT INTO items\tVALUES\n    (100 / 4),  (11), (12), (13), (14), (15), (16), (17);\n");
    });
    run.declare({alice.at("committing")});
    (void)run.next();
    BOOST_TEST(run.status() == "  alice  stands at checkpoint 'committing' at "
                               "\"INSERT INTO items VALUES (100 / 4), (11), (12), (13), (14), ...\"\n");
}

// --- options ---

BOOST_AUTO_TEST_CASE(checkpoints_waiting_and_the_name_can_be_chosen) {
    const scratch here;
    const std::string path = here.database("bank.db");
    const auto session = [&](const cppvaldi::sqlite::cooperation_options& how, int expected) {
        connection mine(path, connection::kind::plain);
        cppvaldi::sqlite::cooperate(mine.handle(), how);
        BOOST_TEST(mine.attempt("BEGIN IMMEDIATE") == expected);
        cppvaldi::checkpoint("has tried");
    };
    runner run;
    const starter alice =
        run.start("alice", session, cppvaldi::sqlite::cooperation_options{.name = "books", .checkpoints = false},
                  SQLITE_OK);
    const starter bob = run.start("bob", session, cppvaldi::sqlite::cooperation_options{.waiting = false}, SQLITE_BUSY);
    const starter carol = run.start("carol", session, cppvaldi::sqlite::cooperation_options{}, SQLITE_OK);
    run.declare({alice.at("has tried"), bob.at("has tried"), carol.blocked(), alice.finished()});
    (void)run.run_to(carol.blocked());
    BOOST_TEST(run.status().find("waits for database books at \"BEGIN IMMEDIATE\", held by alice") !=
               std::string::npos);
    run.finish();
    const names expected{"started", "has tried", "finished"};
    BOOST_TEST(life_of(run, "alice") == expected, boost::test_tools::per_element());
    BOOST_TEST(life_of(run, "bob") == expected, boost::test_tools::per_element());
}

// --- executions that end early ---

BOOST_AUTO_TEST_CASE(nothing_is_committed_by_an_execution_that_has_ended) {
    const scratch here;
    for (const std::string& mode : journal_modes) {
        const std::string path = here.database(mode + ".db", mode);
        for (const std::string stop : {"begun", "committing"}) {
            for (const bool they_go_on_after_errors : {false, true}) {
                std::optional<runner> run(std::in_place);
                const auto work = [&] {
                    connection mine(path);
                    for (const std::string& each : names{"BEGIN IMMEDIATE", add, "COMMIT"}) {
                        const int result = mine.attempt(each);
                        mine.check(they_go_on_after_errors ? SQLITE_OK : result);
                    }
                };
                const starter alice = run->start("alice", work);
                const starter bob = run->start("bob", work);
                run->declare({alice.at(stop), bob.blocked(), alice.finished()});
                (void)run->run_to(bob.blocked());
                run.reset();
                BOOST_TEST(connection(path).number("SELECT count(*) FROM items") == 3);
                BOOST_TEST(connection(path).attempt("BEGIN EXCLUSIVE") == SQLITE_OK); // and no lock is left
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_has_been_committed_stays) {
    const scratch here;
    const std::string path = here.database("bank.db");
    {
        runner run;
        const starter alice = run.start("alice", insert, path, 10);
        run.declare({alice.at("committed")});
        (void)run.next();
    }
    BOOST_TEST(connection(path).number("SELECT count(*) FROM items") == 4);
}
