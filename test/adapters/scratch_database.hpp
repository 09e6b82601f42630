#pragma once

#include <cppvaldi/runner.hpp>
#include <cppvaldi/sqlite.hpp>

#include <sqlite3.h>

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace cppvaldi {

/// A connection that throws what SQLite refuses, with the result's number: `5: database is locked`.
class connection {
public:
    enum class kind { cooperates, plain };

    explicit connection(const std::string& path, kind how = kind::cooperates) {
        check(sqlite3_open(path.c_str(), &handle_));
        if (how == kind::cooperates) {
            sqlite::cooperate(handle_);
        }
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() { sqlite3_close_v2(handle_); }

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

    void run(const std::string& sql) { check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr)); }

    /// Runs it and returns SQLite's result.
    int attempt(const std::string& sql) { return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr); }

    /// Returns the one number that a query gives, or minus one if it is refused.
    int number(const std::string& sql) {
        int answer = -1;
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW) {
            answer = sqlite3_column_int(statement, 0);
        }
        sqlite3_finalize(statement);
        return answer;
    }

    void check(int result) const {
        if (result != SQLITE_OK && result != SQLITE_ROW && result != SQLITE_DONE) {
            throw std::runtime_error(std::to_string(result) + ": " + sqlite3_errmsg(handle_));
        }
    }

private:
    sqlite3* handle_ = nullptr;
};

/// A query of which the first row has been read, and the others have not: it holds a lock.
class half_read {
public:
    half_read(connection& on, const std::string& sql) {
        on.check(sqlite3_prepare_v2(on.handle(), sql.c_str(), -1, &statement_, nullptr));
        on.check(sqlite3_step(statement_));
    }
    half_read(const half_read&) = delete;
    half_read& operator=(const half_read&) = delete;
    ~half_read() { sqlite3_finalize(statement_); }

    void reset() { sqlite3_reset(statement_); }

private:
    sqlite3_stmt* statement_ = nullptr;
};

/// A folder for the databases of one test.
struct scratch {
    std::string folder = make();

    scratch() = default;
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() { std::filesystem::remove_all(folder); }

    /// Returns the path of a database with one table, `items(item)`, with the numbers 1 to 3 in it.
    [[nodiscard]] std::string database(const std::string& name, const std::string& journal_mode = "DELETE") const {
        std::string path = folder + '/' + name;
        connection made(path, connection::kind::plain);
        made.run("PRAGMA journal_mode=" + journal_mode +
                 "; CREATE TABLE items (item UNIQUE); INSERT INTO items VALUES (1), (2), (3)");
        return path;
    }

private:
    static std::string make() {
        std::string name = std::filesystem::temp_directory_path() / ("cppvaldi-sqlite-" + std::string(6, 'X'));
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the test's databases: " + name);
        }
        return name;
    }
};

/// Returns what one starter did, step by step.
inline std::vector<std::string> life_of(const runner& run, const std::string& name) {
    const trace played = run.trace_so_far();
    std::vector<std::string> life;
    for (const trace::step& each : played.steps) {
        if (played.starters[each.starter] == name && each.what != trace::event::paused) {
            life.push_back(each.text);
        }
    }
    return life;
}

} // namespace cppvaldi
