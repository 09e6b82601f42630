/// libpq, as it is, with several connections to a real server in one OS thread. The server is a scratch cluster of the test's own.

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <libpq-fe.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace {

/// The server. PostgreSQL refuses to be run by root, so root runs it as the user that its package has made, or as nobody.
class scratch_cluster {
public:
    scratch_cluster() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cppvaldi-").string() + std::string(6, 'X');
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no folder for a scratch cluster");
        }
        folder_ = pattern;
        if (::geteuid() == 0) {
            as_user_ = become_another();
            run("chown " + other_user_ + ": " + folder_.string());
        }
        run(as_user_ + tool("initdb") + " -D " + data() + " -U tester -A trust -E UTF8 --locale=C --no-sync");
        run(as_user_ + tool("pg_ctl") + " -D " + data() + " -w -l " + (folder_ / "log").string() + " -o \"-k " +
            folder_.string() + " -c listen_addresses='' -c fsync=off\" start");
    }
    scratch_cluster(const scratch_cluster&) = delete;
    scratch_cluster& operator=(const scratch_cluster&) = delete;
    ~scratch_cluster() {
        (void)std::system(
            (as_user_ + tool("pg_ctl") + " -D " + data() + " -m immediate -w stop >/dev/null 2>&1").c_str());
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    [[nodiscard]] std::string connection_text() const {
        return "host=" + folder_.string() + " user=tester dbname=postgres";
    }

private:
    static std::string tool(const char* name) { return std::string(POSTGRESQL_TOOLS) + '/' + name; }
    [[nodiscard]] std::string data() const { return (folder_ / "data").string(); }

    /// Returns what goes before a command that is not to be run by root. Where nobody else can be had, there is nothing to test.
    std::string become_another() {
        for (const char* const user : {"postgres", "nobody"}) {
            const passwd* const known = ::getpwnam(user);
            const std::string as_user = known == nullptr
                                            ? ""
                                            : "setpriv --reuid=" + std::to_string(known->pw_uid) +
                                                  " --regid=" + std::to_string(known->pw_gid) + " --clear-groups ";
            if (known != nullptr && std::system((as_user + "true >/dev/null 2>&1").c_str()) == 0) {
                other_user_ = user;
                return as_user;
            }
        }
        std::filesystem::remove_all(folder_);
        std::cout
            << "skipped: PostgreSQL is not run by root, and root cannot become postgres or nobody here (setpriv)\n";
        std::exit(77); // as the test runner wants it
    }

    void run(const std::string& command) const {
        const std::string log = (folder_ / "output").string();
        if (std::system(("cd / && " + command + " >" + log + " 2>&1").c_str()) != 0) {
            std::ifstream output(log);
            throw std::runtime_error(command + ": " + std::string(std::istreambuf_iterator<char>(output), {}));
        }
    }

    std::filesystem::path folder_;
    std::string as_user_;
    std::string other_user_;
};

/// One for the program: to make one takes a second.
struct with_cluster {
    with_cluster() { cluster = std::make_unique<scratch_cluster>(); }
    ~with_cluster() { cluster.reset(); }
    static inline std::unique_ptr<scratch_cluster> cluster;
};

