#include "intercept/snapshot/memory_image.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

constexpr std::size_t page_bytes = 4096;

// Of an entry of /proc/self/pagemap.
constexpr std::uint64_t is_present = std::uint64_t{1} << 63;
constexpr std::uint64_t is_swapped = std::uint64_t{1} << 62;
constexpr std::uint64_t is_of_file = std::uint64_t{1} << 61; ///< or of memory that is shared

/// So many pages are asked about at once.
constexpr std::size_t pages_asked = 512;
constexpr std::size_t stack_pages_asked = 16;

/// Written to see whether that is seen.
volatile int probe = 0;

std::byte* pointer_to(std::uintptr_t address) noexcept { return reinterpret_cast<std::byte*>(address); } // NOLINT

/// REQUIRES: nobody has interfered with the numbers from `first` on.
int opened(const char* path, int first) {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC); // NOLINT(cppcoreguidelines-pro-type-vararg)
    const int moved = file < 0 ? -1 : ::fcntl(file, F_DUPFD_CLOEXEC, first); // NOLINT
    (void)::close(file);
    if (moved < 0) {
        throw usage_error(std::string("--mode snapshot: ") + path + " cannot be read; use --mode fork");
    }
    return moved;
}

long page_faults() noexcept {
    rusage used{};
    (void)::getrusage(RUSAGE_SELF, &used);
    return used.ru_minflt + used.ru_majflt;
}

/// Asks the operating system itself: the C library would remember the answer.
std::uintptr_t program_break(std::uintptr_t wanted) noexcept {
    return static_cast<std::uintptr_t>(::syscall(SYS_brk, wanted)); // NOLINT(cppcoreguidelines-pro-type-vararg)
}

bool is_zero(const std::byte* page) noexcept {
    return *page == std::byte{0} && std::memcmp(page, page + 1, page_bytes - 1) == 0;
}

[[noreturn]] void refuse(const std::string& why) { throw usage_error("--mode snapshot: " + why + "; use --mode fork"); }

/// Whether nothing is to be put back there: nobody can write it, or it is the kernel's, the stack of the driver, or shared with the
/// process that looks on.
bool is_left_alone(const mapping& each) noexcept {
    return each.access[1] != 'w' || each.access[3] == 's' ||
           (each.name.starts_with('[') && each.name != "[heap]" && !each.name.starts_with("[anon"));
}

} // namespace

memory_image::memory_image(exceptions given) : given_(std::move(given)) {
    page_states_ = opened("/proc/self/pagemap", given_.first_descriptor);
    maps_ = opened("/proc/self/maps", given_.first_descriptor);
    sizes_ = opened("/proc/self/statm", given_.first_descriptor);
    states_.resize(pages_asked);
    find_regions(read_mappings(maps_));
    const std::size_t size_bytes = regions_.empty() ? 0 : regions_.back().offset + regions_.back().where.size_bytes();
    is_written_.resize(size_bytes / page_bytes);
    written_.reserve(is_written_.size());
    at_.reserve(is_written_.size());
    const auto* const arguments = pointer_to(given_.arguments.begin);
    arguments_.assign(arguments, arguments + given_.arguments.size_bytes());
    break_ = program_break(0);

    const int file = ::memfd_create("image", MFD_CLOEXEC);
    void* const mapped = file < 0 || ::ftruncate(file, static_cast<off_t>(size_bytes)) != 0
                             ? MAP_FAILED
                             : ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
        refuse("there is no memory for a copy of the program's");
    }
    image_ = static_cast<std::byte*>(mapped);
    for (const region& each : regions_) {
        take(each, file);
    }
    (void)::close(file);
    probe = 1;
    look_for_written();
    const auto probed = reinterpret_cast<std::uintptr_t>(&probe) / page_bytes * page_bytes;
    if (written_.size() == is_written_.size() || std::find(at_.begin(), at_.end(), probed) == at_.end()) {
        refuse("the operating system does not say which memory has been written");
    }
    mappings_ = read_mappings(maps_);
    put_back();
    mappings_ = read_mappings(maps_);
    mapped_ = mapped_pages();
}

void memory_image::find_regions(const std::vector<mapping>& all) {
    std::vector<address_range> left_out = given_.left_out;
    left_out.insert(left_out.end(), given_.stacks.begin(), given_.stacks.end());
    std::size_t offset = 0;
    for (const mapping& each : all) {
        if (is_left_alone(each)) {
            continue;
        }
        for (const address_range& part : without(each.where, left_out)) {
            const int access = PROT_READ | PROT_WRITE | (each.access[2] == 'x' ? PROT_EXEC : 0);
            regions_.push_back({part, offset, access});
            offset += part.size_bytes();
        }
    }
}

