#include <cppvaldi/operation.hpp>

namespace cppvaldi {

std::string_view to_string(operation_kind kind) noexcept {
    switch (kind) {
    case operation_kind::started: return "begin";
    case operation_kind::checkpoint: return "checkpoint";
    case operation_kind::finished: return "end";
    case operation_kind::wait: return "wait for";
    }
    return "?";
}

} // namespace cppvaldi
