// What each member of `atomic` does, beside what the standard says of it.

#include <cppvaldi/atomic.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>

namespace {

struct pair {
    std::int8_t small;
    std::int32_t large; // three bytes of padding before it

    [[maybe_unused]] friend bool operator==(const pair&, const pair&) { return false; } // atomics do not ask it
};

struct without_default {
    explicit without_default(int given) : value(given) {}
    int value;
};

enum class colour : std::uint8_t { red, green };

struct big {
    std::uint64_t words[4];
};

// --- types, against the standard library's own ---

template <typename T>
constexpr bool same_shape() {
    using ours = cppvaldi::atomic<T>;
    using theirs = std::atomic<T>;
    static_assert(std::same_as<typename ours::value_type, typename theirs::value_type>);
    static_assert(ours::is_always_lock_free == theirs::is_always_lock_free);
    static_assert(std::is_nothrow_constructible_v<ours, T> && std::is_convertible_v<T, ours>);
    static_assert(std::is_default_constructible_v<ours> == std::is_default_constructible_v<T>);
    static_assert(!std::is_copy_constructible_v<ours> && !std::is_copy_assignable_v<ours>);
    static_assert(!std::is_move_constructible_v<ours> && !std::is_move_assignable_v<ours>);
    static_assert(!std::is_assignable_v<volatile ours&, const ours&>);
    static_assert(std::is_convertible_v<const ours&, T> && std::is_convertible_v<const volatile ours&, T>);
    static_assert(std::same_as<decltype(std::declval<ours&>() = std::declval<T>()), T>);
    static_assert(std::same_as<decltype(std::declval<const volatile ours&>().load()), T>);
    static_assert(std::same_as<decltype(std::declval<volatile ours&>().store(std::declval<T>())), void>);
    static_assert(std::same_as<decltype(std::declval<volatile ours&>().exchange(std::declval<T>())), T>);
    static_assert(std::same_as<decltype(std::declval<const ours&>().wait(std::declval<T>())), void>);
    static_assert(!std::invocable<decltype([](auto& a) -> decltype(a.store(T())) {}), const ours&>);
    static_assert(
        noexcept(std::declval<ours&>().store(std::declval<T>()))&& noexcept(std::declval<ours&>().notify_one()));
    return true;
}

template <template <typename> typename Atomic, typename T>
concept counts = requires(Atomic<T>& a, typename Atomic<T>::difference_type by) {
    { a.fetch_add(by) } -> std::same_as<T>;
    { a.fetch_sub(by, std::memory_order_relaxed) } -> std::same_as<T>;
    { a += by } -> std::same_as<T>;
    { a -= by } -> std::same_as<T>;
};
template <template <typename> typename Atomic, typename T>
concept steps = requires(volatile Atomic<T>& a) {
    { ++a } -> std::same_as<T>;
    { --a } -> std::same_as<T>;
    { a++ } -> std::same_as<T>;
    { a-- } -> std::same_as<T>;
};
template <template <typename> typename Atomic, typename T>
concept has_bits = requires(Atomic<T>& a, T by) {
    { a.fetch_and(by) } -> std::same_as<T>;
    { a.fetch_or(by) } -> std::same_as<T>;
    { a.fetch_xor(by) } -> std::same_as<T>;
    { a &= by } -> std::same_as<T>;
    { a |= by } -> std::same_as<T>;
    { a ^= by } -> std::same_as<T>;
};

template <typename T>
constexpr bool same_arithmetic() {
    static_assert(counts<cppvaldi::atomic, T> == counts<std::atomic, T>);
    static_assert(steps<cppvaldi::atomic, T> == steps<std::atomic, T>);
    static_assert(has_bits<cppvaldi::atomic, T> == has_bits<std::atomic, T>);
    return true;
}

template <typename... T>
constexpr bool all_same = (... && (same_shape<T>() && same_arithmetic<T>()));

static_assert(
    all_same<bool, char, signed char, unsigned char, short, unsigned short, int, unsigned, long, unsigned long>);
static_assert(all_same<long long, unsigned long long, char8_t, char16_t, char32_t, wchar_t>);
static_assert(all_same<float, double, long double, int*, const char*, void*, colour, pair, big>);
static_assert(same_arithmetic<bool>() && !counts<cppvaldi::atomic, bool> && !counts<cppvaldi::atomic, pair>);
static_assert(!std::is_default_constructible_v<cppvaldi::atomic<without_default>>);
static_assert(std::same_as<cppvaldi::atomic<int*>::difference_type, std::ptrdiff_t>);
static_assert(std::same_as<cppvaldi::atomic<double>::difference_type, double>);

static_assert(std::same_as<cppvaldi::atomic_int, cppvaldi::atomic<int>>);
static_assert(std::same_as<cppvaldi::atomic_uintptr_t, cppvaldi::atomic<std::uintptr_t>>);
static_assert(std::same_as<cppvaldi::atomic_int_fast16_t, cppvaldi::atomic<std::int_fast16_t>>);
static_assert(std::same_as<cppvaldi::memory_order, std::memory_order>);
static_assert(std::same_as<decltype(cppvaldi::atomic(1L)), cppvaldi::atomic<long>>);

// What an object costs beside its value.
static_assert(sizeof(cppvaldi::atomic<bool>) <= 24 && sizeof(cppvaldi::atomic<int>) <= 24);
static_assert(sizeof(cppvaldi::atomic<void*>) <= 32);
static_assert(std::is_trivially_destructible_v<cppvaldi::atomic<int>>);

// --- globals ---

constinit cppvaldi::atomic<int> global(7);
constinit cppvaldi::atomic<int> named_global(8, "named");
cppvaldi::atomic<int> with_macro = ATOMIC_VAR_INIT(9);
const cppvaldi::atomic<int> constant(10);
constinit cppvaldi::atomic<std::shared_ptr<int>> no_pointer;
constinit cppvaldi::atomic<std::shared_ptr<int>> null_pointer = nullptr;
constinit cppvaldi::atomic<std::weak_ptr<int>> weak_pointer;

} // namespace