/// Nothing may be written there between the copy and the mapping, so nothing else is done.
void memory_image::take(const region& each, int file) {
    for (std::size_t from = 0; from < each.where.size_bytes(); from += pages_asked * page_bytes) {
        const std::size_t pages = std::min(pages_asked, (each.where.size_bytes() - from) / page_bytes);
        const std::uint64_t* const states = states_of(each.where.begin + from, pages);
        for (std::size_t page = 0; page < pages; ++page) {
            const std::byte* const at = pointer_to(each.where.begin + from + page * page_bytes);
            if ((states[page] & (is_present | is_swapped | is_of_file)) != 0 && !is_zero(at)) {
                std::memcpy(image_ + each.offset + from + page * page_bytes, at, page_bytes);
            }
        }
    }
    if (::mmap(pointer_to(each.where.begin), each.where.size_bytes(), each.access, MAP_PRIVATE | MAP_FIXED, file,
               static_cast<off_t>(each.offset)) == MAP_FAILED) {
        refuse("the program's memory cannot be mapped anew");
    }
}

const std::uint64_t* memory_image::states_of(std::uintptr_t begin, std::size_t pages) {
    const auto wanted = static_cast<ssize_t>(pages * sizeof(std::uint64_t));
    if (::pread(page_states_, states_.data(), static_cast<std::size_t>(wanted),
                static_cast<off_t>(begin / page_bytes * sizeof(std::uint64_t))) != wanted) {
        refuse("/proc/self/pagemap cannot be read any more");
    }
    return states_.data();
}

void memory_image::look_for_written() {
    for (const region& each : regions_) {
        look_for_written(each.where, each.offset / page_bytes);
    }
    for (const address_range& each : given_.stacks) {
        look_at_stack(each);
    }
}

void memory_image::look_for_written(const address_range& where, std::size_t first_page) {
    for (std::size_t from = 0; from < where.size_bytes(); from += pages_asked * page_bytes) {
        const std::size_t pages = std::min(pages_asked, (where.size_bytes() - from) / page_bytes);
        const std::uint64_t* const states = states_of(where.begin + from, pages);
        for (std::size_t page = 0; page < pages; ++page) {
            const bool is_own = (states[page] & (is_present | is_swapped)) != 0 && (states[page] & is_of_file) == 0;
            const std::size_t number = first_page + from / page_bytes + page;
            if (is_own && is_written_[number] == 0) {
                is_written_[number] = 1;
                written_.push_back(static_cast<std::uint32_t>(number));
                at_.push_back(where.begin + from + page * page_bytes);
            }
        }
    }
}

/// From its top, as far as it has been touched.
void memory_image::look_at_stack(const address_range& where) {
    for (std::uintptr_t end = where.end; end > where.begin;) {
        const std::size_t pages = std::min(stack_pages_asked, (end - where.begin) / page_bytes);
        end -= pages * page_bytes;
        const std::uint64_t* const states = states_of(end, pages);
        bool some = false;
        for (std::size_t page = pages; page-- > 0;) {
            const std::uintptr_t at = end + page * page_bytes;
            if ((states[page] & (is_present | is_swapped)) == 0) {
                continue;
            }
            some = true;
            if (std::find(stack_pages_.begin(), stack_pages_.end(), at) == stack_pages_.end()) {
                stack_pages_.push_back(at);
            }
        }
        if (!some) {
            return;
        }
    }
}

void memory_image::put_back() {
    const long faults = page_faults();
    const bool looks = faults != faults_;
    if (looks) {
        look_for_written();
    }
    for (std::size_t each = 0; each < written_.size(); ++each) {
        std::memcpy(pointer_to(at_[each]), image_ + std::size_t{written_[each]} * page_bytes, page_bytes);
    }
    for (const std::uintptr_t each : stack_pages_) {
        std::memset(pointer_to(each), 0, page_bytes);
    }
    std::memcpy(pointer_to(given_.arguments.begin), arguments_.data(), arguments_.size());
    if (mapped_ != 0 && mapped_pages() != mapped_) {
        check_mappings();
    }
    faults_ = looks ? page_faults() : faults;
}

void memory_image::keep(const void* at, std::size_t size_bytes) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    for (const region& each : regions_) {
        if (each.where.begin <= address && address + size_bytes <= each.where.end) {
            std::memcpy(image_ + each.offset + (address - each.where.begin), at, size_bytes);
        }
    }
}

std::size_t memory_image::mapped_pages() const {
    char text[64];
    const ssize_t size = ::pread(sizes_, text, sizeof text, 0);
    std::size_t pages = 0;
    if (size <= 0 || std::from_chars(text, text + size, pages).ec != std::errc{}) {
        refuse("the program has closed descriptors that are not its own");
    }
    return pages;
}

void memory_image::check_mappings() {
    (void)program_break(break_);
    const std::vector<mapping> now = read_mappings(maps_);
    std::vector<address_range> before;
    before.reserve(mappings_.size());
    for (const mapping& each : mappings_) {
        before.push_back(each.where);
    }
    for (const mapping& each : now) {
        if (each.name.starts_with('[') && each.name != "[heap]") { // the kernel's; and a stack may have grown
            continue;
        }
        for (const address_range& part : without(each.where, before)) {
            (void)::munmap(pointer_to(part.begin), part.size_bytes());
        }
    }
    for (const mapping& each : mappings_) {
        std::vector<address_range> like;
        for (const mapping& other : now) {
            if (each.is_like(other)) {
                like.push_back(other.where);
            }
        }
        if (!without(each.where, like).empty()) {
            refuse("the program has unmapped or protected memory that was there before main");
        }
    }
    mapped_ = mapped_pages();
}

} // namespace cppvaldi::intercept
