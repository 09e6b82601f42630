/// flockfile and its kin. Calls like `fputs` lock the file inside the C library, where no starter is switched away from, so they
/// wait for nobody.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cstdio>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(flockfile);
CPPVALDI_NEXT(ftrylockfile);
CPPVALDI_NEXT(funlockfile);

detail::mutex_state& state_of(execution& in, const std::FILE* file) {
    return ledger::of(in).file_locks.at(file, [file](detail::mutex_state& fresh) {
        renew_object(fresh, file);
        fresh.kind = "file";
        fresh.when_locked_again = detail::mutex_state::again::counted;
        fresh.depth = 0;
    });
}

} // namespace

void parts::file_locks() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

void flockfile(FILE* file) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        (void)without_throwing(*in, [&] {
            lock(state_of(*in, file), where);
            return 0;
        });
        return;
    }
    next_flockfile(file);
}

int ftrylockfile(FILE* file) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] { return try_lock(state_of(*in, file), where) ? 0 : 1; });
    }
    return next_ftrylockfile(file);
}

void funlockfile(FILE* file) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        (void)without_throwing(*in, [&] {
            unlock(state_of(*in, file), where);
            return 0;
        });
        return;
    }
    next_funlockfile(file);
}
}
