#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/lockable.hpp>
#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/detail/saved_registers.hpp>
#include <cppvaldi/place.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace cppvaldi::detail {

/// A mutex that one writer has, or any number of readers. `holder` is the writer, or the reader who has had it for longest.
/// Nobody is preferred: whoever could have it now may be chosen.
struct shared_mutex_state : object {
    enum class again : std::uint8_t { refused, counted };

    shared_mutex_state(again same_reader, std::string_view kind_word, std::string_view own_name) noexcept
        : object(kind_word, own_name), when_shared_again(same_reader) {}
    shared_mutex_state(const shared_mutex_state&) = delete;
    shared_mutex_state& operator=(const shared_mutex_state&) = delete;

    /// Reports a mutex that is destroyed while somebody has it, or waits for it.
    ~shared_mutex_state();

    again when_shared_again; ///< what becomes of a reader who locks it shared once more
    bool has_writer = false; ///< if nobody is the holder, it is code outside executions
    std::vector<starter_id> readers;
    std::vector<place> shared_since;   ///< for each reader
    std::uint32_t readers_outside = 0; ///< in code outside executions
};

// Each is one lock rule, for every front door. Those that lock throw `usage_error` if the caller has it already, in either way;
// who must answer otherwise asks `has` before. MAY SWITCH: all of them but `has` and `has_shared`.

void lock(shared_mutex_state& mutex, const place& where);
CPPVALDI_LOOK [[nodiscard]] bool try_lock(shared_mutex_state& mutex, const place& where);
[[nodiscard]] bool try_lock_until(shared_mutex_state& mutex, deadline until, const place& where);

void lock_shared(shared_mutex_state& mutex, const place& where);
CPPVALDI_LOOK [[nodiscard]] bool try_lock_shared(shared_mutex_state& mutex, const place& where);
[[nodiscard]] bool try_lock_shared_until(shared_mutex_state& mutex, deadline until, const place& where);

/// Reports a `usage_error` through the driver if the caller does not have it in this way.
void unlock(shared_mutex_state& mutex, const place& where);
void unlock_shared(shared_mutex_state& mutex, const place& where);

/// True if the caller has it for itself.
[[nodiscard]] bool has(const shared_mutex_state& mutex) noexcept;

/// True if the caller is one of the readers.
[[nodiscard]] bool has_shared(const shared_mutex_state& mutex) noexcept;

/// Shows it to `lock_all`.
[[nodiscard]] lockable lockable_of(shared_mutex_state& mutex) noexcept;

} // namespace cppvaldi::detail
