#pragma once

#include <cppvaldi/detail/birth.hpp>
#include <cppvaldi/detail/current.hpp>
#include <cppvaldi/operation.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace cppvaldi {

class execution;
struct object;

namespace detail {

/// Takes who waits for `gone` off it. REQUIRES: somebody does.
void forget_waiting(object& gone) noexcept;

} // namespace detail

/// Something that starters share and may have to wait for: what the kernel keeps about it. A mutex, a semaphore, a database
/// lock are an `object` and their own state.
///
/// An object is numbered when an execution first meets it, so that it may live longer than executions do (a global, say).
struct object {
    constexpr explicit object(std::string_view kind_word, std::string_view own_name = {}) noexcept
        : kind(kind_word), name(own_name) {
        if (!std::is_constant_evaluated() && detail::current_execution != nullptr) {
            detail::note_birth(born_in, birth);
        }
    }
    object(const object&) = delete;
    object& operator=(const object&) = delete;

    /// It may go while starters stand at it that could go on, as a condition may once it has notified all of them.
    constexpr ~object() {
        if (first_waiting != nobody) {
            detail::forget_waiting(*this);
        }
    }

    std::string_view kind; ///< the word for it in reports: "mutex", "database"
    std::string_view name; ///< empty, or what its owner calls it

    execution* met_by = nullptr;        ///< the execution that has numbered it; it may be gone
    std::uint64_t execution_serial = 0; ///< which one of that execution object's runs it was
    object_id id{};
    std::uint64_t born_in = 0; ///< see `detail::note_birth`
    object_id birth{};

    /// What it stands for, if that is the code under test's own: a `pthread_mutex_t`, say.
    const void* stands_for = nullptr;

    /// Adds what a report should say about who waits here; null adds nothing.
    std::string (*remark)(const object& what, const execution& in) = nullptr;

    starter_id holder = nobody; ///< who has it, for reports and for finding cycles
    place held_since{};

    /// Returns all who have it, for what several can have at once; null stands for `holder` alone.
    std::span<const starter_id> (*sharers)(const object& what) = nullptr;

    // Whose pending operation is on this object, in the order of their announcements. If there is anybody, `met_by` is alive.
    starter_id first_waiting = nobody;
    starter_id last_waiting = nobody;
};

} // namespace cppvaldi
