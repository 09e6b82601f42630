/// The line tables of the running program: DWARF Debugging Information Format, versions 4 and 5, section 6.2. Each unit of the
/// section `.debug_line` is a program for a small machine whose output is rows of (address, file, line). Only what places need is
/// kept.

#include "intercept/accesses/lines.hpp"

#include "intercept/symbols.hpp"
#include "objects/symbol_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

#include <link.h>
#include <unwind.h>

namespace cppvaldi::intercept {

namespace {

/// The forms in which version 5 writes the names of files.
enum : std::uint64_t {
    form_data2 = 0x05,
    form_data4 = 0x06,
    form_data8 = 0x07,
    form_string = 0x08,
    form_block = 0x09,
    form_data1 = 0x0b,
    form_strp = 0x0e,
    form_udata = 0x0f,
    form_data16 = 0x1e,
    form_line_strp = 0x1f,
};

constexpr std::uint64_t content_path = 1;
constexpr std::uint64_t content_folder = 2;

struct row {
    std::uint64_t address;
    const char* file; ///< null: here is the end of a piece of code
    std::uint32_t line;
    bool of_system; ///< it lies where compilers and the C library have their headers
};

/// A file or a folder, as a unit names it.
struct name {
    const char* path = "";
    std::uint64_t folder = 0;
};

bool is_of_system(const char* path) noexcept { return std::string_view(path).starts_with("/usr/"); }

/// Reads a section from its beginning to its end. Beyond the end it reads zeroes.
class cursor {
public:
    explicit cursor(std::string_view bytes) noexcept : rest_(bytes) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

    template <typename Number>
    Number take() noexcept {
        Number number{};
        if (rest_.size() < sizeof number) {
            rest_ = {};
            return number;
        }
        std::memcpy(&number, rest_.data(), sizeof number);
        rest_.remove_prefix(sizeof number);
        return number;
    }

    std::uint64_t unsigned_leb() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = take<std::uint8_t>();
            value |= shift < 64 ? std::uint64_t{byte & 0x7fU} << shift : 0;
            if ((byte & 0x80) == 0) {
                return value;
            }
        }
    }

    std::int64_t signed_leb() noexcept {
        std::uint64_t value = 0;
        unsigned shift = 0;
        std::uint8_t byte = 0;
        do {
            byte = take<std::uint8_t>();
            value |= shift < 64 ? std::uint64_t{byte & 0x7fU} << shift : 0;
            shift += 7;
        } while ((byte & 0x80) != 0);
        if (shift < 64 && (byte & 0x40) != 0) {
            value |= ~std::uint64_t{0} << shift;
        }
        return static_cast<std::int64_t>(value);
    }

    std::uint64_t offset(bool wide) noexcept { return wide ? take<std::uint64_t>() : take<std::uint32_t>(); }

    const char* text() noexcept {
        const std::size_t length = std::min(rest_.find('\0'), rest_.size() - (rest_.empty() ? 0 : 1));
        const char* const found = rest_.empty() ? "" : rest_.data();
        rest_.remove_prefix(std::min(length + 1, rest_.size()));
        return found;
    }

    /// Takes the next bytes off as a section of their own.
    cursor part(std::uint64_t size_bytes) noexcept {
        const std::string_view taken = rest_.substr(0, size_bytes);
        rest_.remove_prefix(taken.size());
        return cursor(taken);
    }

private:
    std::string_view rest_;
};

struct sections {
    std::string_view line;
    std::string_view line_str;
    std::string_view str;
};

const char* text_at(std::string_view section, std::uint64_t offset) noexcept {
    return offset < section.size() ? section.data() + offset : "";
}

/// One unit: its header, then its program.
class unit {
public:
    unit(cursor bytes, bool wide, const sections& in, std::vector<row>& out) noexcept
        : rest_(bytes), wide_(wide), in_(in), out_(out) {}

