#pragma once

#include <cppvaldi/chrono.hpp>
#include <cppvaldi/detail/lockable.hpp>
#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/detail/saved_registers.hpp>
#include <cppvaldi/place.hpp>

#include <cstdint>
#include <string_view>

namespace cppvaldi::detail {

/// A mutex of any kind. Who has it is `holder`; code outside executions has it if `depth` is positive and nobody is the holder.
struct mutex_state : object {
    enum class again : std::uint8_t { refused, counted };

    constexpr mutex_state(again same_owner, std::string_view kind_word, std::string_view own_name) noexcept
        : object(kind_word, own_name), when_locked_again(same_owner) {}
    mutex_state(const mutex_state&) = delete;
    mutex_state& operator=(const mutex_state&) = delete;

    /// Reports a mutex that is destroyed while it is locked, or while somebody waits for it.
    ~mutex_state();

    again when_locked_again;
    std::uint32_t depth = 0; ///< how often it is locked
};

// Each is one lock rule, for every front door. The first three throw `usage_error` if the caller has it already and it is not
// recursive; who must answer otherwise asks `has` before. MAY SWITCH: all of them but `has`.

void lock(mutex_state& mutex, const place& where);
CPPVALDI_LOOK [[nodiscard]] bool try_lock(mutex_state& mutex, const place& where);
[[nodiscard]] bool try_lock_until(mutex_state& mutex, deadline until, const place& where);

/// Reports a `usage_error` through the driver if the caller does not have it.
void unlock(mutex_state& mutex, const place& where);

/// True if the caller has it.
[[nodiscard]] bool has(const mutex_state& mutex) noexcept;

/// Shows it to `lock_all`.
[[nodiscard]] lockable lockable_of(mutex_state& mutex) noexcept;

} // namespace cppvaldi::detail
