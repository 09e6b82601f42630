#include "intercept/snapshot/mappings.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

std::string text_of(int descriptor) {
    std::string all;
    char part[4096];
    ssize_t got = 0;
    while ((got = ::pread(descriptor, part, sizeof part, static_cast<off_t>(all.size()))) > 0) {
        all.append(part, static_cast<std::size_t>(got));
    }
    return all;
}

/// Takes the next word of a line, and the spaces behind it.
std::string_view next_word(std::string_view& line) noexcept {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
    return word;
}

mapping read_line(std::string_view line) {
    mapping read;
    const std::string_view range = next_word(line);
    const char* const end = range.data() + range.size();
    const char* const dash = std::from_chars(range.data(), end, read.where.begin, 16).ptr;
    (void)std::from_chars(std::min(dash + 1, end), end, read.where.end, 16);
    const std::string_view access = next_word(line);
    access.copy(read.access, sizeof read.access);
    for (int skipped = 0; skipped < 3; ++skipped) { // offset, device, inode
        (void)next_word(line);
    }
    read.name = line;
    return read;
}

} // namespace

std::vector<mapping> read_mappings(int descriptor) {
    std::vector<mapping> found;
    const std::string text = text_of(descriptor);
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        found.push_back(read_line(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return found;
}

std::vector<mapping> read_mappings() {
    const int file = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC); // NOLINT(cppcoreguidelines-pro-type-vararg)
    std::vector<mapping> found = read_mappings(file);
    (void)::close(file);
    return found;
}

std::vector<address_range> without(address_range whole, std::vector<address_range> parts) {
    std::sort(parts.begin(), parts.end(), [](const auto& left, const auto& right) { return left.begin < right.begin; });
    std::vector<address_range> left;
    std::uintptr_t from = whole.begin;
    for (const address_range& part : parts) {
        const std::uintptr_t to = std::min(part.begin, whole.end);
        if (from < to) {
            left.push_back({from, to});
        }
        from = std::max(from, part.end);
    }
    if (from < whole.end) {
        left.push_back({from, whole.end});
    }
    return left;
}

} // namespace cppvaldi::intercept
