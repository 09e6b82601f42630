/// What `-finstrument-functions` calls at the beginning and the end of each function of the code under test. Static libraries give
/// it to programs that are compiled with that flag only; others take no notice.
///
/// An event outside an execution, or at a function that nobody watches, costs a load, a branch and a look at a short list.

#include "objects/here.hpp"

extern "C" {

[[gnu::no_instrument_function]] void __cyg_profile_func_enter(void* function, void* call_site);
[[gnu::no_instrument_function]] void __cyg_profile_func_exit(void* function, void* call_site);

void __cyg_profile_func_enter(void* function, void*) {
    if (cppvaldi::here() != nullptr) {
        cppvaldi::here()->pass_function(function, cppvaldi::execution::side::before);
    }
}

void __cyg_profile_func_exit(void* function, void*) {
    if (cppvaldi::here() != nullptr) {
        cppvaldi::here()->pass_function(function, cppvaldi::execution::side::after);
    }
}
}
