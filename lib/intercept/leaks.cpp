/// Memory that is lost: blocks of the program that are not freed when it ends, and that nobody can reach. As LeakSanitizer does
/// it (its design document, "AddressSanitizerLeakSanitizerDesignDocument"): what lies in static variables, on the stacks and in
/// the thread-locals of threads that have not ended, and in blocks that can be reached, is taken for a pointer if it looks like
/// one. Here the stacks are those of starters, and blocks of this library itself are not followed, but for the thread control
/// blocks.
///
/// A word costs a look-up among the blocks. What it can miss: a block that a number happens to point to, or whose pointer is left
/// on a stack in use or in a thread-local of a thread that has ended. What it takes for lost and is not: what is pointed to from
/// memory of `mmap` only, or by a pointer that is stored in another form.

#include "intercept/leaks.hpp"

#include "explore/progress.hpp"
#include "intercept/caller.hpp"
#include "intercept/heap.hpp"
#include "intercept/snapshot/mappings.hpp"
#include "intercept/taken_over.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/place.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include <link.h>
#include <unistd.h>

namespace cppvaldi::intercept {

constinit bool looks_for_leaks = false;

namespace {

struct noted_block {
    std::size_t size_bytes = 0;
    std::uint64_t number = 0; ///< in the order of allocation
    place where;
    bool is_own = false; ///< this library's
    bool is_reached = false;
};

struct {
    std::map<std::uintptr_t, noted_block> blocks;
    std::uint64_t allocated = 0;
    address_range before; ///< what was allocated before the execution
    address_range own_code;
    bool main_is_over = false;
    bool is_at_work = false;
} notes;

/// While one lives, what is allocated is not noted, and goes with the execution.
class own_notes {
public:
    own_notes() noexcept { notes.is_at_work = true; }
    own_notes(const own_notes&) = delete;
    own_notes& operator=(const own_notes&) = delete;
    ~own_notes() { notes.is_at_work = false; }

private:
    detail::calls_of_its_own own_;
    lasting_memory passing_{false};
};

std::uintptr_t address_of(const void* where) noexcept { return reinterpret_cast<std::uintptr_t>(where); }

/// Finds the code of this library: the kernel, too, does its work on the starters' stacks.
int note_own_code(dl_phdr_info* info, std::size_t, void* own) {
    const std::uintptr_t here = reinterpret_cast<std::uintptr_t>(&note_own_code);
    for (int part = 0; part < info->dlpi_phnum; ++part) {
        const ElfW(Phdr)& header = info->dlpi_phdr[part];
        const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
        if (header.p_type == PT_LOAD && begin <= here && here < begin + header.p_memsz) {
            *static_cast<address_range*>(own) = {begin, begin + header.p_memsz};
            return 1;
        }
    }
    return 0;
}

/// Follows pointers.
class reach {
public:
    /// Says that what `pointer` points to is reached, even if it is a block of this library's, and what that points to.
    void follow_all_from(const void* pointer) {
        into_own_ = true;
        look_at(address_of(pointer));
        follow_blocks();
        into_own_ = false;
    }

    void look_at(const void* pointer) { look_at(address_of(pointer)); }

    /// Looks at all words in a range of memory.
    void follow(address_range in) {
        constexpr std::uintptr_t word = sizeof(void*);
        for (std::uintptr_t at = (in.begin + word - 1) / word * word; at + word <= in.end; at += word) {
            std::uintptr_t pointer = 0;
            std::memcpy(&pointer, reinterpret_cast<const void*>(at), sizeof pointer); // NOLINT: an address
            look_at(pointer);
        }
    }

    /// Follows what has been reached so far to its end.
    void follow_blocks() {
        while (!reached_.empty()) {
            const address_range next = reached_.back();
            reached_.pop_back();
            follow(next);
        }
    }

private:
    void look_at(std::uintptr_t pointer) {
        auto found = notes.blocks.upper_bound(pointer);
        if (found == notes.blocks.begin()) {
            return;
        }
        --found;
        noted_block& block = found->second;
        if (!block.is_reached && (into_own_ || !block.is_own) &&
            pointer - found->first < std::max<std::size_t>(block.size_bytes, 1)) {
            block.is_reached = true;
            reached_.push_back({found->first, found->first + block.size_bytes});
        }
    }

