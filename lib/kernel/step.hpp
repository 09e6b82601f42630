#pragma once

#include <cppvaldi/operation.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>

namespace cppvaldi {

/// One line of what an execution did, as the kernel notes it; `trace` is the same for people, with names.
struct step {
    enum class what : std::uint8_t {
        began,    ///< a starter was chosen for the first time
        reached,  ///< it stands at a checkpoint
        did,      ///< it performed an operation on an object
        blocked,  ///< its operation cannot complete
        finished, ///< it has ended
        raised,   ///< an exception left it
        paused,   ///< control went back to the driver, at a declared checkpoint
    };

    what event = what::began;
    operation_kind kind = operation_kind::started;
    value_format format = value_format::none;
    bool failed = false; ///< it has not done what it is called
    starter_id starter = nobody;
    label_id label{};
    object_id object{};
    std::uint32_t line = 0;
    const char* file = "";
    std::int64_t number = 0; ///< the value that it carries or deals with, if it is a whole number
};

} // namespace cppvaldi
