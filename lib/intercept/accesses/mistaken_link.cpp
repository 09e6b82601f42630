#include "intercept/accesses/mistaken_link.hpp"

#include <string_view>

#include <unistd.h>

// Only the sanitizer's own library has it.
extern "C" [[gnu::weak]] void* __tsan_create_fiber(unsigned flags);

namespace cppvaldi::intercept {

void refuse_mistaken_link() noexcept {
    if (&__tsan_create_fiber == nullptr) {
        return;
    }
    constexpr std::string_view said =
        "cppvaldi: this program is linked with -fsanitize=thread, so the sanitizer's own library takes over the calls "
        "that cppvaldi-intercept is to take over; compile the code under test with -fsanitize=thread, and link "
        "without it\n";
    (void)!::write(STDERR_FILENO, said.data(), said.size());
    ::_exit(2);
}

} // namespace cppvaldi::intercept