/// A connection that throws what the server refuses, with its five-letter code.
class connection {
public:
    connection() : handle_(::PQconnectdb(with_cluster::cluster->connection_text().c_str())) {
        if (::PQstatus(handle_) != CONNECTION_OK) {
            throw std::runtime_error(::PQerrorMessage(handle_));
        }
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() { ::PQfinish(handle_); }

    /// Runs it and returns its code: 00000 if nothing is wrong.
    std::string attempt(const std::string& sql) { return run(sql).code; }

    /// Returns the one number that a query gives.
    int number(const std::string& sql) { return std::stoi(run(sql).value); }

private:
    struct answer {
        std::string code;
        std::string value;
    };

    answer run(const std::string& sql) {
        const std::unique_ptr<PGresult, decltype(&::PQclear)> result(::PQexec(handle_, sql.c_str()), &::PQclear);
        const char* const code = ::PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        answer given{code == nullptr ? "00000" : code, ""};
        if (::PQntuples(result.get()) == 1) {
            given.value = ::PQgetvalue(result.get(), 0, 0);
        }
        return given;
    }

    PGconn* handle_;
};

void make_account() {
    connection admin;
    (void)admin.attempt("drop table if exists account");
    BOOST_TEST(admin.attempt("create table account (id int primary key, balance int)") == "00000");
    BOOST_TEST(admin.attempt("insert into account values (1, 100)") == "00000");
}

int balance() { return connection().number("select balance from account where id = 1"); }

/// Takes money, in the way that loses updates; returns the last code.
std::string withdraw(int amount, const std::string& isolation) {
    connection mine;
    (void)mine.attempt("begin isolation level " + isolation);
    cppvaldi::checkpoint("begun");
    const int seen = mine.number("select balance from account where id = 1");
    cppvaldi::checkpoint("read");
    const std::string written =
        mine.attempt("update account set balance = " + std::to_string(seen - amount) + " where id = 1");
    cppvaldi::checkpoint("written");
    return written == "00000" ? mine.attempt("commit") : written;
}

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(with_cluster);

BOOST_AUTO_TEST_CASE(all_transactions_have_begun_before_one_reads) {
    make_account();
    cppvaldi::runner run;
    std::vector<cppvaldi::starter> all;
    for (const char* name : {"alice", "bob", "carol"}) {
        all.push_back(run.start(name, &withdraw, 10, "repeatable read"));
    }
    run.declare({all[0].at("begun"), all[1].at("begun"), all[2].at("begun"), // all transactions begun
                 all[2].at("read"), all[1].at("read"), all[0].at("read")});
    for (int count = 0; count < 3; ++count) {
        run.next();
    }
    // Each connection is in a transaction that has seen nothing yet.
    BOOST_TEST(connection().number("select count(*) from pg_stat_activity where state = 'idle in transaction' and "
                                   "usename = 'tester'") == 3);
    run.finish();
    std::vector<std::string> codes;
    for (const cppvaldi::starter& each : all) {
        codes.push_back(each.result<std::string>());
    }
    // One of three succeeds; the others are told that they came too late.
    BOOST_TEST(std::count(codes.begin(), codes.end(), "00000") == 1);
    BOOST_TEST(std::count(codes.begin(), codes.end(), "40001") == 2);
    BOOST_TEST(balance() == 90);
}

BOOST_AUTO_TEST_CASE(a_lost_update_is_played_by_its_declared_order) {
    make_account();
    cppvaldi::runner run;
    const cppvaldi::starter alice = run.start("alice", &withdraw, 30, "read committed");
    const cppvaldi::starter bob = run.start("bob", &withdraw, 50, "read committed");
    run.declare({alice.at("read"), bob.at("read"), alice.at("written"), alice.finished(), bob.finished()});
    run.run_to(alice.finished());
    BOOST_TEST(balance() == 70);
    run.finish();
    BOOST_TEST(alice.result<std::string>() == "00000");
    BOOST_TEST(bob.result<std::string>() == "00000");
    BOOST_TEST(balance() == 50); // alice's withdrawal is lost
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_row_lets_others_go_on) {
    make_account();
    cppvaldi::runner run;
    const auto lock_rows = [](int first) {
        connection mine;
        (void)mine.attempt("begin");
        (void)mine.attempt("update account set balance = balance + 1 where id = " + std::to_string(first));
        cppvaldi::checkpoint("first");
        (void)mine.attempt("update account set balance = balance + 1 where id = 1");
        return mine.attempt("commit");
    };
    const cppvaldi::starter alice = run.start("alice", lock_rows, 1);
    const cppvaldi::starter bob = run.start("bob", lock_rows, 2);
    // bob asks for alice's row, and is answered when she has committed, although her turn is later.
    run.declare({alice.at("first"), bob.at("first")});
    run.finish();
    BOOST_TEST(alice.result<std::string>() == "00000");
    BOOST_TEST(bob.result<std::string>() == "00000");
    BOOST_TEST(balance() == 103);
}