    std::vector<address_range> reached_;
    bool into_own_ = false;
};

int follow_module(dl_phdr_info* info, std::size_t, void* by) {
    for (int part = 0; part < info->dlpi_phnum; ++part) {
        const ElfW(Phdr)& header = info->dlpi_phdr[part];
        if (header.p_type == PT_LOAD && (header.p_flags & PF_W) != 0) {
            const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
            static_cast<reach*>(by)->follow({begin, begin + header.p_memsz});
        }
    }
    return 0;
}

/// What threads keep elsewhere: their thread-locals, the values of keys, what they have returned.
void follow_threads(reach& by, execution& in) {
    for (std::uint32_t number = 0; number < in.starters().size(); ++number) {
        const thread_record& each = ledger::of(in).thread(static_cast<starter_id>(number));
        if (each.world.block() != nullptr) {
            by.follow_all_from(each.has_left ? each.world.table() : each.world.block());
        }
        if (!each.joined) {
            by.look_at(each.result);
        }
        for (const void* value : each.values) {
            by.look_at(value);
        }
    }
}

void follow_stacks(reach& by, execution& in) {
    for (std::uint32_t number = 0; number < in.starters().size(); ++number) {
        const starter_record& each = in.starters()[static_cast<starter_id>(number)];
        const bool is_gone = each.state == starter_state::finished || (number == 0 && notes.main_is_over);
        const stack memory = each.flow.memory();
        const std::uintptr_t stands_at = address_of(each.flow.stands_at());
        if (!is_gone && address_of(memory.limit) <= stands_at && stands_at < address_of(memory.base)) {
            by.follow({stands_at, address_of(memory.base)});
        }
    }
}

/// From here on memory is allocated where none was before, so that nothing that is left over points there.
void use_fresh_memory() {
    if (heaps.passing == nullptr) {
        heaps.passing = arena::create();
        heaps.lasting = arena::create();
    }
    if (heaps.passing == nullptr || heaps.lasting == nullptr) {
        heaps = {};
        throw usage_error("--leaks all: there are not enough addresses");
    }
    heaps.passing->be_wasteful();
}

} // namespace

void learn_heap() {
    const std::uintptr_t end = address_of(::sbrk(0));
    notes.before = {end, end};
    for (const mapping& each : read_mappings()) {
        if (each.name == "[heap]") {
            notes.before.begin = each.where.begin;
        }
    }
}

void begin_to_look_for_leaks() {
    use_fresh_memory();
    const own_notes noting;
    looks_for_leaks = true;
    notes.blocks.clear();
    notes.allocated = 0;
    notes.main_is_over = false;
    if (notes.before.begin == 0) {
        learn_heap();
    }
    notes.before.end = address_of(::sbrk(0));
    (void)::dl_iterate_phdr(&note_own_code, &notes.own_code);
}

void main_is_over() noexcept { notes.main_is_over = true; }

void* note_allocated(void* block, std::size_t size_bytes, const void* return_address, const void* frame) noexcept {
    if (block == nullptr || notes.is_at_work) {
        return block;
    }
    const execution* const in = taken_over();
    const bool is_driver = in == nullptr || in->running() == nobody;
    const own_notes noting;
    const code_caller by = is_driver ? code_caller{} : caller_of(return_address, frame);
    const bool is_own =
        is_driver || (notes.own_code.begin <= address_of(by.code) && address_of(by.code) < notes.own_code.end);
    try {
        notes.blocks.insert_or_assign(address_of(block), noted_block{size_bytes, ++notes.allocated, by.where, is_own});
    } catch (...) { // there is no memory to note it, so it cannot be missed either
    }
    return block;
}

void note_released(void* block) noexcept {
    if (block != nullptr && !notes.is_at_work) {
        const own_notes noting;
        notes.blocks.erase(address_of(block));
    }
}

std::string what_leaked(execution& in) {
    const own_notes noting;
    looks_for_leaks = false;
    reach pointers;
    pointers.follow(notes.before);
    (void)::dl_iterate_phdr(&follow_module, &pointers);
    follow_threads(pointers, in);
    follow_stacks(pointers, in);
    pointers.follow_blocks();
    std::size_t lost_bytes = 0;
    std::uint64_t lost = 0;
    const noted_block* first = nullptr;
    for (const auto& [address, block] : notes.blocks) {
        if (!block.is_reached && !block.is_own) {
            ++lost;
            lost_bytes += block.size_bytes;
            first = first == nullptr || block.number < first->number ? &block : first;
        }
    }
    if (first == nullptr) {
        return {};
    }
    const std::string at = first->where.known() ? " at " + first->where.text() : "";
    const std::string bytes = text_of(std::uint64_t{lost_bytes}) + (lost_bytes == 1 ? " byte" : " bytes");
    if (lost == 1) {
        return bytes + " that nobody can reach are not freed, allocated" + at;
    }
    return bytes + " that nobody can reach are not freed, in " + text_of(lost) + " blocks; the first, of " +
           text_of(std::uint64_t{first->size_bytes}) + ", allocated" + at;
}

} // namespace cppvaldi::intercept
