#pragma once

#include <cppvaldi/place.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace cppvaldi {

/// Who has a resource, and since where, a value. Of several starters that share one, reports show the one noted last.
struct resource_holder {
    std::uint64_t execution = 0; ///< which one the starter belongs to; 0 is none
    starter_id who = nobody;
    place since;

    /// Returns the running starter; outside an execution, nobody.
    [[nodiscard]] static resource_holder running(const place& since = place::current()) noexcept;
};

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

    /// The same, but blocks while `over(context)` is false: it is asked now and whenever `changed` is called, also after the
    /// answer was yes, for another starter may have been quicker. REQUIRES: `over` neither throws nor waits.
    [[nodiscard]] bool wait(bool (*over)(const void* context), const void* context,
                            const place& where = place::current());

    /// Lets every starter that waits try again, as far as what it waits for has come. It does not switch by itself.
    void changed();

    /// Notes that the running starter has it, for reports.
    void held(const place& where = place::current());

    /// Notes that this one has it.
    void held(const resource_holder& by);

    /// Notes that nobody has it.
    void released();

private:
    struct state;
    std::shared_ptr<state> state_; ///< a starter that waits shares it, for it may be unwound after the resource is gone
};

// For callbacks of a C library, which no exception may pass through.

/// Marks a checkpoint as `checkpoint(name)` does, but returns false when the execution is being unwound, where that would throw.
/// The caller then comes to an end soon. Returns true outside an execution. MAY SWITCH.
///
/// `name` may not be `started`, `finished` or `blocked`: `usage_error`.
[[nodiscard]] bool try_checkpoint(std::string_view name, const place& where = place::current());

/// Hands `why` to the call that drives this execution, which throws it as if it had left the running starter; that one stays
/// where it is. Without effect outside an execution, or when it is being unwound. MAY SWITCH.
void raise_in_driver(std::exception_ptr why) noexcept;

} // namespace cppvaldi
