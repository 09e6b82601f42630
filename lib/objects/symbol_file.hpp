#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <elf.h>
#include <link.h>

namespace cppvaldi {

/// Returns the entry at `offset`; all zeroes if it is not all in the file.
template <typename Entry>
[[nodiscard]] Entry entry_at(std::string_view file, std::size_t offset) noexcept {
    Entry entry{};
    if (offset <= file.size() && sizeof entry <= file.size() - offset) {
        std::memcpy(&entry, file.data() + offset, sizeof entry);
    }
    return entry;
}

/// Returns a file as it is, for as long as the process lives: what is found in it may be pointed to. Empty if it cannot be read.
[[nodiscard]] std::string_view kept_file(const char* path) noexcept;

/// A symbol table of a file.
class symbol_section {
public:
    symbol_section(std::string_view file, const ElfW(Shdr) & table, const ElfW(Shdr) & texts) noexcept
        : file_(file), table_(table), texts_(texts) {}

    /// True if it has the private functions, too.
    [[nodiscard]] bool is_full() const noexcept { return table_.sh_type == SHT_SYMTAB; }

    [[nodiscard]] std::size_t size() const noexcept {
        return table_.sh_entsize == 0 ? 0 : table_.sh_size / table_.sh_entsize;
    }
    [[nodiscard]] ElfW(Sym) operator[](std::size_t number) const noexcept {
        return entry_at<ElfW(Sym)>(file_, table_.sh_offset + number * table_.sh_entsize);
    }

    /// Returns the symbol's name, which lies in the file and ends with a 0.
    [[nodiscard]] const char* name_of(const ElfW(Sym) & symbol) const noexcept;

private:
    std::string_view file_;
    ElfW(Shdr) table_;
    ElfW(Shdr) texts_;
};

/// Returns the symbol tables of a file; none if it is not in the Executable and Linkable Format.
[[nodiscard]] std::vector<symbol_section> symbol_sections(std::string_view file);

/// Returns the table that has the most: the full one, or that of what others may call where the full one has been stripped off.
/// Null if there is none.
[[nodiscard]] const symbol_section* fullest_of(std::span<const symbol_section> sections) noexcept;

/// True if it is a function that lies in the file itself.
[[nodiscard]] inline bool is_function(const ElfW(Sym) & symbol) noexcept {
    return ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF;
}

/// Returns `account::withdraw(int)`, or the name as it is if it is C's.
[[nodiscard]] std::string demangled(const char* symbol);

} // namespace cppvaldi