BOOST_AUTO_TEST_SUITE(atomic)

BOOST_AUTO_TEST_CASE(globals_have_their_values_before_anything_runs) {
    BOOST_TEST(global == 7);
    BOOST_TEST(named_global == 8);
    BOOST_TEST(with_macro == 9);
    BOOST_TEST(constant.load() == 10);
    BOOST_TEST(no_pointer.load() == nullptr);
    BOOST_TEST(null_pointer.load() == nullptr);
    BOOST_TEST(weak_pointer.load().expired());
}

BOOST_AUTO_TEST_CASE(one_that_is_made_without_a_value_has_the_default) {
    const cppvaldi::atomic<int> number;
    BOOST_TEST(number.load() == 0);
    const cppvaldi::atomic<int*> pointer;
    BOOST_TEST(pointer.load() == nullptr);
    const cppvaldi::atomic<without_default> other(without_default(3));
    BOOST_TEST(other.load().value == 3);
}

BOOST_AUTO_TEST_CASE(what_is_stored_is_loaded) {
    cppvaldi::atomic<int> number;
    number.store(1);
    BOOST_TEST(number.load() == 1);
    number.store(2, std::memory_order_release);
    BOOST_TEST(number.load(std::memory_order_acquire) == 2);
    BOOST_TEST((number = 3) == 3);
    BOOST_TEST(static_cast<int>(number) == 3);
    volatile cppvaldi::atomic<int> watched(4);
    watched.store(5);
    BOOST_TEST(watched.load() == 5);
    BOOST_TEST((watched = 6) == 6);
}

BOOST_AUTO_TEST_CASE(an_exchange_returns_what_was_there) {
    cppvaldi::atomic<colour> shown(colour::red);
    BOOST_TEST((shown.exchange(colour::green) == colour::red));
    BOOST_TEST((shown.exchange(colour::red, std::memory_order_acq_rel) == colour::green));
}

BOOST_AUTO_TEST_CASE(a_compare_exchange_stores_only_if_it_finds_what_it_expects) {
    cppvaldi::atomic<int> number(1);
    int expected = 2;
    BOOST_TEST(!number.compare_exchange_strong(expected, 3));
    BOOST_TEST(expected == 1);
    BOOST_TEST(number == 1);
    BOOST_TEST(number.compare_exchange_strong(expected, 3, std::memory_order_acq_rel));
    BOOST_TEST(expected == 1);
    BOOST_TEST(number == 3);
    BOOST_TEST(!number.compare_exchange_weak(expected, 4, std::memory_order_release, std::memory_order_relaxed));
    BOOST_TEST(number.compare_exchange_weak(expected, 4));
    BOOST_TEST(!number.compare_exchange_strong(expected, 5, std::memory_order_seq_cst, std::memory_order_seq_cst));
    BOOST_TEST(expected == 4);
}

BOOST_AUTO_TEST_CASE(a_compare_exchange_compares_bits_and_not_what_the_type_calls_equal) {
    cppvaldi::atomic<double> zero(0.0);
    double expected = -0.0; // equal, but other bits
    BOOST_TEST(!zero.compare_exchange_strong(expected, 1.0));
    BOOST_TEST(!std::signbit(expected));

    cppvaldi::atomic<double> none(std::nan(""));
    expected = none.load(); // not equal, but the same bits
    BOOST_TEST(none.compare_exchange_strong(expected, 1.0));

    cppvaldi::atomic<long double> wide(1.5L);
    long double as_wide = 1.5L;
    BOOST_TEST(wide.compare_exchange_strong(as_wide, 2.5L));
}

