#include "fiber/thread_block.hpp"

#if CPPVALDI_THREAD_BLOCKS

#include <sys/auxv.h>

namespace cppvaldi::thread_block {

bool can_be_written() noexcept {
    constexpr unsigned long fsgsbase = 2; // HWCAP2_FSGSBASE
    return (::getauxval(AT_HWCAP2) & fsgsbase) != 0;
}

constinit bool written_by_instruction = false;

} // namespace cppvaldi::thread_block

#endif
