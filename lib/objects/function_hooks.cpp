/// What `-finstrument-functions` calls at the beginning and the end of each function of the code under test. Static libraries give
/// it to programs that are compiled with that flag only; others take no notice.
///
/// An event outside an execution, or at a function that nobody watches, costs a load, a branch and a look into a small table.
/// Where the hook's own part of the stack begins, there ends that of the function that has called it.

#include "objects/here.hpp"

#include <cstdint>

extern "C" {

[[gnu::no_instrument_function]] void __cyg_profile_func_enter(void* function, void* call_site);
[[gnu::no_instrument_function]] void __cyg_profile_func_exit(void* function, void* call_site);

void __cyg_profile_func_enter(void* function, void*) {
    if (cppvaldi::here() != nullptr) {
        cppvaldi::here()->pass_function(function, cppvaldi::execution::side::before,
                                        reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
    }
}

void __cyg_profile_func_exit(void* function, void*) {
    if (cppvaldi::here() != nullptr) {
        cppvaldi::here()->pass_function(function, cppvaldi::execution::side::after,
                                        reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
    }
}
}
