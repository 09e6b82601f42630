#pragma once

#include <cppvaldi/detail/object.hpp>
#include <cppvaldi/place.hpp>

#include <cstdint>
#include <string_view>

namespace cppvaldi::detail {

/// Whether something that is done once has been done. While somebody does it, that is `holder`.
struct once_state : object {
    enum class progress : std::uint8_t { not_yet, under_way, done };

    constexpr explicit once_state(std::string_view own_name = {}) noexcept : object("once flag", own_name) {}
    once_state(const once_state&) = delete;
    once_state& operator=(const once_state&) = delete;
    ~once_state();

    progress reached = progress::not_yet;
    bool done_outside = false; ///< by code outside executions, so that it is done in every one
};

/// Returns true if the caller is the one to do it, who then says how it ended; false once it has been done. Waits while another
/// does it. Throws `usage_error` if the caller is in the middle of it. MAY SWITCH.
[[nodiscard]] bool begin_once(once_state& once, const place& where);

/// The same for what is done once in the life of a process: not in every execution, so it is no scheduling point unless another
/// one is in the middle of it. REQUIRES: there is an execution, and it has not been done. MAY SWITCH.
[[nodiscard]] bool begin_once_in_process(once_state& once, const place& where);
void end_once_in_process(once_state& once, bool done) noexcept;

/// Says that it has been done, or that it has failed, so that the next one tries. MAY SWITCH.
void end_once(once_state& once, bool done, const place& where) noexcept;

} // namespace cppvaldi::detail
