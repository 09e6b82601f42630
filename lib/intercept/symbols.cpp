#include "intercept/symbols.hpp"

#include "objects/symbol_file.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <vector>

#include <link.h>

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
           starts_with_any(mangled, {"mtx_", "cnd_", "thrd_", "call_once"}) || // C11's, which are made of pthread's
           (mangled.starts_with("__") && mangled.ends_with("_chk")) || mangled.starts_with("eventfd_") ||
           mangled == "syscall"; // made of others in this library
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

/// Reads the table that has the most.
void read_module(const char* path, std::uintptr_t base) {
    const bool of_library = is_library(path);
    const std::vector<symbol_section> sections = symbol_sections(kept_file(path));
    const symbol_section* const all = fullest_of(sections);
    for (std::size_t position = 0; all != nullptr && position < all->size(); ++position) {
        const ElfW(Sym) symbol = (*all)[position];
        if (is_function(symbol) && symbol.st_size != 0) {
            const char* const mangled = all->name_of(symbol);
            known.functions.push_back({reinterpret_cast<const void*>(base + symbol.st_value), symbol.st_size, mangled,
                                       of_library || is_library_function(mangled)});
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
