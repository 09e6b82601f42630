/// What draws lots: each execution draws the same ones. `rand` and its kin give the numbers that glibc gives for the same seed.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>

#include <sys/random.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(getrandom);
CPPVALDI_NEXT(getentropy);
CPPVALDI_NEXT(rand);
CPPVALDI_NEXT(srand);
CPPVALDI_NEXT(random);
CPPVALDI_NEXT(srandom);
CPPVALDI_NEXT(drand48);
CPPVALDI_NEXT(lrand48);
CPPVALDI_NEXT(mrand48);
CPPVALDI_NEXT(srand48);
CPPVALDI_NEXT(initstate);
CPPVALDI_NEXT(setstate);
CPPVALDI_NEXT(seed48);
CPPVALDI_NEXT(lcong48);
next_function<std::uint32_t (*)()> next_arc4random{"arc4random"};
next_function<void (*)(void*, std::size_t)> next_arc4random_buf{"arc4random_buf"};
next_function<std::uint32_t (*)(std::uint32_t)> next_arc4random_uniform{"arc4random_uniform"};
next_function<unsigned int (*)(void*)> next_random_device{"_ZNSt13random_device9_M_getvalEv"};

void fill(ledger& kept, void* memory, std::size_t size_bytes) noexcept {
    auto* to = static_cast<char*>(memory);
    while (size_bytes > 0) {
        const std::uint64_t number = kept.numbers.next();
        const std::size_t taken = std::min(size_bytes, sizeof number);
        std::memcpy(to, &number, taken);
        to += taken;
        size_bytes -= taken;
    }
}

/// Returns the array that holds the state of `random`, in front of which its kind is noted.
char* state_of(const random_data& random) noexcept { return reinterpret_cast<char*>(random.state - 1); }

int next_random_of(ledger& kept) noexcept {
    std::int32_t number = 0;
    (void)::random_r(&kept.random, &number);
    return number;
}

} // namespace

void parts::randomness() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

ssize_t getrandom(void* memory, size_t size_bytes, unsigned int flags) {
    if (cppvaldi::execution* const in = taken_over()) {
        fill(ledger::of(*in), memory, size_bytes);
        return static_cast<ssize_t>(size_bytes);
    }
    return next_getrandom(memory, size_bytes, flags);
}

int getentropy(void* memory, size_t size_bytes) {
    if (cppvaldi::execution* const in = taken_over()) {
        constexpr size_t most_bytes = 256;
        if (size_bytes > most_bytes) {
            errno = EIO;
            return -1;
        }
        fill(ledger::of(*in), memory, size_bytes);
        return 0;
    }
    return next_getentropy(memory, size_bytes);
}

std::uint32_t arc4random() noexcept {
    cppvaldi::execution* const in = taken_over();
    return in != nullptr ? static_cast<std::uint32_t>(ledger::of(*in).numbers.next() >> 32) : next_arc4random();
}

void arc4random_buf(void* memory, size_t size_bytes) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        fill(ledger::of(*in), memory, size_bytes);
    } else {
        next_arc4random_buf(memory, size_bytes);
    }
}

std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        return bound == 0 ? 0 : ledger::of(*in).numbers.below(bound);
    }
    return next_arc4random_uniform(bound);
}

int rand() noexcept {
    cppvaldi::execution* const in = taken_over();
    return in != nullptr ? next_random_of(ledger::of(*in)) : next_rand();
}

void srand(unsigned int seed) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        (void)::srandom_r(seed, &ledger::of(*in).random);
    } else {
        next_srand(seed);
    }
}

long random() noexcept {
    cppvaldi::execution* const in = taken_over();
    return in != nullptr ? next_random_of(ledger::of(*in)) : next_random();
}

void srandom(unsigned int seed) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        (void)::srandom_r(seed, &ledger::of(*in).random);
    } else {
        next_srandom(seed);
    }
}

char* initstate(unsigned int seed, char* state, size_t size_bytes) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        random_data& random = ledger::of(*in).random;
        char* const before = state_of(random);
        return ::initstate_r(seed, state, size_bytes, &random) == 0 ? before : nullptr;
    }
    return next_initstate(seed, state, size_bytes);
}

char* setstate(char* state) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        random_data& random = ledger::of(*in).random;
        char* const before = state_of(random);
        return ::setstate_r(state, &random) == 0 ? before : nullptr;
    }
    return next_setstate(state);
}

double drand48() noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        double number = 0;
        (void)::drand48_r(&ledger::of(*in).random48, &number);
        return number;
    }
    return next_drand48();
}

long lrand48() noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        long number = 0;
        (void)::lrand48_r(&ledger::of(*in).random48, &number);
        return number;
    }
    return next_lrand48();
}

long mrand48() noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        long number = 0;
        (void)::mrand48_r(&ledger::of(*in).random48, &number);
        return number;
    }
    return next_mrand48();
}

void srand48(long seed) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        (void)::srand48_r(seed, &ledger::of(*in).random48);
    } else {
        next_srand48(seed);
    }
}

unsigned short* seed48(unsigned short seed[3]) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        drand48_data& random = ledger::of(*in).random48;
        (void)::seed48_r(seed, &random);
        return random.__old_x;
    }
    return next_seed48(seed);
}

void lcong48(unsigned short parameters[7]) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        (void)::lcong48_r(parameters, &ledger::of(*in).random48);
    } else {
        next_lcong48(parameters);
    }
}
}

/// libstdc++'s, which may ask the processor.
std::random_device::result_type std::random_device::_M_getval() {
    cppvaldi::execution* const in = taken_over();
    return in != nullptr ? static_cast<result_type>(ledger::of(*in).numbers.next() >> 32) : next_random_device(this);
}