BOOST_AUTO_TEST_CASE(padding_does_not_count) {
    pair one;
    pair other;
    std::memset(&one, 0xff, sizeof one);
    std::memset(&other, 0x00, sizeof other);
    one.small = other.small = 1;
    one.large = other.large = 2;
    cppvaldi::atomic<pair> both(one);
#if __has_builtin(__builtin_clear_padding)
    BOOST_TEST(both.compare_exchange_strong(other, pair{3, 4}));
#else
    // Where the compiler cannot tell, a loop ends all the same.
    while (!both.compare_exchange_weak(other, pair{3, 4})) {}
#endif
    BOOST_TEST(both.load().large == 4);
}

BOOST_AUTO_TEST_CASE(integers_count_and_wrap_around) {
    cppvaldi::atomic<int> number(5);
    BOOST_TEST(number.fetch_add(3) == 5);
    BOOST_TEST(number.fetch_sub(1, std::memory_order_relaxed) == 8);
    BOOST_TEST((number += 3) == 10);
    BOOST_TEST((number -= 4) == 6);
    BOOST_TEST(++number == 7);
    BOOST_TEST(number++ == 7);
    BOOST_TEST(--number == 7);
    BOOST_TEST(number-- == 7);
    BOOST_TEST(number == 6);
    number = std::numeric_limits<int>::max();
    BOOST_TEST(++number == std::numeric_limits<int>::min());
    BOOST_TEST(number.fetch_sub(1) == std::numeric_limits<int>::min());
    BOOST_TEST(number == std::numeric_limits<int>::max());
    cppvaldi::atomic<signed char> tiny(127);
    BOOST_TEST((++tiny == -128));
}

BOOST_AUTO_TEST_CASE(integers_have_bits) {
    cppvaldi::atomic<unsigned> bits(0b1100);
    BOOST_TEST(bits.fetch_and(0b0110U) == 0b1100U);
    BOOST_TEST(bits.fetch_or(0b0001U) == 0b0100U);
    BOOST_TEST(bits.fetch_xor(0b0111U, std::memory_order_relaxed) == 0b0101U);
    BOOST_TEST(bits == 0b0010U);
    BOOST_TEST((bits |= 0b1000U) == 0b1010U);
    BOOST_TEST((bits &= 0b0011U) == 0b0010U);
    BOOST_TEST((bits ^= 0b0011U) == 0b0001U);
}

BOOST_AUTO_TEST_CASE(floating_point_numbers_add_up) {
    cppvaldi::atomic<double> number(1.5);
    BOOST_TEST(number.fetch_add(1.0) == 1.5);
    BOOST_TEST(number.fetch_sub(0.5) == 2.5);
    BOOST_TEST((number += 1.0) == 3.0);
    BOOST_TEST((number -= 2.0) == 1.0);
}

BOOST_AUTO_TEST_CASE(pointers_move_by_elements) {
    int array[4] = {0, 1, 2, 3};
    cppvaldi::atomic<int*> pointer(array);
    BOOST_TEST(*pointer.fetch_add(2) == 0);
    BOOST_TEST(*pointer.fetch_sub(1) == 2);
    BOOST_TEST(*(pointer += 2) == 3);
    BOOST_TEST(*--pointer == 2);
    BOOST_TEST(*pointer++ == 2);
    BOOST_TEST(*(pointer -= 3) == 0);
}

BOOST_AUTO_TEST_CASE(shared_pointers_keep_what_they_point_at_alive) {
    std::weak_ptr<int> first;
    cppvaldi::atomic<std::shared_ptr<int>> pointer;
    {
        auto made = std::make_shared<int>(1);
        first = made;
        pointer.store(made);
    }
    BOOST_TEST(!first.expired());
    BOOST_TEST(*pointer.load() == 1);
    std::shared_ptr<int> expected = std::make_shared<int>(1); // another one with the same value
    BOOST_TEST(!pointer.compare_exchange_strong(expected, nullptr));
    BOOST_TEST((expected == first.lock()));
    BOOST_TEST(pointer.compare_exchange_strong(expected, std::make_shared<int>(2)));
    expected.reset();
    BOOST_TEST(first.expired());
    BOOST_TEST(*pointer.exchange(nullptr) == 2);
    pointer = std::make_shared<int>(3);
    pointer = nullptr;
    BOOST_TEST(pointer.load() == nullptr);
    BOOST_TEST(!pointer.is_lock_free());
}

