#pragma once

#include <string>

namespace test {

/// Passes five checkpoints, all of which its translation unit has compiled to nothing. Returns what it did.
std::string pass_where_there_are_none(int seen);

} // namespace test