    void read() {
        const auto version = rest_.take<std::uint16_t>();
        if (version < 2 || version > 5) {
            return;
        }
        if (version == 5) {
            (void)rest_.take<std::uint8_t>(); // the size of an address
            (void)rest_.take<std::uint8_t>(); // and of a segment
        }
        const std::uint64_t header_bytes = rest_.offset(wide_);
        cursor header = rest_.part(header_bytes);
        minimum_length_ = header.take<std::uint8_t>();
        if (version >= 4) {
            (void)header.take<std::uint8_t>(); // operations of one instruction
        }
        (void)header.take<std::uint8_t>(); // whether a row begins a statement by default
        line_base_ = header.take<std::int8_t>();
        line_range_ = header.take<std::uint8_t>();
        opcode_base_ = header.take<std::uint8_t>();
        for (unsigned opcode = 1; opcode < opcode_base_; ++opcode) {
            operands_.push_back(header.take<std::uint8_t>());
        }
        if (line_range_ == 0) {
            return;
        }
        if (version == 5) {
            folders_ = table(header);
            files_ = table(header);
        } else {
            old_tables(header);
        }
        run();
    }

private:
    /// Returns a table of version 5, which describes itself.
    std::vector<name> table(cursor& header) const {
        struct column {
            std::uint64_t content;
            std::uint64_t form;
        };
        std::vector<column> columns(header.take<std::uint8_t>());
        for (column& each : columns) {
            each.content = header.unsigned_leb();
            each.form = header.unsigned_leb();
        }
        std::vector<name> names;
        for (std::uint64_t left = header.unsigned_leb(); left > 0 && !header.at_end(); --left) {
            name& made = names.emplace_back();
            for (const column& each : columns) {
                std::uint64_t number = 0;
                const char* const text = value(header, each.form, number);
                made.path = each.content == content_path ? text : made.path;
                made.folder = each.content == content_folder ? number : made.folder;
            }
        }
        return names;
    }

    /// Returns a value if it is a text, or puts it into `number`.
    const char* value(cursor& header, std::uint64_t form, std::uint64_t& number) const noexcept {
        switch (form) {
        case form_string: return header.text();
        case form_line_strp: return text_at(in_.line_str, header.offset(wide_));
        case form_strp: return text_at(in_.str, header.offset(wide_));
        case form_data1: number = header.take<std::uint8_t>(); break;
        case form_data2: number = header.take<std::uint16_t>(); break;
        case form_data4: number = header.take<std::uint32_t>(); break;
        case form_data8: number = header.take<std::uint64_t>(); break;
        case form_data16: (void)header.part(16); break;
        case form_udata: number = header.unsigned_leb(); break;
        case form_block: (void)header.part(header.unsigned_leb()); break;
        default: header = cursor({}); break; // nobody knows how long it is
        }
        return "";
    }

    void old_tables(cursor& header) {
        folders_ = {name{}}; // both count from 1
        for (const char* folder = header.text(); *folder != '\0'; folder = header.text()) {
            folders_.push_back({folder, 0});
        }
        files_ = {name{}};
        for (const char* file = header.text(); *file != '\0'; file = header.text()) {
            files_.push_back({file, header.unsigned_leb()});
            (void)header.unsigned_leb(); // time
            (void)header.unsigned_leb(); // length
        }
    }

    void run() {
        while (!rest_.at_end()) {
            const unsigned opcode = rest_.take<std::uint8_t>();
            if (opcode >= opcode_base_) {
                const unsigned adjusted = opcode - opcode_base_;
                address_ += std::uint64_t{adjusted / line_range_} * minimum_length_;
                line_ += static_cast<std::uint32_t>(line_base_ + static_cast<int>(adjusted % line_range_));
                append(false);
            } else if (opcode == 0) {
                extended();
            } else {
                standard(opcode);
            }
        }
    }