BOOST_AUTO_TEST_CASE(two_shared_pointers_to_one_place_are_the_same_only_if_they_own_the_same) {
    int place = 0;
    const auto owner = std::make_shared<int>(1);
    const std::shared_ptr<int> owning(owner, &place);
    std::shared_ptr<int> borrowing(std::shared_ptr<int>(), &place);
    cppvaldi::atomic<std::shared_ptr<int>> pointer(owning);
    BOOST_TEST(!pointer.compare_exchange_strong(borrowing, nullptr));
    BOOST_TEST(pointer.compare_exchange_strong(borrowing, nullptr));
}

BOOST_AUTO_TEST_CASE(weak_pointers_can_be_atomic_too) {
    const auto owner = std::make_shared<int>(1);
    cppvaldi::atomic<std::weak_ptr<int>> pointer;
    std::weak_ptr<int> expected;
    BOOST_TEST(pointer.compare_exchange_strong(expected, owner));
    BOOST_TEST(*pointer.load().lock() == 1);
    BOOST_TEST(!pointer.exchange({}).expired());
}

BOOST_AUTO_TEST_CASE(there_is_a_free_function_for_each_member) {
    cppvaldi::atomic<int> number(1);
    using namespace cppvaldi;
    atomic_store(&number, 2);
    atomic_store_explicit(&number, 3, memory_order_release);
    BOOST_TEST(atomic_load(&number) == 3);
    BOOST_TEST(atomic_load_explicit(&number, memory_order_acquire) == 3);
    BOOST_TEST(atomic_exchange(&number, 4) == 3);
    BOOST_TEST(atomic_exchange_explicit(&number, 5, memory_order_relaxed) == 4);
    int expected = 5;
    BOOST_TEST(atomic_compare_exchange_strong(&number, &expected, 6));
    BOOST_TEST(!atomic_compare_exchange_weak(&number, &expected, 7));
    BOOST_TEST(
        atomic_compare_exchange_weak_explicit(&number, &expected, 7, memory_order_acq_rel, memory_order_relaxed));
    BOOST_TEST(
        !atomic_compare_exchange_strong_explicit(&number, &expected, 8, memory_order_acq_rel, memory_order_acquire));
    BOOST_TEST(atomic_fetch_add(&number, 1) == 7);
    BOOST_TEST(atomic_fetch_add_explicit(&number, 1, memory_order_relaxed) == 8);
    BOOST_TEST(atomic_fetch_sub(&number, 1) == 9);
    BOOST_TEST(atomic_fetch_sub_explicit(&number, 1, memory_order_relaxed) == 8);
    BOOST_TEST(atomic_fetch_and(&number, 6) == 7);
    BOOST_TEST(atomic_fetch_and_explicit(&number, 4, memory_order_relaxed) == 6);
    BOOST_TEST(atomic_fetch_or(&number, 1) == 4);
    BOOST_TEST(atomic_fetch_or_explicit(&number, 2, memory_order_relaxed) == 5);
    BOOST_TEST(atomic_fetch_xor(&number, 1) == 7);
    BOOST_TEST(atomic_fetch_xor_explicit(&number, 2, memory_order_relaxed) == 6);
    BOOST_TEST(atomic_is_lock_free(&number));
    atomic_wait(&number, 0);
    atomic_wait_explicit(&number, 0, memory_order_acquire);
    atomic_notify_one(&number);
    atomic_notify_all(&number);
    atomic_init(&number, 1);
    BOOST_TEST(number == 1);
    volatile cppvaldi::atomic<long> watched(1);
    BOOST_TEST(atomic_fetch_add(&watched, 1) == 1); // converted, as by the member
    BOOST_TEST(kill_dependency(5) == 5);
    cppvaldi::atomic_thread_fence(memory_order_acquire);
    atomic_signal_fence(memory_order_release);
}

BOOST_AUTO_TEST_CASE(a_plain_shared_pointer_can_be_used_as_an_atomic) {
    using namespace cppvaldi;
    auto pointer = std::make_shared<int>(1);
    std::shared_ptr<int> expected = cppvaldi::atomic_load(&pointer);
    BOOST_TEST(cppvaldi::atomic_compare_exchange_strong(&pointer, &expected, std::make_shared<int>(2)));
    BOOST_TEST(*cppvaldi::atomic_exchange(&pointer, std::make_shared<int>(3)) == 2);
    cppvaldi::atomic_store_explicit(&pointer, std::shared_ptr<int>(), memory_order_release);
    BOOST_TEST(pointer == nullptr);
    BOOST_TEST(!cppvaldi::atomic_is_lock_free(&pointer));
}

BOOST_AUTO_TEST_SUITE_END()
