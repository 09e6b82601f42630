#pragma once

#include <stdexcept>

namespace cppvaldi {

/// Rule 11: under the same decisions something else happened than before. The text says at which step, and what both were.
class divergence : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace cppvaldi
