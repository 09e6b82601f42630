#pragma once

#include <cppvaldi/detail/sqlite_connection.hpp>
#include <cppvaldi/detail/sqlite_file.hpp>
#include <cppvaldi/detail/sqlite_locks.hpp>
#include <cppvaldi/errors.hpp>

#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

/// Database sessions as starters: several SQLite connections to one file, in one process, each used by one starter.
///
///     sqlite3* connection = nullptr;
///     sqlite3_open("bank.db", &connection);
///     cppvaldi::sqlite::cooperate(connection);
///
/// From then on, when one of a runner's starters uses the connection:
///
/// **Locks.** A session that meets a lock of another one that cooperates blocks, as a starter does: `blocked()` is reached, others
/// go on, a deadlock is reported as one, with who holds which database since which statement. It goes on at the moment when the
/// lock is given back, without sleeping and without asking again and again.
///
/// **Checkpoints**, by SQLite's own hooks, so that the code under test needs none of its own:
///
/// | name          | reached when                                                                                          |
/// |---------------|-------------------------------------------------------------------------------------------------------|
/// | `begun`       | a transaction has been opened: by `BEGIN`, which has its locks if it is `IMMEDIATE`, or a `SAVEPOINT`  |
/// | `committing`  | what was written is about to be committed; without WAL, nobody else can even read the file then        |
/// | `committed`   | the commit has been done and its locks are given back; also of a single statement that wrote, and      |
/// |               | of a transaction that wrote nothing, which has no `committing`                                         |
/// | `rolled back` | the transaction has been undone: by `ROLLBACK`, or by an error, also of a single statement             |
///
/// So `run.declare({alice.at("begun"), bob.blocked(), alice.at("committed"), bob.at("committed")})`.
///
/// What to know:
///  - *`SQLITE_BUSY` that stays.* SQLite does not wait where waiting cannot help: a transaction that has read, and then wants to
///    write while another one does, is refused at once, and has to roll back. In WAL mode, one that has read what is no longer the
///    newest gets `SQLITE_BUSY_SNAPSHOT`.
///  - *Locks of others.* A connection that does not cooperate, or another process, cannot be waited for: `SQLITE_BUSY` at once. So
///    let the connection cooperate that a test uses at its pauses. Outside a starter cooperating has no effect, but for locks to
///    be seen: a lock that is met there is `SQLITE_BUSY` at once, and one that is given back there lets a blocked starter go on.
///  - *What is replaced.* The connection's busy handler, its trace, and its commit and rollback hooks: SQLite has one of each, and
///    does not say what was there. One that is installed afterwards (`sqlite3_busy_timeout`, `PRAGMA busy_timeout`) replaces this
///    one.
///  - *Executions that end early.* Starters are unwound; but no exception passes through SQLite. There a wait ends with
///    `SQLITE_BUSY`, a commit becomes a rollback (`SQLITE_CONSTRAINT_COMMITHOOK`), and the starter is unwound at its own next
///    scheduling point. So nothing is committed by an execution that has ended.
///  - *One starter, one connection.* A statement of a second starter, while the first one stands at a checkpoint in this list or
///    waits for a lock, is a `usage_error`, thrown by the call that drives. The driver may use it between the first one's calls. A
///    connection may not be closed while a starter waits in it: SQLite refuses with `SQLITE_BUSY` while a statement is executed;
///    while one is prepared, it does not notice.
///  - *Closing* undoes all of it. An open transaction is rolled back by it without a checkpoint.
///  - *Modes of SQLite.* Rollback journals and WAL, any threading mode: its mutexes are recursive, and all starters are on one OS
///    thread. Not the shared cache: `usage_error`. A database in memory has checkpoints, and nobody to wait for.
namespace cppvaldi::sqlite {

/// What can be chosen for a connection, a value.
struct cooperation_options {
    /// What reports call the database, `database bank.db`; empty is the file's name without its folders. The first connection to
    /// a file says it for all.
    std::string name = {};

    bool waiting = true;     ///< take the busy handler
    bool checkpoints = true; ///< take the trace, the commit hook and the rollback hook

    friend bool operator==(const cooperation_options&, const cooperation_options&) = default;
};

namespace detail {

[[nodiscard]] inline std::vector<std::string> attached_databases(sqlite3* database) {
    std::vector<std::string> names;
    sqlite3_stmt* statement = nullptr;
    connection::check(database, sqlite3_prepare_v2(database, "PRAGMA database_list", -1, &statement, nullptr));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 1)));
    }
    sqlite3_finalize(statement);
    return names;
}

inline void watch(sqlite3* database, const std::string& attached_as, const std::string& name,
                  const std::shared_ptr<connection>& user) {
    const char* const path = sqlite3_db_filename(database, attached_as.c_str());
    if (path == nullptr || *path == '\0') {
        return; // in memory, or temporary: nobody else has it
    }
    sqlite3_file* file = nullptr;
    connection::check(database, sqlite3_file_control(database, attached_as.c_str(), SQLITE_FCNTL_FILE_POINTER, &file));
    const std::string whole = path;
    const watched_file* const watched = watched_file::watching(*file);
    if (watched == nullptr) {
        const std::string short_name = whole.substr(whole.rfind('/') + 1);
        watched_file::watch(*file, database_file::at(whole, name.empty() ? short_name : name), user);
    } else if (!watched->is_used_by(*user)) {
        throw usage_error("sqlite::cooperate: '" + whole +
                          "' is open in the shared cache, where connections share one lock; open it with "
                          "SQLITE_OPEN_PRIVATECACHE");
    }
}

inline void check_idle(sqlite3* database) {
    bool idle = sqlite3_get_autocommit(database) != 0;
    for (sqlite3_stmt* each = sqlite3_next_stmt(database, nullptr); each != nullptr;
         each = sqlite3_next_stmt(database, each)) {
        idle = idle && sqlite3_stmt_busy(each) == 0;
    }
    if (!idle) {
        throw usage_error(
            "sqlite::cooperate: the connection has a transaction or a statement under way, whose locks were "
            "not seen; call it right after sqlite3_open");
    }
}

} // namespace detail

/// Lets a connection take part in executions, as described above. Calling it again changes nothing, but takes in the databases that
/// have been attached meanwhile.
///
/// Throws `usage_error` for a null pointer, a connection that failed to open, or one that has a transaction or a statement under
/// way. REQUIRES: the connection is open.
inline void cooperate(sqlite3* database, const cooperation_options& how = {}) {
    if (database == nullptr) {
        throw usage_error("sqlite::cooperate(nullptr): there is no connection; open one with sqlite3_open first");
    }
    std::shared_ptr<detail::connection> user = detail::connection::find(database);
    const bool known = user != nullptr;
    if (!known) {
        detail::check_idle(database);
        user = detail::connection::add(database);
    }
    for (const std::string& each : detail::attached_databases(database)) {
        detail::watch(database, each, how.name, user);
    }
    if (!known && how.waiting) {
        user->wait_when_busy();
    }
    if (!known && how.checkpoints) {
        user->reach_checkpoints();
    }
}

} // namespace cppvaldi::sqlite