    void extended() {
        cursor operands = rest_.part(rest_.unsigned_leb());
        switch (operands.take<std::uint8_t>()) {
        case 1: // the end of a sequence
            append(true);
            address_ = 0;
            file_ = 1;
            line_ = 1;
            break;
        case 2:
            address_ = operands.take<std::uint64_t>();
            is_left_out_ = address_ == 0; // the linker has kept another copy
            break;
        default: break;
        }
    }

    void standard(unsigned opcode) {
        switch (opcode) {
        case 1: append(false); break;
        case 2: address_ += rest_.unsigned_leb() * minimum_length_; break;
        case 3: line_ += static_cast<std::uint32_t>(rest_.signed_leb()); break;
        case 4: file_ = rest_.unsigned_leb(); break;
        case 8: address_ += std::uint64_t{(255U - opcode_base_) / line_range_} * minimum_length_; break;
        case 9: address_ += rest_.take<std::uint16_t>(); break;
        default:
            for (unsigned count = operands_[opcode - 1]; count > 0; --count) {
                (void)rest_.unsigned_leb();
            }
            break;
        }
    }

    void append(bool is_end) {
        if (is_left_out_) {
            return;
        }
        const name file = file_ < files_.size() ? files_[file_] : name{};
        const bool of_system = is_of_system(file.path) || (*file.path != '/' && file.folder < folders_.size() &&
                                                           is_of_system(folders_[file.folder].path));
        out_.push_back({address_, is_end ? nullptr : file.path, line_, of_system});
    }

    cursor rest_;
    bool wide_;
    const sections& in_;
    std::vector<row>& out_;
    unsigned minimum_length_ = 1;
    int line_base_ = 0;
    unsigned line_range_ = 1;
    unsigned opcode_base_ = 1;
    std::vector<std::uint8_t> operands_;
    std::vector<name> folders_;
    std::vector<name> files_;
    std::uint64_t address_ = 0;
    std::uint64_t file_ = 1;
    std::uint32_t line_ = 1;
    bool is_left_out_ = false;
};

sections sections_of(std::string_view file, std::uint64_t& load_address) noexcept {
    sections found;
    const auto whole = entry_at<Elf64_Ehdr>(file, 0);
    for (unsigned each = 0; each < whole.e_phnum; ++each) {
        const auto segment = entry_at<Elf64_Phdr>(file, whole.e_phoff + std::uint64_t{each} * whole.e_phentsize);
        if (segment.p_type == PT_LOAD) {
            load_address = segment.p_vaddr;
            break;
        }
    }
    const auto section_at = [&](unsigned number) {
        return entry_at<Elf64_Shdr>(file, whole.e_shoff + std::uint64_t{number} * whole.e_shentsize);
    };
    const Elf64_Shdr names = section_at(whole.e_shstrndx);
    for (unsigned each = 0; each < whole.e_shnum; ++each) {
        const Elf64_Shdr section = section_at(each);
        const std::string_view name = text_at(file, names.sh_offset + section.sh_name);
        if (section.sh_type == SHT_NOBITS || (section.sh_flags & SHF_COMPRESSED) != 0 ||
            section.sh_offset > file.size()) {
            continue;
        }
        const std::string_view bytes = file.substr(section.sh_offset, section.sh_size);
        if (name == ".debug_line") {
            found.line = bytes;
        } else if (name == ".debug_line_str") {
            found.line_str = bytes;
        } else if (name == ".debug_str") {
            found.str = bytes;
        }
    }
    return found;
}

/// Rows by address, from where the program was loaded on.
std::vector<row> read_rows() {
    std::vector<row> rows;
    const std::string_view file = kept_file("/proc/self/exe"); // places point into it
    std::uint64_t load_address = 0;
    const sections in = sections_of(file, load_address);
    cursor units(in.line);
    while (!units.at_end()) {
        std::uint64_t size_bytes = units.take<std::uint32_t>();
        const bool wide = size_bytes == 0xffff'ffff;
        size_bytes = wide ? units.take<std::uint64_t>() : size_bytes;
        unit(units.part(size_bytes), wide, in, rows).read();
    }
    for (row& each : rows) {
        each.address -= load_address;
    }
    std::stable_sort(rows.begin(), rows.end(), [](const row& left, const row& right) {
        return left.address != right.address ? left.address < right.address
                                             : left.file == nullptr && right.file != nullptr;
    });
    return rows;
}

} // namespace

