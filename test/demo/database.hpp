#pragma once

#include <cppvaldi/sqlite.hpp>

#include <sqlite3.h>

#include <stdlib.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

/// A session of the database. What SQLite refuses is thrown, with the path.
class session {
public:
    explicit session(const std::string& path) : path_(path) {
        try {
            check(sqlite3_open(path.c_str(), &connection_));
            cppvaldi::sqlite::cooperate(connection_);
            run("PRAGMA synchronous = OFF"); // the order matters here, not what a power cut leaves
        } catch (...) {
            sqlite3_close(connection_);
            throw;
        }
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session() { sqlite3_close(connection_); }

    void run(const std::string& sql) { check(sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr)); }

    /// Returns the one number that a query gives.
    int number(const std::string& sql) {
        int answer = 0;
        const auto keep = [](void* to, int, char** columns, char**) {
            *static_cast<int*>(to) = std::atoi(columns[0]);
            return 0;
        };
        check(sqlite3_exec(connection_, sql.c_str(), keep, &answer, nullptr));
        return answer;
    }

private:
    void check(int result) const {
        if (result != SQLITE_OK) {
            throw std::runtime_error(path_ + ": " + sqlite3_errmsg(connection_));
        }
    }

    std::string path_;
    sqlite3* connection_ = nullptr;
};

/// Where the database is: in the file that is asked for, or in a temporary folder of its own. Removes what was not there before.
class database_place {
public:
    explicit database_place(const std::string& wanted) : file(wanted), found(std::filesystem::exists(file)) {
        if (!wanted.empty()) {
            return;
        }
        std::string name = std::filesystem::temp_directory_path() / ("two_tellers-" + std::string(6, 'X'));
        if (mkdtemp(name.data()) == nullptr) {
            throw std::system_error(errno, std::generic_category(), name);
        }
        folder_ = name;
        file = folder_ / "bank.db";
    }
    database_place(const database_place&) = delete;
    database_place& operator=(const database_place&) = delete;
    ~database_place() {
        std::error_code ignored;
        if (!found) {
            std::filesystem::remove(file, ignored);
            std::filesystem::remove(file.string() + "-journal", ignored);
        }
        if (!folder_.empty()) {
            std::filesystem::remove(folder_, ignored);
        }
    }

    std::filesystem::path file;
    const bool found; ///< it was there before

private:
    std::filesystem::path folder_;
};
