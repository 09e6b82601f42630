#pragma once

#include <cppvaldi/place.hpp>
#include <cppvaldi/resource.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cppvaldi::sqlite::detail {

/// A lock that SQLite asks for. In rollback-journal mode it is a level (`SQLITE_LOCK_SHARED` ...). In WAL mode it is some slots of
/// the shared memory: 0 is the writer's, the others are those of readers, of checkpoints and of recovery.
struct lock_request {
    int level = SQLITE_LOCK_NONE;
    unsigned slots = 0; ///< a bit for each
    bool shared = false;

    [[nodiscard]] bool meets_the_writer() const noexcept {
        return slots == 1 || level == SQLITE_LOCK_SHARED || level == SQLITE_LOCK_RESERVED;
    }
};

/// What one connection holds of a database file, and who made it take that.
class held_locks {
public:
    [[nodiscard]] int level() const noexcept { return level_; }

    [[nodiscard]] bool writes() const noexcept { return level_ >= SQLITE_LOCK_RESERVED || (exclusive_slots_ & 1) != 0; }

    /// True if it holds nothing, or only the level that a connection in WAL mode keeps to its end.
    [[nodiscard]] bool idle(bool in_wal_mode) const noexcept {
        return in_wal_mode ? (shared_slots_ | exclusive_slots_) == 0 : level_ == SQLITE_LOCK_NONE;
    }

    [[nodiscard]] bool stands_in_the_way_of(const lock_request& asked) const noexcept {
        switch (asked.level) {
        case SQLITE_LOCK_SHARED: return level_ >= SQLITE_LOCK_PENDING;
        case SQLITE_LOCK_RESERVED: return level_ >= SQLITE_LOCK_RESERVED;
        case SQLITE_LOCK_EXCLUSIVE: return level_ >= SQLITE_LOCK_SHARED;
        default: return (asked.slots & (asked.shared ? exclusive_slots_ : exclusive_slots_ | shared_slots_)) != 0;
        }
    }

    [[nodiscard]] const resource_holder& reader() const noexcept { return reader_; }
    [[nodiscard]] const resource_holder& writer() const noexcept { return writer_; }

    void set_level(int level, const place& where) {
        const held_locks before = *this;
        level_ = level;
        note_since(before.level_ != SQLITE_LOCK_NONE, before.writes(), where);
    }

    void set_slots(const lock_request& changed, bool taken, const place& where) {
        const held_locks before = *this;
        unsigned& mine = changed.shared ? shared_slots_ : exclusive_slots_;
        mine = taken ? mine | changed.slots : mine & ~changed.slots;
        note_since(before.shared_slots_ != 0, before.writes(), where);
    }

private:
    void note_since(bool has_read, bool has_written, const place& where) {
        if (!has_read) {
            reader_ = resource_holder::running(where);
        }
        if (!has_written && writes()) {
            writer_ = resource_holder::running(where);
        }
    }

    int level_ = SQLITE_LOCK_NONE;
    unsigned shared_slots_ = 0;
    unsigned exclusive_slots_ = 0;
    resource_holder reader_;
    resource_holder writer_;
};

/// A database file: what the connections of this process that cooperate hold of it.
///
/// Only one of them writes and several read, so waiting for the one and waiting for the others are two things to wait for, with
/// one name. Who shows as holder of the second is the one that the waiting connection meets first.
class database_file {
public:
    explicit database_file(const std::string& name) : writer_("database", name), readers_("database", name) {}

    /// Returns the one with this path; `name` counts if there was none yet.
    [[nodiscard]] static std::shared_ptr<database_file> at(const std::string& path, const std::string& name) {
        // Left to the end of the process, so that the destructor of a global may still close a connection.
        static auto& all = *new std::map<std::string, std::weak_ptr<database_file>>;
        std::weak_ptr<database_file>& known = all[path];
        std::shared_ptr<database_file> file = known.lock();
        if (file == nullptr) {
            known = file = std::make_shared<database_file>(name);
        }
        return file;
    }

    void add(const held_locks& user) { users_.push_back(&user); }

    void remove(const held_locks& user) {
        std::erase(users_, &user);
        refresh();
    }

    /// Notes who holds what, and lets those go on who can. Called at the moment when a lock is taken or given back.
    void refresh() {
        const auto writing = std::find_if(users_.begin(), users_.end(), [](auto* user) { return user->writes(); });
        writer_.held(writing == users_.end() ? resource_holder{} : (*writing)->writer());
        const held_locks* const reading = meets_readers_ == nullptr ? nullptr : meets_readers_->in_the_way();
        readers_.held(reading == nullptr ? resource_holder{} : reading->reader());
        writer_.changed();
        readers_.changed();
    }

    /// Blocks the running starter until nobody who cooperates stands in the way of what `mine` lacks. Returns false if that is so
    /// already, and somebody else must be the cause, or if there is no execution to wait in. MAY SWITCH.
    [[nodiscard]] bool wait(const held_locks& mine, const lock_request& asked, const place& where) {
        const waiting self{*this, mine, asked};
        if (self.in_the_way() == nullptr) {
            return false;
        }
        if (asked.meets_the_writer()) {
            return writer_.wait(&waiting::is_over, &self, where);
        }
        meets_readers_ = &self; // SQLite's own locks see to it that there is only one at a time
        refresh();
        const bool again = readers_.wait(&waiting::is_over, &self, where);
        meets_readers_ = nullptr;
        return again;
    }

private:
    struct waiting {
        const database_file& file;
        const held_locks& mine;
        const lock_request& asked;

        /// Returns one who holds what is asked for.
        [[nodiscard]] const held_locks* in_the_way() const noexcept {
            const auto found = std::find_if(file.users_.begin(), file.users_.end(), [this](const held_locks* other) {
                return other != &mine && other->stands_in_the_way_of(asked);
            });
            return found == file.users_.end() ? nullptr : *found;
        }

        static bool is_over(const void* self) { return static_cast<const waiting*>(self)->in_the_way() == nullptr; }
    };

    resource writer_;
    resource readers_;
    std::vector<const held_locks*> users_; ///< in the order in which they came
    const waiting* meets_readers_ = nullptr;
};

} // namespace cppvaldi::sqlite::detail