constinit std::uintptr_t program_start = 0;

namespace {

int note_start(dl_phdr_info* program, std::size_t, void*) {
    std::uintptr_t lowest = UINTPTR_MAX;
    for (int part = 0; part < program->dlpi_phnum; ++part) {
        if (program->dlpi_phdr[part].p_type == PT_LOAD) {
            lowest = std::min<std::uintptr_t>(lowest, program->dlpi_phdr[part].p_vaddr);
        }
    }
    program_start = program->dlpi_addr + lowest;
    return 1; // the program is the first
}

[[gnu::constructor(101)]] void find_start() { ::dl_iterate_phdr(&note_start, nullptr); }

} // namespace

namespace {

/// Returns the row that a call which returns there belongs to, or null. Code of the standard library that is inlined belongs to
/// what comes before it in its function, if that is not of the library too.
const row* row_of(std::int32_t offset) noexcept {
    static const std::vector<row>* const rows =
        new std::vector<row>(read_rows()); // reports may be made at the very end
    if (offset <= 0) {
        return nullptr;
    }
    const auto call = static_cast<std::uint64_t>(offset) - 1; // a byte of the call itself
    const auto after = std::upper_bound(rows->begin(), rows->end(), call,
                                        [](std::uint64_t sought, const row& each) { return sought < each.address; });
    const auto is_place = [](const row& each) { return each.file != nullptr && each.line != 0; };
    if (after == rows->begin() || !is_place(*(after - 1))) {
        return nullptr;
    }
    const row* const exact = &*(after - 1);
    if (!exact->of_system) {
        return exact;
    }
    const function_symbol* const function = function_at(reinterpret_cast<const void*>(program_start + call));
    const std::uint64_t begin =
        function == nullptr ? exact->address : reinterpret_cast<std::uintptr_t>(function->address) - program_start;
    for (auto before = after - 1; before != rows->begin() && (before - 1)->address >= begin; --before) {
        if (!is_place(*(before - 1))) {
            break;
        }
        if (!(before - 1)->of_system) {
            return &*(before - 1);
        }
    }
    return exact;
}

/// Looks for the first caller that is not of the standard library.
struct caller_search {
    const void* from; ///< where the hook returns to; the frames before are the hook's own
    bool is_past = false;
    const row* found = nullptr;
};

_Unwind_Reason_Code at_frame(_Unwind_Context* context, void* data) {
    auto& search = *static_cast<caller_search*>(data);
    const auto* const code = reinterpret_cast<const void*>(_Unwind_GetIP(context)); // NOLINT: an address
    if (!search.is_past) {
        search.is_past = code == search.from;
        return _URC_NO_REASON;
    }
    const row* const here = row_of(offset_of_code(code));
    search.found = here != nullptr && !here->of_system ? here : nullptr;
    return search.found == nullptr ? _URC_NO_REASON : _URC_END_OF_STACK;
}

} // namespace

place place_of_code(std::int32_t offset) noexcept {
    const row* const found = row_of(offset);
    return found == nullptr ? place{} : place{found->file, found->line};
}

place place_of_caller(const void* code) noexcept {
    const row* const found = row_of(offset_of_code(code));
    if (found == nullptr || found->of_system) {
        caller_search search{code};
        _Unwind_Backtrace(&at_frame, &search);
        if (search.found != nullptr) {
            return {search.found->file, search.found->line};
        }
    }
    return found == nullptr ? place{} : place{found->file, found->line};
}

} // namespace cppvaldi::intercept
