#include "intercept/symbols.hpp"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cxxabi.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <vector>

namespace cppvaldi::intercept {

namespace {

/// What has been read. The names lie in the files, which stay mapped.
struct {
    std::mutex reading;
    std::uint64_t modules_seen = 0;
    std::vector<function_symbol> functions; ///< by address
} known;

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> beginnings) noexcept {
    return std::any_of(beginnings.begin(), beginnings.end(), [&](auto each) { return name.starts_with(each); });
}

bool is_library_function(std::string_view mangled) noexcept {
    return starts_with_any(mangled, {"_ZNSt", "_ZNKSt", "_ZSt", "_ZN9__gnu_cxx", "_ZNK9__gnu_cxx", "__gthread"}) ||
           mangled.find("__gthread") != mangled.npos ||
           starts_with_any(mangled, {"mtx_", "cnd_", "thrd_", "call_once"}); // C11's, which are made of pthread's
}

bool is_library(std::string_view path) noexcept {
    for (const std::string_view each :
         {"/libc.so", "/libstdc++.so", "/libpthread.so", "/ld-linux", "/libgcc_s.so", "/libm.so"}) {
        if (path.find(each) != path.npos) {
            return true;
        }
    }
    return false;
}

/// A file as it is, for as long as the process lives.
class mapped_file {
public:
    explicit mapped_file(const char* path) noexcept {
        const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC); // NOLINT(cppcoreguidelines-pro-type-vararg)
        struct stat about {};
        if (descriptor >= 0 && ::fstat(descriptor, &about) == 0 && about.st_size > 0) {
            size_bytes_ = static_cast<std::size_t>(about.st_size);
            void* const mapped = ::mmap(nullptr, size_bytes_, PROT_READ, MAP_PRIVATE, descriptor, 0);
            memory_ = mapped == MAP_FAILED ? nullptr : static_cast<const char*>(mapped);
        }
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }

    /// Returns `count` of a type at `offset`, or null if they are not all in the file.
    template <typename Type>
    [[nodiscard]] const Type* at(std::size_t offset, std::size_t count = 1) const noexcept {
        const bool fits = memory_ != nullptr && offset <= size_bytes_ && count <= (size_bytes_ - offset) / sizeof(Type);
        return fits ? reinterpret_cast<const Type*>(memory_ + offset) : nullptr;
    }

private:
    const char* memory_ = nullptr;
    std::size_t size_bytes_ = 0;
};

void read_symbols(const mapped_file& file, const ElfW(Shdr) & table, const ElfW(Shdr) & names, std::uintptr_t base,
                  bool of_library) {
    const std::size_t count = table.sh_size / sizeof(ElfW(Sym));
    const auto* const symbols = file.at<ElfW(Sym)>(table.sh_offset, count);
    const char* const text = file.at<char>(names.sh_offset, names.sh_size);
    if (symbols == nullptr || text == nullptr) {
        return;
    }
    for (std::size_t position = 0; position < count; ++position) {
        const ElfW(Sym)& symbol = symbols[position];
        if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF && symbol.st_size != 0 &&
            symbol.st_name < names.sh_size) {
            const char* const mangled = text + symbol.st_name;
            known.functions.push_back({reinterpret_cast<const void*>(base + symbol.st_value), symbol.st_size, mangled,
                                       of_library || is_library_function(mangled)});
        }
    }
}

/// Reads the full table, or that of what others may call where the full one has been stripped off.
void read_module(const char* path, std::uintptr_t base) {
    const mapped_file file(path);
    const auto* const header = file.at<ElfW(Ehdr)>(0);
    if (header == nullptr || !std::equal(ELFMAG, &ELFMAG[SELFMAG], header->e_ident)) {
        return;
    }
    const auto* const sections = file.at<ElfW(Shdr)>(header->e_shoff, header->e_shnum);
    if (sections == nullptr) {
        return;
    }
    for (const unsigned int wanted : {SHT_SYMTAB, SHT_DYNSYM}) {
        for (unsigned int each = 0; each < header->e_shnum; ++each) {
            if (sections[each].sh_type == wanted && sections[each].sh_link < header->e_shnum) {
                read_symbols(file, sections[each], sections[sections[each].sh_link], base, is_library(path));
                return;
            }
        }
    }
}

int note_module(dl_phdr_info* info, std::size_t, void* first) {
    const std::uint64_t seen = info->dlpi_adds + info->dlpi_subs;
    if (*static_cast<bool*>(first)) {
        if (known.modules_seen == seen) {
            return 1;
        }
        known.modules_seen = seen;
        known.functions.clear();
        *static_cast<bool*>(first) = false;
    }
    const bool is_program = info->dlpi_name[0] == '\0';
    read_module(is_program ? "/proc/self/exe" : info->dlpi_name, info->dlpi_addr);
    return 0;
}

/// Reads what has not been read. REQUIRES: `known.reading` is locked.
void bring_up_to_date() {
    bool first = true;
    ::dl_iterate_phdr(&note_module, &first);
    if (!first) {
        std::stable_sort(known.functions.begin(), known.functions.end(), [](const auto& left, const auto& right) {
            return std::less<>{}(left.address, right.address);
        });
    }
}

} // namespace

const function_symbol* function_at(const void* address) {
    const std::scoped_lock reading(known.reading);
    bring_up_to_date();
    auto after =
        std::upper_bound(known.functions.begin(), known.functions.end(), address,
                         [](const void* wanted, const auto& each) { return std::less<>{}(wanted, each.address); });
    if (after == known.functions.begin()) {
        return nullptr;
    }
    const function_symbol& found = *--after;
    const auto into =
        static_cast<std::size_t>(static_cast<const char*>(address) - static_cast<const char*>(found.address));
    return into < found.size_bytes ? &found : nullptr;
}

std::span<const function_symbol> all_functions() {
    const std::scoped_lock reading(known.reading);
    bring_up_to_date();
    return known.functions;
}

std::string demangled(const char* mangled) {
    int status = 0;
    char* const text = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
    std::string result = text == nullptr ? mangled : text;
    std::free(text);
    return result;
}

std::string without_arguments(std::string_view name) {
    const std::size_t last = name.rfind(')');
    if (last == name.npos) {
        return std::string(name);
    }
    std::size_t open = last;
    for (int depth = 0; open != name.npos; --open) {
        depth += name[open] == ')' ? 1 : name[open] == '(' ? -1 : 0;
        if (depth == 0 || open == 0) {
            break;
        }
    }
    return std::string(name.substr(0, open));
}

} // namespace cppvaldi::intercept
