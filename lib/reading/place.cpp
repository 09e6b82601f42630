#include <cppvaldi/place.hpp>

#include <string_view>

namespace cppvaldi {

std::string place::text() const {
    if (line == 0) {
        return file;
    }
    const std::string_view whole = file;
    return std::string(whole.substr(whole.rfind('/') + 1)) + ':' + std::to_string(line);
}

} // namespace cppvaldi
