/// What code that is compiled with `-fsanitize=thread` calls in place of atomic instructions. Each is a scheduling point and then
/// the real operation on the real memory. All memory orders are `seq_cst`.

#include "intercept/accesses/accesses.hpp"

#include <cstring>

namespace {

using cppvaldi::access_kind;
using cppvaldi::operation_kind;
using cppvaldi::intercept::announce_atomic;
using cppvaldi::intercept::atomic_is_done;
using cppvaldi::intercept::atomic_outcome;

__extension__ using number_128 = unsigned __int128;

/// All is done by one OS thread as far as an execution goes, but not outside: then the processor has to see to it. Sixteen bytes
/// at once would need a library of their own, so they are exchanged by the instruction itself.
template <typename Number>
bool exchange_if_equal(volatile Number* at, Number& expected, Number desired) noexcept {
    if constexpr (sizeof(Number) <= 8) {
        return __atomic_compare_exchange_n(at, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    } else {
        auto low = static_cast<std::uint64_t>(expected);
        auto high = static_cast<std::uint64_t>(expected >> 64);
        bool exchanged = false;
        __asm__ __volatile__("lock cmpxchg16b %1"
                             : "=@ccz"(exchanged), "+m"(*at), "+a"(low), "+d"(high)
                             : "b"(static_cast<std::uint64_t>(desired)), "c"(static_cast<std::uint64_t>(desired >> 64))
                             : "memory");
        expected = static_cast<Number>(high) << 64 | low;
        return exchanged;
    }
}

template <typename Number>
Number load(const volatile Number* at, const void* code) noexcept {
    const bool known = announce_atomic(at, sizeof(Number), operation_kind::load, access_kind::read, code);
    Number seen{};
    if constexpr (sizeof(Number) <= 8) {
        seen = __atomic_load_n(at, __ATOMIC_SEQ_CST);
    } else {
        (void)exchange_if_equal(const_cast<volatile Number*>(at), seen, seen); // NOLINT: it writes what is there
    }
    if (known) {
        atomic_is_done(at, access_kind::read, atomic_outcome::done);
    }
    return seen;
}

/// Replaces the value by what `change` makes of it. Returns what it was.
template <typename Number, typename Change>
Number modify(volatile Number* at, operation_kind kind, access_kind access, const void* code, Change change) noexcept {
    const bool known = announce_atomic(at, sizeof(Number), kind, access, code);
    Number seen{};
    std::memcpy(&seen, const_cast<const Number*>(at), sizeof seen); // NOLINT: a guess, which the exchange puts right
    while (!exchange_if_equal(at, seen, change(seen))) {}
    if (known) {
        atomic_is_done(at, access, change(seen) == seen ? atomic_outcome::unchanged : atomic_outcome::done);
    }
    return seen;
}

template <typename Number>
bool compare_exchange(volatile Number* at, Number* expected, Number desired, const void* code) noexcept {
    const bool known = announce_atomic(at, sizeof(Number), operation_kind::compare_exchange, access_kind::update, code);
    const bool exchanged = exchange_if_equal(at, *expected, desired);
    if (known) {
        atomic_is_done(at, access_kind::update,
                       !exchanged             ? atomic_outcome::failed
                       : desired == *expected ? atomic_outcome::unchanged
                                              : atomic_outcome::done);
    }
    return exchanged;
}

} // namespace

#define CPPVALDI_CODE __builtin_extract_return_addr(__builtin_return_address(0))

// Each hook is declared, as the compiler warns otherwise, and then defined.
#define CPPVALDI_MODIFY(bits, number, name, kind, access, becomes)                                      \
    number __tsan_atomic##bits##_##name(volatile number* at, number operand, int order);                \
    number __tsan_atomic##bits##_##name(volatile number* at, number operand, int) {                     \
        return modify(at, operation_kind::kind, access_kind::access, CPPVALDI_CODE,                     \
                      [operand]([[maybe_unused]] number old) { return static_cast<number>(becomes); }); \
    }

#define CPPVALDI_COMPARE(bits, number, name)                                                                         \
    int __tsan_atomic##bits##_##name(volatile number* at, number* expected, number desired, int order, int failure); \
    int __tsan_atomic##bits##_##name(volatile number* at, number* expected, number desired, int, int) {              \
        return compare_exchange(at, expected, desired, CPPVALDI_CODE) ? 1 : 0;                                       \
    }

#define CPPVALDI_ATOMIC_HOOKS(bits, number)                                                                            \
    number __tsan_atomic##bits##_load(const volatile number* at, int order);                                           \
    number __tsan_atomic##bits##_load(const volatile number* at, int) { return load(at, CPPVALDI_CODE); }              \
    void __tsan_atomic##bits##_store(volatile number* at, number desired, int order);                                  \
    void __tsan_atomic##bits##_store(volatile number* at, number desired, int) {                                       \
        (void)modify(at, operation_kind::store, access_kind::write, CPPVALDI_CODE,                                     \
                     [desired](number) { return desired; });                                                           \
    }                                                                                                                  \
    CPPVALDI_MODIFY(bits, number, exchange, exchange, update, operand)                                                 \
    CPPVALDI_MODIFY(bits, number, fetch_add, fetch_modify, update, old + operand)                                      \
    CPPVALDI_MODIFY(bits, number, fetch_sub, fetch_modify, update, old - operand)                                      \
    CPPVALDI_MODIFY(bits, number, fetch_and, fetch_modify, update, old& operand)                                       \
    CPPVALDI_MODIFY(bits, number, fetch_or, fetch_modify, update, old | operand)                                       \
    CPPVALDI_MODIFY(bits, number, fetch_xor, fetch_modify, update, old ^ operand)                                      \
    CPPVALDI_MODIFY(bits, number, fetch_nand, fetch_modify, update, ~(old & operand))                                  \
    CPPVALDI_COMPARE(bits, number, compare_exchange_strong)                                                            \
    CPPVALDI_COMPARE(bits, number, compare_exchange_weak)                                                              \
    number __tsan_atomic##bits##_compare_exchange_val(volatile number* at, number expected, number desired, int order, \
                                                      int failure);                                                    \
    number __tsan_atomic##bits##_compare_exchange_val(volatile number* at, number expected, number desired, int,       \
                                                      int) {                                                           \
        (void)compare_exchange(at, &expected, desired, CPPVALDI_CODE);                                                 \
        return expected;                                                                                               \
    }

extern "C" {

CPPVALDI_ATOMIC_HOOKS(8, std::uint8_t)
CPPVALDI_ATOMIC_HOOKS(16, std::uint16_t)
CPPVALDI_ATOMIC_HOOKS(32, std::uint32_t)
CPPVALDI_ATOMIC_HOOKS(64, std::uint64_t)
CPPVALDI_ATOMIC_HOOKS(128, number_128)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    cppvaldi::intercept::announce_fence(CPPVALDI_CODE);
}

// It is for signal handlers, which run in no starter.
void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
}
