#pragma once

#include <cppvaldi/operation.hpp>

#include <cstdint>

namespace cppvaldi::detail {

/// Set in the serial of an object that the execution of that serial has seen being constructed, and not met since.
inline constexpr std::uint64_t born_mark = std::uint64_t{1} << 63;

/// Notes that the running starter constructs an object, if the strategy wants to know where objects come from: then `serial` is the
/// execution's with the mark, and `id` the number of the birth. REQUIRES: there is an execution.
void note_birth(std::uint64_t& serial, object_id& id) noexcept;

} // namespace cppvaldi::detail
