#pragma once

#include <cppvaldi/detail/sqlite_file.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/resource.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cppvaldi::sqlite::detail {

/// Returns a statement as a place: on one line, cut where it is long. It stays valid to the end of the process.
inline place place_of(std::string_view statement) {
    constexpr std::size_t most_characters = 60;
    std::string words = "\"";
    for (const char each : statement) {
        const bool space = each == ' ' || each == '\n' || each == '\t' || each == '\r';
        if (space && (words.back() == ' ' || words.size() == 1)) {
            continue;
        }
        if (words.size() > most_characters) {
            words += "...";
            break;
        }
        words += space ? ' ' : each;
    }
    while (words.back() == ' ' || words.back() == ';') {
        words.pop_back();
    }
    static auto& all = *new std::set<std::string>; // traces point at them
    return place::described(all.insert(words + '"').first->c_str());
}

/// What `cooperate` adds to a connection. SQLite lets go of it when the connection is really closed.
class connection final : public lock_user {
public:
    /// Returns what was added to `database`, or null.
    [[nodiscard]] static std::shared_ptr<connection> find(sqlite3* database) {
        const auto found = all().find(database);
        return found == all().end() ? nullptr : found->second;
    }

    /// Adds it, until `database` is closed. Throws `usage_error` if SQLite refuses.
    static std::shared_ptr<connection> add(sqlite3* database) {
        auto made = std::make_shared<connection>(database);
        all()[database] = made;
        // Functions are destroyed last. The trace has an event for closing, but it comes before it is certain that the
        // connection may be closed.
        check(database, sqlite3_create_function_v2(
                            database, "cppvaldi_cooperates", 0, SQLITE_UTF8, database,
                            [](sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_int(context, 1); },
                            nullptr, nullptr, [](void* closed) { all().erase(static_cast<sqlite3*>(closed)); }));
        return made;
    }

    explicit connection(sqlite3* database) : database_(database) {}
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    void wait_when_busy() { check(database_, sqlite3_busy_handler(database_, &busy, this)); }

    void reach_checkpoints() {
        check(database_, sqlite3_trace_v2(database_, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, &traced, this));
        sqlite3_commit_hook(database_, &committing, this);
        sqlite3_rollback_hook(database_, &rolled_back, this);
    }

    [[nodiscard]] place statement() const override { return statement_; }

    void refused(watched_file& on, const lock_request& asked) override {
        refused_by_ = &on;
        asked_ = asked;
    }

    /// Resetting a statement that has changed something and returns rows commits, after its last event.
    void let_go() override {
        if (!executing_ && ending_ != ending::none) {
            (void)conclude();
        }
    }

    void closed(const watched_file& file) override {
        if (refused_by_ == &file) {
            refused_by_ = nullptr;
        }
    }

    /// Throws `usage_error` with what SQLite says, unless `result` is `SQLITE_OK`.
    static void check(sqlite3* database, int result) {
        if (result != SQLITE_OK) {
            throw usage_error(std::string("sqlite::cooperate: SQLite refuses: ") + sqlite3_errmsg(database) +
                              "; hand it a connection that sqlite3_open has opened");
        }
    }

private:
    enum class ending { none, committed, rolled_back };

    [[nodiscard]] static std::map<sqlite3*, std::shared_ptr<connection>>& all() {
        // For lookups only, because its order depends on addresses. Left to the end of the process.
        static auto& known = *new std::map<sqlite3*, std::shared_ptr<connection>>;
        return known;
    }

    static int busy(void* self, int) noexcept {
        auto& mine = *static_cast<connection*>(self);
        if (mine.refused_by_ == nullptr) {
            return 0;
        }
        const lock_request asked = mine.asked_;
        mine.inside_ = true;
        const bool again = mine.refused_by_->wait(asked, mine.statement_);
        mine.inside_ = false;
        return again ? 1 : 0;
    }

    static int traced(unsigned event, void* self, void*, void* text) noexcept {
        auto& mine = *static_cast<connection*>(self);
        if (event == SQLITE_TRACE_STMT) {
            mine.begin(static_cast<const char*>(text));
        } else {
            mine.executing_ = false;
            (void)mine.conclude();
            mine.statement_ = place{};
        }
        return 0;
    }

    /// What SQLite turns a commit into when the execution is being unwound: one that ends early leaves nothing behind.
    static int committing(void* self) noexcept {
        auto& mine = *static_cast<connection*>(self);
        mine.ending_ = ending::committed;
        return mine.reach("committing") ? 0 : 1;
    }

    static void rolled_back(void* self) noexcept { static_cast<connection*>(self)->ending_ = ending::rolled_back; }

    void begin(std::string_view text) {
        if (text.starts_with("--")) {
            return; // a trigger, as part of the statement
        }
        const place begun = place_of(text);
        if (inside_ && resource_holder::running().who != nobody) {
            raise_in_driver(std::make_exception_ptr(
                usage_error("sqlite::cooperate: a connection is used by two starters at the same time: one executes " +
                            begun.text() + " while another stands in " + statement_.text() +
                            "; give each starter a connection of its own")));
            sqlite3_interrupt(database_);
            return;
        }
        statement_ = begun;
        executing_ = true;
        refused_by_ = nullptr;
    }

    /// Reaches the checkpoint that the statement has led to, if it began or ended a transaction.
    bool conclude() {
        const bool was_open = std::exchange(open_, sqlite3_get_autocommit(database_) == 0);
        const ending how = std::exchange(ending_, ending::none);
        if (open_) {
            return was_open || reach("begun");
        }
        if (how == ending::rolled_back) {
            return reach("rolled back");
        }
        return (!was_open && how == ending::none) || reach("committed");
    }

    bool reach(std::string_view name) {
        inside_ = true;
        const bool goes_on = try_checkpoint(name, statement_);
        inside_ = false;
        return goes_on;
    }

    sqlite3* database_;
    place statement_;
    bool executing_ = false;
    bool inside_ = false; ///< a starter stands in one of the callbacks
    bool open_ = false;   ///< as far as statements that have ended have led to
    ending ending_ = ending::none;
    watched_file* refused_by_ = nullptr;
    lock_request asked_;
};

} // namespace cppvaldi::sqlite::detail
