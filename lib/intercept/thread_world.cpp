/// Thread control blocks on glibc's own terms. `_dl_allocate_tls` makes one, with room for all that is in the static TLS area and a
/// table (the "dtv") for the rest. The C library's own part of it is kept when a block is used again: its allocator has a cache
/// there. All the rest is put back to what a thread begins with.
///
/// The layout that this file relies on is part of the x86-64 ABI (the head of the block) or of how thread-locals are looked up
/// (the table), so compiled programs rely on it, too; the one offset that is not is asked from what glibc tells debuggers.

#include "intercept/thread_world.hpp"

#include "fiber/thread_block.hpp"

#include <dlfcn.h>
#include <link.h>
#include <locale.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

namespace cppvaldi::intercept {

namespace {

/// The head of a thread control block: tcbhead_t.
struct block_head {
    void* self;
    struct table_entry* table;
    void* thread;
    int multiple_threads;
    int scope_flag;
    std::uintptr_t system_info;
    std::uintptr_t stack_guard; // which functions compare at their ends
    std::uintptr_t pointer_guard;
};
static_assert(offsetof(block_head, stack_guard) == 0x28);

/// Where a module's thread-locals lie, in the entry of its number.
struct table_entry {
    void* memory;
    void* to_free; ///< null for what lies in the block itself
};

/// What an entry says while there is no memory yet.
void* const not_allocated = reinterpret_cast<void*>(-1L);

block_head& head_of(void* block) noexcept { return *static_cast<block_head*>(block); }

/// One module's thread-locals.
struct module_locals {
    std::size_t number;
    const void* image;
    std::size_t image_size_bytes;
    std::size_t size_bytes;
    std::ptrdiff_t offset; ///< from the block, if it is static
    bool is_static;
};

/// What all worlds need to know. It is the process's, as the modules are.
struct {
    void* (*allocate)(void*) = nullptr;
    void (*deallocate)(void*, bool) = nullptr;
    void (*call_destructors)() = nullptr;
    std::size_t thread_id_offset = 0;
    std::size_t list_offset = 0;
    std::uint64_t modules_seen = 0; ///< loaded and unloaded, all together
    std::vector<module_locals> modules;
    const char* problem = "the C library has not been asked yet";
    bool asked = false;
} process;

template <typename Pointer>
bool find(Pointer& found, const char* name) noexcept {
    void* const address = ::dlsym(RTLD_DEFAULT, name);
    std::memcpy(&found, &address, sizeof found);
    return address != nullptr;
}

const char* ask_the_c_library() noexcept {
    const std::uint32_t* thread_id = nullptr; // of a debugger's descriptions: bits, count, offset
    const std::uint32_t* list = nullptr;
    if (!find(process.allocate, "_dl_allocate_tls") || !find(process.deallocate, "_dl_deallocate_tls") ||
        !find(process.call_destructors, "__call_tls_dtors")) {
        return "the C library does not hand out thread control blocks; glibc 2.34 or newer does";
    }
    if (!find(thread_id, "_thread_db_pthread_tid") || thread_id[0] != 32 || thread_id[2] > 4096 ||
        !find(list, "_thread_db_pthread_list") || list[0] != 128 || list[2] > 4096) {
        return "the C library does not say where a thread keeps its number; glibc 2.34 or newer does";
    }
    process.thread_id_offset = thread_id[2];
    process.list_offset = list[2];
    if (thread_block::current() != head_of(thread_block::current()).thread) {
        return "a thread control block does not look as on x86-64";
    }
    thread_block::written_by_instruction = thread_block::can_be_written();
    return nullptr;
}

bool is_the_c_library(const char* path) noexcept {
    const std::string_view name(path);
    return name.find("/libc.so") != name.npos || name.find("/ld-linux") != name.npos;
}

int note_module(dl_phdr_info* info, std::size_t, void* first) {
    const std::uint64_t seen = info->dlpi_adds + info->dlpi_subs;
    if (*static_cast<bool*>(first)) {
        if (process.modules_seen == seen) {
            return 1;
        }
        process.modules_seen = seen;
        process.modules.clear();
        *static_cast<bool*>(first) = false;
    }
    if (info->dlpi_tls_modid == 0 || is_the_c_library(info->dlpi_name)) {
        return 0;
    }
    for (int part = 0; part < info->dlpi_phnum; ++part) {
        const ElfW(Phdr)& header = info->dlpi_phdr[part];
        if (header.p_type != PT_TLS) {
            continue;
        }
        char* const block = static_cast<char*>(thread_block::current());
        const table_entry& here = head_of(block).table[info->dlpi_tls_modid];
        const bool is_static =
            info->dlpi_tls_data != nullptr && here.to_free == nullptr && here.memory != not_allocated;
        process.modules.push_back(
            {info->dlpi_tls_modid, reinterpret_cast<const void*>(info->dlpi_addr + header.p_vaddr), header.p_filesz,
             header.p_memsz, is_static ? static_cast<char*>(info->dlpi_tls_data) - block : 0, is_static});
    }
    return 0;
}

/// Puts a module's thread-locals back to their initial values, if there are any in this block.
void renew_module(const module_locals& module, void* block) noexcept {
    char* memory = static_cast<char*>(block) + module.offset;
    if (!module.is_static) {
        const table_entry* const table = head_of(block).table;
        const auto length = reinterpret_cast<std::uintptr_t>(table[-1].memory);
        if (module.number > length || table[module.number].memory == not_allocated ||
            table[module.number].memory == nullptr) {
            return;
        }
        memory = static_cast<char*>(table[module.number].memory);
    }
    std::memcpy(memory, module.image, module.image_size_bytes);
    std::memset(memory + module.image_size_bytes, 0, module.size_bytes - module.image_size_bytes);
}

} // namespace

const char* thread_world::why_not() noexcept {
    if (!process.asked) {
        process.problem = ask_the_c_library();
        process.asked = true;
    }
    return process.problem;
}

void thread_world::learn_modules() {
    bool first = true;
    ::dl_iterate_phdr(&note_module, &first);
    __libc_single_threaded = 0; // or reference counts are not atomic, as a thread's are
}

void* thread_world::renew() {
    void* const mine = thread_block::current();
    if (block_ == nullptr) {
        block_ = process.allocate(nullptr);
        if (block_ == nullptr) {
            throw std::bad_alloc();
        }
        block_head& head = head_of(block_);
        head.self = block_;
        head.thread = block_;
        head.multiple_threads = 1;
        head.system_info = head_of(mine).system_info;
        head.stack_guard = head_of(mine).stack_guard;
        head.pointer_guard = head_of(mine).pointer_guard;
        auto* const list =
            static_cast<char*>(block_) + process.list_offset; // of threads: it is in none, as fork expects
        std::memcpy(list, &list, sizeof(void*));
        std::memcpy(list + sizeof(void*), &list, sizeof(void*));
    } else {
        for (const module_locals& each : process.modules) {
            renew_module(each, block_);
        }
    }
    std::memcpy(static_cast<char*>(block_) + process.thread_id_offset,
                static_cast<const char*>(mine) + process.thread_id_offset, sizeof(int));
    thread_block::enter(block_);
    ::uselocale(LC_GLOBAL_LOCALE); // which also says what a letter is
    errno = 0;
    thread_block::enter(mine);
    return block_;
}

const void* thread_world::table() const noexcept { return head_of(block_).table; }

void thread_world::discard() noexcept {
    if (block_ != nullptr) {
        process.deallocate(std::exchange(block_, nullptr), true);
    }
}

void thread_world::end() noexcept { process.call_destructors(); }

} // namespace cppvaldi::intercept
