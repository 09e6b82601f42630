#include "kernel/static_memory.hpp"

#if defined(__linux__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <link.h>

namespace cppvaldi {

namespace {

struct part {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
};

int note_parts(dl_phdr_info* module, std::size_t, void* to) {
    for (int number = 0; number < module->dlpi_phnum; ++number) {
        const ElfW(Phdr)& each = module->dlpi_phdr[number];
        if (each.p_type == PT_LOAD && (each.p_flags & PF_W) != 0) {
            const std::uintptr_t begin = module->dlpi_addr + each.p_vaddr;
            static_cast<std::vector<part>*>(to)->push_back({begin, begin + each.p_memsz});
        }
    }
    return 0;
}

std::vector<part> static_parts() {
    std::vector<part> parts;
    ::dl_iterate_phdr(&note_parts, &parts);
    return parts;
}

} // namespace

bool is_static(const void* address) noexcept {
    static const std::vector<part>* const parts = new std::vector<part>(static_parts()); // asked at the very end, too
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    return std::any_of(parts->begin(), parts->end(),
                       [at](const part& each) { return each.begin <= at && at < each.end; });
}

} // namespace cppvaldi

#else

namespace cppvaldi {

bool is_static(const void*) noexcept { return false; }

} // namespace cppvaldi

#endif
