#include "objects/program_symbols.hpp"

#include "objects/symbol_file.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <elf.h>
#include <link.h>

extern "C" {
/// glibc has one too, which does nothing, for programs in which nothing calls it.
[[gnu::weak]] void __cyg_profile_func_enter(void* function, void* call_site);
}

namespace cppvaldi {

namespace {

constexpr std::string_view hook_name = "__cyg_profile_func_enter";

/// One file that the program consists of, and where it lies in memory.
struct loaded_file {
    std::string path;
    std::uintptr_t base = 0;
    bool holds_hook = false;           ///< the hook lies in it
    std::vector<memory_range> parts{}; ///< where it lies
    const ElfW(Dyn) * dynamic = nullptr;
};

std::uintptr_t hook_address() { return reinterpret_cast<std::uintptr_t>(&__cyg_profile_func_enter); }

std::vector<loaded_file> loaded_files() {
    std::vector<loaded_file> files;
    const auto collect = [](dl_phdr_info* info, std::size_t, void* to) {
        auto& all = *static_cast<std::vector<loaded_file>*>(to);
        loaded_file found{.path = info->dlpi_name, .base = info->dlpi_addr};
        for (int number = 0; number < info->dlpi_phnum; ++number) {
            const ElfW(Phdr)& part = info->dlpi_phdr[number];
            const std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
            if (part.p_type == PT_LOAD) {
                found.parts.push_back({begin, begin + part.p_memsz});
                found.holds_hook = found.holds_hook || found.parts.back().holds(hook_address(), 1);
            } else if (part.p_type == PT_DYNAMIC) {
                found.dynamic = reinterpret_cast<const ElfW(Dyn)*>(begin);
            }
        }
        if (all.empty()) { // the program itself has no name here
            found.path = "/proc/self/exe";
        }
        all.push_back(std::move(found));
        return 0;
    };
    ::dl_iterate_phdr(collect, &files);
    return files;
}

/// Returns where the addresses are kept through which the file calls the hook, whether or not the linker has found it yet.
std::vector<std::uintptr_t> hook_entries(const loaded_file& file) {
    const auto value_of = [&](ElfW(Sxword) tag) -> std::uintptr_t {
        for (const ElfW(Dyn)* each = file.dynamic; each != nullptr && each->d_tag != DT_NULL; ++each) {
            if (each->d_tag == tag) {
                return each->d_un.d_ptr; // d_val is the same word
            }
        }
        return 0;
    };
    const auto* const symbols = reinterpret_cast<const ElfW(Sym)*>(value_of(DT_SYMTAB));
    const auto* const texts = reinterpret_cast<const char*>(value_of(DT_STRTAB));
    std::vector<std::uintptr_t> entries;
    for (const auto& [table, size_bytes] : {std::pair{DT_JMPREL, DT_PLTRELSZ}, std::pair{DT_RELA, DT_RELASZ}}) {
        const auto* const relocations = reinterpret_cast<const ElfW(Rela)*>(value_of(table));
        const std::size_t count = relocations == nullptr ? 0 : value_of(size_bytes) / sizeof *relocations;
        for (std::size_t number = 0; number < count && symbols != nullptr && texts != nullptr; ++number) {
            if (texts + symbols[ELF64_R_SYM(relocations[number].r_info)].st_name == hook_name) {
                entries.push_back(file.base + relocations[number].r_offset);
            }
        }
    }
    return entries;
}

/// Says whether code in the file calls the hook.
bool calls_hook(const loaded_file& file, const std::vector<symbol_section>& sections, bool is_program) {
    if (file.holds_hook) {
        return is_program; // an archive gives the hook to programs that call it; a shared library has it anyway
    }
    for (const symbol_section& each : sections) {
        for (std::size_t number = 0; number < each.size(); ++number) {
            const ElfW(Sym) symbol = each[number];
            const bool is_needed = symbol.st_shndx == SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_WEAK;
            if (is_needed && each.name_of(symbol) == hook_name) {
                return true;
            }
        }
    }
    return false;
}

void erase_all(std::string& from, std::string_view what) {
    for (std::size_t at = from.find(what); at != std::string::npos; at = from.find(what, at)) {
        from.erase(at, what.size());
    }
}

/// Returns where the template arguments or parameters begin that end before `end`.
std::size_t beginning_of(std::string_view text, std::size_t end, char opens, char closes) {
    std::size_t depth = 0;
    while (end > 0) {
        --end;
        depth += text[end] == closes ? 1 : 0;
        if (text[end] == opens && --depth == 0) {
            return end;
        }
    }
    return std::string_view::npos;
}

std::string without_template_arguments(std::string_view name) {
    std::string plain;
    std::size_t depth = 0;
    for (std::size_t position = 0; position < name.size(); ++position) {
        const char each = name[position];
        const bool is_operator =
            name.substr(0, position).ends_with("operator") || name.substr(0, position).ends_with("operator<") ||
            name.substr(0, position).ends_with("operator-") || name.substr(0, position).ends_with("operator>");
        depth += each == '<' && !is_operator ? 1 : 0;
        if (depth == 0) {
            plain += each;
        }
        depth -= each == '>' && !is_operator && depth > 0 ? 1 : 0;
    }
    return plain;
}

/// Says whether a text fits a pattern in which `*` stands for anything. Cost: their lengths, multiplied.
bool fits(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    std::size_t star = std::string_view::npos; // the last one, and where its part of the text ends
    std::size_t taken = 0;
    std::size_t wanted = 0;
    while (at < text.size()) {
        if (wanted < pattern.size() && pattern[wanted] == '*') {
            star = wanted++;
            taken = at;
        } else if (wanted < pattern.size() && pattern[wanted] == text[at]) {
            ++wanted;
            ++at;
        } else if (star != std::string_view::npos) {
            wanted = star + 1;
            at = ++taken;
        } else {
            return false;
        }
    }
    return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(wanted), pattern.end(),
                       [](char rest) { return rest == '*'; });
}

bool means(std::string_view pattern, const std::string& name) {
    const std::string_view shorter = without_parameters(name);
    return fits(name, pattern) || fits(shorter, pattern) || fits(without_template_arguments(shorter), pattern);
}

/// Returns how many letters have to be changed, added or left out to make one text of the other (Wagner and Fischer, JACM 1974).
std::size_t distance(std::string_view one, std::string_view other) {
    std::vector<std::size_t> row(other.size() + 1);
    for (std::size_t column = 0; column < row.size(); ++column) {
        row[column] = column;
    }
    for (std::size_t line = 1; line <= one.size(); ++line) {
        std::size_t diagonal = std::exchange(row[0], line);
        for (std::size_t column = 1; column < row.size(); ++column) {
            const std::size_t same = diagonal + (one[line - 1] == other[column - 1] ? 0 : 1);
            diagonal = row[column];
            row[column] = std::min({same, row[column] + 1, row[column - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::string_view without_parameters(std::string_view name) noexcept {
    const std::size_t end = name.rfind(')');
    const std::size_t begin =
        end == std::string_view::npos ? std::string_view::npos : beginning_of(name, end + 1, '(', ')');
    return begin == std::string_view::npos || begin == 0 ? name : name.substr(0, begin);
}

std::string plain_name(std::string demangled) {
    for (const std::string_view unnamed : {"(anonymous namespace)::", "[abi:cxx11]"}) {
        erase_all(demangled, unnamed);
    }
    if (const std::size_t clone = demangled.find(" [clone "); clone != std::string::npos) {
        demangled.erase(clone);
    }
    // Of a template's instance the type that it returns stands before the name, after a space that is not within brackets.
    const std::string_view name = without_parameters(demangled);
    const std::size_t spaced_name = std::min(name.find("operator"), name.size());
    std::size_t depth = 0;
    std::size_t begin = 0;
    for (std::size_t position = 0; position < spaced_name; ++position) {
        depth += name[position] == '<' || name[position] == '(' || name[position] == '{' ? 1 : 0;
        depth -= (name[position] == '>' || name[position] == ')' || name[position] == '}') && depth > 0 ? 1 : 0;
        begin = name[position] == ' ' && depth == 0 ? position + 1 : begin;
    }
    return demangled.starts_with("non-virtual thunk to ") || demangled.starts_with("virtual thunk to ")
               ? demangled
               : demangled.substr(begin);
}

const program_symbols& program_symbols::instance() {
    static const program_symbols only;
    return only;
}

program_symbols::program_symbols() {
    const std::vector<loaded_file> files = loaded_files();
    for (const loaded_file& file : files) {
        const std::vector<symbol_section> sections = symbol_sections(kept_file(file.path.c_str()));
        if (!calls_hook(file, sections, &file == &files.front())) {
            continue;
        }
        any_instrumented_ = true;
        mapped_.insert(mapped_.end(), file.parts.begin(), file.parts.end());
        const std::vector<std::uintptr_t> entries = hook_entries(file);
        hook_entries_.insert(hook_entries_.end(), entries.begin(), entries.end());
        for (const symbol_section& section : sections) {
            for (std::size_t number = 0; number < section.size(); ++number) {
                const ElfW(Sym) symbol = section[number];
                if (is_function(symbol)) {
                    all_.push_back({plain_name(demangled(section.name_of(symbol))),
                                    reinterpret_cast<const void*>(file.base + symbol.st_value), symbol.st_size});
                }
            }
        }
    }
    const auto comes_first = [](const function_symbol& left, const function_symbol& right) {
        return std::pair(left.address, std::string_view(left.name)) <
               std::pair(right.address, std::string_view(right.name));
    };
    std::sort(all_.begin(), all_.end(), comes_first);
    const auto last =
        std::unique(all_.begin(), all_.end(), [](const function_symbol& left, const function_symbol& right) {
            return left.address == right.address && left.name == right.name;
        });
    all_.erase(last, all_.end());
}

std::vector<const function_symbol*> program_symbols::matching(std::string_view pattern) const {
    std::vector<const function_symbol*> found;
    for (const function_symbol& each : all_) {
        if (means(pattern, each.name)) {
            found.push_back(&each);
        }
    }
    return found;
}

std::vector<std::string> program_symbols::close_to(std::string_view pattern, std::size_t most) const {
    const std::size_t scope = pattern.rfind("::");
    const std::string_view last_word = scope == std::string_view::npos ? pattern : pattern.substr(scope + 2);
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const function_symbol& each : all_) {
        const std::string name = without_template_arguments(without_parameters(each.name));
        const bool has_word = name == last_word || name.ends_with("::" + std::string(last_word));
        const std::size_t apart = has_word ? 0 : distance(name, pattern);
        if (apart <= 1 + pattern.size() / 4) {
            ranked.emplace_back(apart, std::string(without_parameters(each.name)));
        }
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
    ranked.resize(std::min(ranked.size(), most));
    std::vector<std::string> names;
    for (auto& [apart, name] : ranked) {
        names.push_back(std::move(name));
    }
    return names;
}

const function_symbol* program_symbols::at(const void* address) const noexcept {
    const auto found =
        std::lower_bound(all_.begin(), all_.end(), address, [](const function_symbol& each, const void* wanted) {
            return std::less<>{}(each.address, wanted);
        });
    return found != all_.end() && found->address == address ? &*found : nullptr;
}

const void* program_symbols::behind_thunk(const void* address) const {
    const function_symbol* const known = at(address);
    if (known == nullptr) {
        return address;
    }
    for (const std::string_view kind : {"non-virtual thunk to ", "virtual thunk to "}) {
        if (known->name.starts_with(kind)) {
            const std::string target = plain_name(known->name.substr(kind.size()));
            const auto found = std::find_if(all_.begin(), all_.end(),
                                            [&](const function_symbol& each) { return each.name == target; });
            return found == all_.end() ? address : found->address;
        }
    }
    return address;
}

#if defined(__x86_64__)

namespace {

template <typename Value>
Value value_at(std::uintptr_t address) noexcept {
    Value value{};
    std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof value);
    return value;
}

} // namespace

/// Says whether code that is called there is the hook, or the stub of a procedure linkage table that leads to it.
bool program_symbols::leads_to_hook(std::uintptr_t called) const noexcept {
    constexpr std::size_t longest_stub = 16;
    const bool can_be_read = std::any_of(mapped_.begin(), mapped_.end(),
                                         [=](const memory_range& each) { return each.holds(called, longest_stub); });
    if (called == hook_address() || !can_be_read) {
        return called == hook_address();
    }
    std::uintptr_t code = called;
    code += value_at<std::uint32_t>(code) == 0xfa1e'0ff3 ? 4 : 0;              // endbr64
    code += value_at<std::uint8_t>(code) == 0xf2 ? 1 : 0;                      // bnd
    return value_at<std::uint16_t>(code) == 0x25ff && is_hook_entry(code + 2); // jmp *offset(%rip)
}

/// Says whether the four bytes at `offset` are how far it is from behind them to an address of the hook.
bool program_symbols::is_hook_entry(std::uintptr_t offset) const noexcept {
    const std::uintptr_t entry =
        offset + 4 + static_cast<std::uintptr_t>(std::intptr_t{value_at<std::int32_t>(offset)});
    return std::find(hook_entries_.begin(), hook_entries_.end(), entry) != hook_entries_.end();
}

bool program_symbols::may_be_instrumented(const void* address) const noexcept {
    const function_symbol* const known = at(address);
    if (known == nullptr || known->size_bytes == 0) {
        return true;
    }
    const auto begin = reinterpret_cast<std::uintptr_t>(address);
    const std::uintptr_t end = begin + known->size_bytes;
    for (std::uintptr_t code = begin; code + 5 <= end; ++code) {
        const auto operation = value_at<std::uint8_t>(code);
        if (operation == 0xe8 || operation == 0xe9) { // call or jmp, to an offset from the next instruction
            const auto offset = static_cast<std::uintptr_t>(std::intptr_t{value_at<std::int32_t>(code + 1)});
            if (leads_to_hook(code + 5 + offset)) {
                return true;
            }
        } else if (operation == 0xff && code + 6 <= end && is_hook_entry(code + 2)) { // call or jmp *offset(%rip)
            return true;
        }
    }
    return false;
}

#else

bool program_symbols::may_be_instrumented(const void*) const noexcept { return true; }

#endif

} // namespace cppvaldi
