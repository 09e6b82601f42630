#include "objects/symbol_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cxxabi.h>

namespace cppvaldi {

std::string_view kept_file(const char* path) noexcept {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC); // NOLINT: a C function
    if (file < 0) {
        return {};
    }
    struct ::stat about {};
    const bool is_there = ::fstat(file, &about) == 0 && about.st_size > 0;
    const auto size_bytes = static_cast<std::size_t>(about.st_size);
    void* const mapped = is_there ? ::mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    (void)::close(file);
    return mapped == MAP_FAILED ? std::string_view() : std::string_view(static_cast<const char*>(mapped), size_bytes);
}

const char* symbol_section::name_of(const ElfW(Sym) & symbol) const noexcept {
    const std::size_t begin = texts_.sh_offset + symbol.st_name;
    return begin < file_.size() && file_.find('\0', begin) != file_.npos ? file_.data() + begin : "";
}

std::vector<symbol_section> symbol_sections(std::string_view file) {
    std::vector<symbol_section> found;
    const auto header = entry_at<ElfW(Ehdr)>(file, 0);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
        return found;
    }
    const auto section = [&](std::size_t number) {
        return entry_at<ElfW(Shdr)>(file, header.e_shoff + number * header.e_shentsize);
    };
    for (std::size_t number = 0; number < header.e_shnum; ++number) {
        const ElfW(Shdr) each = section(number);
        if (each.sh_type == SHT_SYMTAB || each.sh_type == SHT_DYNSYM) {
            found.emplace_back(file, each, section(each.sh_link));
        }
    }
    return found;
}

const symbol_section* fullest_of(std::span<const symbol_section> sections) noexcept {
    const auto full =
        std::find_if(sections.begin(), sections.end(), [](const symbol_section& each) { return each.is_full(); });
    return sections.empty() ? nullptr : full != sections.end() ? &*full : &sections.front();
}

std::string demangled(const char* symbol) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(symbol, nullptr, nullptr, &status),
                                                           &std::free);
    return status == 0 ? text.get() : symbol;
}

} // namespace cppvaldi
