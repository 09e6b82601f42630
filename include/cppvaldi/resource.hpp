#pragma once

#include <cppvaldi/place.hpp>

#include <memory>
#include <string>

namespace cppvaldi {

/// Something outside this library that a starter may have to wait for: a lock in a database, a slot in a pool. For those who
/// write adapters; outside an execution every member has no effect.
///
/// A starter that calls `wait` is blocked until another one calls `changed`. What it waits for, who has it and since where show
/// in every report.
class resource {
public:
    /// `kind` is the word for it in reports, `name` what tells it from others: `{"database", "bank.db"}`.
    resource(std::string kind, std::string name);
    resource(const resource&) = delete;
    resource& operator=(const resource&) = delete;
    ~resource();

    /// Blocks the running starter until `changed` is called. MAY SWITCH.
    ///
    /// Returns false, at once, when the execution is being unwound or there is none: then waiting is pointless, and the caller
    /// gives up. It does not throw when the execution is unwound while it waits, so that it may be called from a C library.
    [[nodiscard]] bool wait(const place& where = place::current());

    /// Lets every starter that waits try again. It does not switch by itself.
    void changed();

    /// Notes that the running starter has it, for reports.
    void held(const place& where = place::current());

    /// Notes that nobody has it.
    void released();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace cppvaldi
