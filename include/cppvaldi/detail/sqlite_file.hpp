#pragma once

#include <cppvaldi/detail/sqlite_locks.hpp>
#include <cppvaldi/place.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

namespace cppvaldi::sqlite::detail {

class watched_file;

/// Whoever takes locks on files: a connection.
class lock_user {
public:
    virtual ~lock_user() = default;

    /// Returns which statement it executes.
    [[nodiscard]] virtual place statement() const = 0;

    virtual void refused(watched_file& on, const lock_request& asked) = 0;

    /// It holds no lock on a file any more. MAY SWITCH.
    virtual void let_go() = 0;

    virtual void closed(const watched_file& file) = 0;
};

/// One connection's handle on a database file. It stands in front of the file's methods, hands every call on, and takes note of
/// each lock that is taken, refused or given back, at that very moment. It goes when SQLite closes the file.
class watched_file {
public:
    /// Begins to watch. What is made belongs to `file` from then on.
    static void watch(sqlite3_file& file, std::shared_ptr<database_file> shared, std::shared_ptr<lock_user> user) {
        auto* const made = new watched_file(file, std::move(shared), std::move(user));
        file.pMethods = &made->methods_.table;
    }

    /// Returns what watches `file`, or null.
    [[nodiscard]] static const watched_file* watching(const sqlite3_file& file) noexcept {
        return file.pMethods->xClose == &close ? &of(&file) : nullptr;
    }

    watched_file(const watched_file&) = delete;
    watched_file& operator=(const watched_file&) = delete;

    [[nodiscard]] bool is_used_by(const lock_user& somebody) const noexcept { return user_.get() == &somebody; }

    /// Waits for what was refused: see `database_file::wait`. MAY SWITCH.
    [[nodiscard]] bool wait(const lock_request& asked, const place& where) {
        return shared_->wait(mine_, asked, where);
    }

private:
    /// What SQLite calls, with the way back from there.
    struct method_table {
        sqlite3_io_methods table;
        watched_file* self;
    };

    watched_file(sqlite3_file& file, std::shared_ptr<database_file> shared, std::shared_ptr<lock_user> user)
        : file_(file),
          original_(*file.pMethods),
          shared_(std::move(shared)),
          user_(std::move(user)),
          methods_{{}, this} {
        const int version = std::min(original_.iVersion, 3);
        const std::size_t size_bytes = version == 1   ? offsetof(sqlite3_io_methods, xShmMap)
                                       : version == 2 ? offsetof(sqlite3_io_methods, xFetch)
                                                      : sizeof original_;
        std::memcpy(&methods_.table, &original_, size_bytes); // an older table ends earlier
        methods_.table.iVersion = version;
        methods_.table.xClose = &close;
        methods_.table.xLock = &lock;
        methods_.table.xUnlock = &unlock;
        if (version > 1 && original_.xShmLock != nullptr) {
            methods_.table.xShmLock = &lock_slots;
        }
        shared_->add(mine_);
        note_level(SQLITE_LOCK_NONE);
    }

    ~watched_file() = default;

    [[nodiscard]] static watched_file& of(const sqlite3_file* file) noexcept {
        return *reinterpret_cast<const method_table*>(file->pMethods)->self;
    }

    static int close(sqlite3_file* file) noexcept {
        watched_file* const self = &of(file);
        file->pMethods = &self->original_;
        const int result = self->original_.xClose(file);
        self->user_->closed(*self);
        self->shared_->remove(self->mine_);
        delete self;
        return result;
    }

    static int lock(sqlite3_file* file, int level) noexcept {
        watched_file& self = of(file);
        const int result = self.original_.xLock(file, level);
        // Whoever is refused the exclusive lock keeps new readers out from then on.
        const int refused = level == SQLITE_LOCK_EXCLUSIVE ? SQLITE_LOCK_PENDING : self.mine_.level();
        self.note_level(result == SQLITE_OK ? level : refused);
        if (result == SQLITE_BUSY) {
            self.user_->refused(self, {.level = level});
        }
        return result;
    }

    static int unlock(sqlite3_file* file, int level) noexcept {
        watched_file& self = of(file);
        const int result = self.original_.xUnlock(file, level);
        self.note_level(level);
        if (self.mine_.idle(false)) {
            self.user_->let_go();
        }
        return result;
    }

    static int lock_slots(sqlite3_file* file, int first, int count, int how) noexcept {
        watched_file& self = of(file);
        const int result = self.original_.xShmLock(file, first, count, how);
        const lock_request asked{.slots = ((1U << count) - 1) << first, .shared = (how & SQLITE_SHM_SHARED) != 0};
        if (result == SQLITE_OK) {
            self.mine_.set_slots(asked, (how & SQLITE_SHM_LOCK) != 0, self.user_->statement());
            self.shared_->refresh();
            if (self.mine_.idle(true)) {
                self.user_->let_go();
            }
        } else if (result == SQLITE_BUSY) {
            self.user_->refused(self, asked);
        }
        return result;
    }

    /// Takes the level from who knows it best, and `expected` if the layer below does not say.
    void note_level(int expected) {
        int level = expected;
        original_.xFileControl(&file_, SQLITE_FCNTL_LOCKSTATE, &level);
        mine_.set_level(level, user_->statement());
        shared_->refresh();
    }

    sqlite3_file& file_;
    const sqlite3_io_methods& original_;
    std::shared_ptr<database_file> shared_;
    std::shared_ptr<lock_user> user_; ///< it may be gone before the file, in the shared cache
    method_table methods_;
    held_locks mine_;
};

} // namespace cppvaldi::sqlite::detail
