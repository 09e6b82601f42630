/// pthread_barrier_wait and its kin.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <pthread.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_barrier_init);
CPPVALDI_NEXT(pthread_barrier_destroy);
CPPVALDI_NEXT(pthread_barrier_wait);

/// Where glibc keeps how many must arrive, which it tells nobody, and where it keeps nothing.
constexpr std::size_t count_offset = 8;
constexpr std::size_t note_offset = 24;
static_assert(sizeof(pthread_barrier_t) >= note_offset + sizeof(note_in_place));

note_in_place& note_of(pthread_barrier_t& barrier) noexcept {
    return *reinterpret_cast<note_in_place*>(reinterpret_cast<char*>(&barrier) + note_offset);
}

detail::barrier_state& state_of(execution& in, pthread_barrier_t* barrier) {
    return state_of(ledger::of(in).barriers, in.serial(), note_of(*barrier), barrier,
                    [barrier](detail::barrier_state& fresh) {
                        unsigned int count = 0;
                        std::memcpy(&count, reinterpret_cast<const char*>(barrier) + count_offset, sizeof count);
                        fresh.expected = fresh.missing = fresh.constructed_with = count;
                        fresh.phase = 0;
                        fresh.completing = false;
                    });
}

} // namespace

void parts::barriers() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                         unsigned int count) noexcept {
    const int problem = next_pthread_barrier_init(barrier, attributes, count);
    if (problem == 0) {
        note_of(*barrier) = {};
    }
    return problem;
}

int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::detail::barrier_state& state = state_of(*in, barrier);
        if (!in->unwinding() && state.missing != state.expected) {
            return EBUSY;
        }
    }
    note_of(*barrier) = {};
    return next_pthread_barrier_destroy(barrier);
}

int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const cppvaldi::place where = CPPVALDI_CALLER;
        return without_throwing(*in, [&] {
            auto& state = state_of(*in, barrier);
            constexpr cppvaldi::detail::completion_step nothing{[](void*) noexcept {}, nullptr, false};
            const std::uint64_t phase = arrive(state, 1, cppvaldi::detail::next_phase::takes_part, nothing, where);
            if (state.phase != phase) {
                return PTHREAD_BARRIER_SERIAL_THREAD;
            }
            wait(state, phase, where);
            return 0;
        });
    }
    return next_pthread_barrier_wait(barrier);
}
}
