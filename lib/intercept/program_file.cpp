#include "intercept/program_file.hpp"

#include "explore/environment.hpp"
#include "objects/symbol_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <elf.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

/// Returns the path that execvp(3) takes.
std::string found_in_path(const std::string& word) {
    const std::string folders = program_folders();
    for (std::size_t begin = 0; word.find('/') == word.npos && begin <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', begin), folders.size());
        const std::string folder = folders.substr(begin, end - begin);
        const std::string path = (folder.empty() ? "." : folder) + '/' + word;
        if (::access(path.c_str(), X_OK) == 0) {
            return path;
        }
        begin = end + 1;
    }
    return word;
}

bool has_interpreter(std::string_view file, const Elf64_Ehdr& head) noexcept {
    for (std::uint64_t number = 0; number < head.e_phnum; ++number) {
        if (entry_at<Elf64_Phdr>(file, head.e_phoff + number * head.e_phentsize).p_type == PT_INTERP) {
            return true;
        }
    }
    return false;
}

/// True if one of the words that the dynamic linker reads is that: the name of a symbol or of a library.
bool names(std::string_view file, const Elf64_Ehdr& head, const std::string& word) {
    for (std::uint64_t number = 0; number < head.e_shnum; ++number) {
        const auto section = entry_at<Elf64_Shdr>(file, head.e_shoff + number * head.e_shentsize);
        if (section.sh_type == SHT_STRTAB && (section.sh_flags & SHF_ALLOC) != 0 && section.sh_offset <= file.size()) {
            const std::string_view words = file.substr(section.sh_offset, section.sh_size);
            if (words.find('\0' + word + '\0') != words.npos) {
                return true;
            }
        }
    }
    return false;
}

} // namespace

program_file look_at_program(const std::string& word) {
    const std::string path = found_in_path(word);
    const std::string_view file = kept_file(path.c_str());
    if (::access(path.c_str(), X_OK) != 0 || file.empty()) {
        return {};
    }
    if (file.starts_with("#!")) {
        return {.is_script = true};
    }
    if (!file.starts_with(ELFMAG)) {
        return {.why_not = "it is neither a program nor a script"};
    }
    const auto head = entry_at<Elf64_Ehdr>(file, 0);
    if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_machine != EM_X86_64) {
        return {.why_not = "it is a program for another machine than x86-64 with 64 bits"};
    }
    if (!has_interpreter(file, head)) {
        return {.why_not = "it is linked statically, so that nothing can be taken over; link it dynamically"};
    }
    if (names(file, head, "__asan_init")) {
        return {.why_not = "it is linked with -fsanitize=address; leave that out"};
    }
    return {};
}

} // namespace cppvaldi::intercept
