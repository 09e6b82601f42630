#pragma once

#include "kernel/vector_clock.hpp"

#include <cppvaldi/operation.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace cppvaldi {

/// How what a starter has done becomes known to another through an object.
enum class clock_step : std::uint8_t {
    release,     ///< all that it has done, in place of what was released before: an unlock, a store
    release_too, ///< the same, beside what was released before: of a semaphore, a latch
    acquire,     ///< it learns what was released
    gather,      ///< as `release_too`, for somebody else: readers for the next writer, arrivals for who ends the phase
    acquire_gathered, ///< it learns what was gathered, which begins anew
};

/// One access to a plain variable, a value.
struct plain_access {
    starter_id by = nobody;
    vector_clock::time at = 0; ///< of its starter's life; 0 stands for "none yet"
    place where{};
    std::size_t step = 0; ///< how many steps were noted up to it; 0 if none are
    bool writes = false;
    bool is_step = true; ///< it is the last of these steps itself
};

/// Two accesses to one variable, of which one writes at least, and neither happens before the other.
struct race {
    object_id on{};
    plain_access earlier; ///< in this execution
    plain_access later;
};

/// Finds data races by happens-before: in the execution as it is, whichever of the two accesses comes first in it, and however much
/// lies between them.
///
/// Flanagan and Freund, "FastTrack: efficient and precise dynamic race detection" (PLDI 2009), sections 3 and 4: a vector clock for
/// each starter and each object, an epoch for the last write of a variable, an epoch for its last read, or a vector while several
/// have read. Changed: a starter's own time is kept apart, so that those who only begin do not each know as many as came
/// before; the clocks begin with the first access to a plain variable, since what is before all accesses orders none of them; what
/// a store leaves in an atomic takes the place of what was there, as C++ has it, and does not add to it; the first race ends the
/// watch.
///
/// Cost: an access of who has made the last one, or of one who knows all before, takes constant time and no memory; a release or
/// acquire takes as much as there are starters. Misses: what only another interleaving of the objects' operations leaves
/// unordered, which is for the search to bring about.
class race_detector {
public:
    /// Gets ready for an execution, if races are wanted. Nothing is watched before `watch`.
    void begin(bool wanted) noexcept;

    /// From now on everything counts. REQUIRES: `is_due()`.
    void watch(std::size_t starters);

    /// From now on nothing does.
    void stop() noexcept { watching_ = wanted_ = false; }

    /// True if races are wanted, and nothing has made it watch yet.
    [[nodiscard]] bool is_due() const noexcept { return wanted_ && !watching_; }
    [[nodiscard]] bool watching() const noexcept { return watching_; }

    // REQUIRES, all that follow: it is watching.

    /// `child` is made. It knows what `parent` knows; `nobody` is the driver.
    void start(starter_id child, starter_id parent);

    /// `who` has come back from a join.
    void join(starter_id who, starter_id ended);

    /// Object 0 is the world outside.
    void take(clock_step how, starter_id who, object_id through);

    /// Notes an access, whose time it knows. Returns false if it races; then `found` says with which, and it is noted no more.
    [[nodiscard]] bool note(object_id on, plain_access made);

    // For who keeps accesses himself: what a starter's time is now, whether it knows of another's, and a race that was found.

    [[nodiscard]] vector_clock::time now_of(starter_id who) const noexcept { return lives_[index(who)].now; }
    [[nodiscard]] bool knows(starter_id who, starter_id by, vector_clock::time at) const noexcept {
        return by == who || at <= lives_[index(who)].known.of(by);
    }
    void report(const race& seen) noexcept;

    /// Returns the race that this execution has shown, or null.
    [[nodiscard]] const race* found() const noexcept { return has_found_ ? &found_ : nullptr; }

private:
    struct life {
        vector_clock::time now = 1;
        vector_clock known; ///< of others
    };

    struct passage {
        std::uint64_t execution = 0;
        vector_clock released;
        vector_clock gathered;
    };

    struct variable {
        std::uint64_t execution = 0;
        plain_access written;
        plain_access read;                      ///< by one, after what all others have read
        std::vector<plain_access> read_by_each; ///< by starter, once several have read in no order; empty before
    };

    [[nodiscard]] static bool knows(const life& self, starter_id who, const plain_access& before) noexcept {
        return before.at == 0 || before.by == who || before.at <= self.known.of(before.by);
    }

    [[nodiscard]] bool read(variable& of, const life& self, const plain_access& made, plain_access& other);
    [[nodiscard]] bool write(variable& of, const life& self, const plain_access& made, plain_access& other);
    void release(life& self, starter_id who, vector_clock& to);

    [[nodiscard]] passage& passage_of(object_id through);
    [[nodiscard]] variable& variable_of(object_id on);

    bool wanted_ = false;
    bool watching_ = false;
    bool has_found_ = false;
    std::uint64_t execution_ = 0;     ///< what belongs to an earlier one is as new
    std::vector<life> lives_;         ///< by starter
    std::vector<passage> passages_;   ///< by object
    std::vector<variable> variables_; ///< by object
    race found_;
};

} // namespace cppvaldi
