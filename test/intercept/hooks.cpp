// The hooks that no compiler at hand calls for a test program, or not each of them: called by hand, in the way that compiled code does.

#include <cppvaldi/explore.hpp>
#include <cppvaldi/shared.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

__extension__ using number_128 = unsigned __int128;

#define DECLARED(size_bytes)                         \
    void __tsan_read##size_bytes(void*);             \
    void __tsan_write##size_bytes(void*);            \
    void __tsan_read_write##size_bytes(void*);       \
    void __tsan_volatile_read##size_bytes(void*);    \
    void __tsan_volatile_write##size_bytes(void*);   \
    void __tsan_read##size_bytes##_pc(void*, void*); \
    void __tsan_write##size_bytes##_pc(void*, void*);

#define DECLARED_UNALIGNED(size_bytes)                      \
    void __tsan_unaligned_read##size_bytes(void*);          \
    void __tsan_unaligned_write##size_bytes(void*);         \
    void __tsan_unaligned_read_write##size_bytes(void*);    \
    void __tsan_unaligned_volatile_read##size_bytes(void*); \
    void __tsan_unaligned_volatile_write##size_bytes(void*);

extern "C" {
DECLARED(1)
DECLARED(2)
DECLARED(4)
DECLARED(8)
DECLARED(16)
DECLARED_UNALIGNED(2)
DECLARED_UNALIGNED(4)
DECLARED_UNALIGNED(8)
DECLARED_UNALIGNED(16)
void __tsan_vptr_read(void*);
void __tsan_vptr_update(void**, void*);
void __tsan_read_range(void*, unsigned long);
void __tsan_write_range(void*, unsigned long);
void __tsan_read_range_pc(void*, unsigned long, void*);
void __tsan_write_range_pc(void*, unsigned long, void*);
void* __tsan_memcpy(void*, const void*, unsigned long);
void* __tsan_memmove(void*, const void*, unsigned long);
void* __tsan_memset(void*, int, unsigned long);
void __tsan_ignore_thread_begin();
void __tsan_ignore_thread_end();
number_128 __tsan_atomic128_load(const volatile number_128*, int);
void __tsan_atomic128_store(volatile number_128*, number_128, int);
number_128 __tsan_atomic128_exchange(volatile number_128*, number_128, int);
number_128 __tsan_atomic128_fetch_add(volatile number_128*, number_128, int);
number_128 __tsan_atomic128_fetch_nand(volatile number_128*, number_128, int);
int __tsan_atomic128_compare_exchange_strong(volatile number_128*, number_128*, number_128, int, int);
number_128 __tsan_atomic128_compare_exchange_val(volatile number_128*, number_128, number_128, int, int);
}

namespace {

using cppvaldi::finding;
using one_byte = std::function<void(std::byte*)>;

alignas(64) std::byte memory[64];

/// True if `one` races with `other`, wherever they are called first.
bool race(const std::function<void()>& one, const std::function<void()>& other) {
    const auto body = [&] {
        cppvaldi::thread alice("alice", one);
        cppvaldi::thread bob("bob", other);
        alice.join();
        bob.join();
    };
    const cppvaldi::exploration seen = cppvaldi::explore(body, cppvaldi::exhaustive{}, {.executions = 1'000});
    BOOST_TEST((!seen.finding || seen.finding->what == finding::kind::data_race));
    return seen.finding.has_value();
}

/// Checks that a hook reads or writes so many bytes, wherever they begin, and no others.
void covers(const char* name, const one_byte& hook, std::size_t size_bytes, bool writes,
            std::vector<std::size_t> begins) {
    BOOST_TEST_CONTEXT(name) {
        for (const std::size_t begin : begins) {
            const auto alone = [&](std::size_t at, bool writing) {
                return race([&] { hook(memory + begin); },
                            [&] { writing ? __tsan_write1(memory + at) : __tsan_read1(memory + at); });
            };
            BOOST_TEST(!alone(begin - 1, true));
            BOOST_TEST(alone(begin, true));
            BOOST_TEST(alone(begin + size_bytes - 1, true));
            BOOST_TEST(!alone(begin + size_bytes, true));
            BOOST_TEST(alone(begin, false) == writes);
        }
    }
}

#define COVERS(hook, size_bytes, writes, ...) \
    covers(#hook, [](std::byte* at) { hook(at); }, size_bytes, writes, {__VA_ARGS__})
#define COVERS_PC(hook, size_bytes, writes) \
    covers(#hook, [](std::byte* at) { hook(at, nullptr); }, size_bytes, writes, {16})

} // namespace

#define CHECK_SIZE(size_bytes)                                       \
    COVERS(__tsan_read##size_bytes, size_bytes, false, 16);          \
    COVERS(__tsan_write##size_bytes, size_bytes, true, 16);          \
    COVERS(__tsan_read_write##size_bytes, size_bytes, true, 16);     \
    COVERS(__tsan_volatile_read##size_bytes, size_bytes, false, 16); \
    COVERS(__tsan_volatile_write##size_bytes, size_bytes, true, 16); \
    COVERS_PC(__tsan_read##size_bytes##_pc, size_bytes, false);      \
    COVERS_PC(__tsan_write##size_bytes##_pc, size_bytes, true)

#define CHECK_UNALIGNED(size_bytes)                                                    \
    COVERS(__tsan_unaligned_read##size_bytes, size_bytes, false, 15, 17, 23);          \
    COVERS(__tsan_unaligned_write##size_bytes, size_bytes, true, 15, 17, 23);          \
    COVERS(__tsan_unaligned_read_write##size_bytes, size_bytes, true, 15, 17, 23);     \
    COVERS(__tsan_unaligned_volatile_read##size_bytes, size_bytes, false, 15, 17, 23); \
    COVERS(__tsan_unaligned_volatile_write##size_bytes, size_bytes, true, 15, 17, 23)

BOOST_AUTO_TEST_CASE(hooks_of_each_size_read_and_write_so_many_bytes) {
    CHECK_SIZE(1);
    CHECK_SIZE(2);
    CHECK_SIZE(4);
    CHECK_SIZE(8);
    CHECK_SIZE(16);
}

BOOST_AUTO_TEST_CASE(unaligned_ones_do_so_from_wherever_they_begin) {
    CHECK_UNALIGNED(2);
    CHECK_UNALIGNED(4);
    CHECK_UNALIGNED(8);
    CHECK_UNALIGNED(16);
}

BOOST_AUTO_TEST_CASE(ranges_and_copies_read_and_write_all_of_it) {
    const auto sized = [](auto hook) { return [hook](std::byte* at) { hook(at, 21); }; };
    covers("read_range", sized(&__tsan_read_range), 21, false, {16, 19});
    covers("write_range", sized(&__tsan_write_range), 21, true, {16, 19});
    covers("read_range_pc", [](std::byte* at) { __tsan_read_range_pc(at, 21, nullptr); }, 21, false, {16});
    covers("write_range_pc", [](std::byte* at) { __tsan_write_range_pc(at, 21, nullptr); }, 21, true, {16});
    static std::byte other[64];
    covers("memcpy to", [](std::byte* at) { __tsan_memcpy(at, other, 21); }, 21, true, {16, 19});
    covers("memcpy from", [](std::byte* at) { __tsan_memcpy(other, at, 21); }, 21, false, {16, 19});
    covers("memmove to", [](std::byte* at) { __tsan_memmove(at, other, 21); }, 21, true, {16});
    covers("memmove from", [](std::byte* at) { __tsan_memmove(other, at, 21); }, 21, false, {16});
    covers("memset", [](std::byte* at) { __tsan_memset(at, 0, 21); }, 21, true, {16});
}

BOOST_AUTO_TEST_CASE(a_virtual_table_is_written_if_it_becomes_another) {
    static void* pointer = memory;
    const auto looks = [] { __tsan_vptr_read(&pointer); };
    BOOST_TEST(!race(looks, [] { __tsan_vptr_update(&pointer, memory); }));
    BOOST_TEST(race(looks, [] { __tsan_vptr_update(&pointer, memory + 1); }));
    BOOST_TEST(race(looks, [] { __tsan_write8(&pointer); }));
}

BOOST_AUTO_TEST_CASE(hooks_are_called_outside_an_execution_too) {
    __tsan_ignore_thread_begin();
    __tsan_write4(memory);
    __tsan_write_range(memory, sizeof memory);
    __tsan_ignore_thread_end();
    BOOST_TEST(__tsan_memset(memory, 7, 3) == memory);
    BOOST_TEST((memory[2] == std::byte{7}));
}

BOOST_AUTO_TEST_CASE(sixteen_bytes_are_atomic) {
    alignas(16) static volatile number_128 value;
    static constexpr number_128 large = static_cast<number_128>(0x0123'4567'89ab'cdef) << 64 | 5;
    const auto body = [&] {
        __tsan_atomic128_store(&value, large, 0);
        cppvaldi::require(__tsan_atomic128_load(&value, 0) == large, "stored");
        cppvaldi::require(__tsan_atomic128_fetch_add(&value, 1, 0) == large, "added");
        number_128 expected = 1;
        cppvaldi::require(__tsan_atomic128_compare_exchange_strong(&value, &expected, 2, 0, 0) == 0 &&
                              expected == large + 1,
                          "not exchanged");
        cppvaldi::require(__tsan_atomic128_compare_exchange_val(&value, large + 1, 12, 0, 0) == large + 1, "exchanged");
        cppvaldi::require(__tsan_atomic128_fetch_nand(&value, 10, 0) == 12, "nand");
        cppvaldi::require(__tsan_atomic128_exchange(&value, 3, 0) == ~static_cast<number_128>(8), "exchanged again");
        cppvaldi::thread alice("alice", [] { (void)__tsan_atomic128_fetch_add(&value, large, 0); });
        (void)__tsan_atomic128_fetch_add(&value, large, 0);
        alice.join();
        cppvaldi::require(__tsan_atomic128_load(&value, 0) == large * 2 + 3, "both have added");
    };
    const cppvaldi::exploration seen = cppvaldi::explore(body, cppvaldi::exhaustive{});
    BOOST_TEST(seen.complete);
    BOOST_TEST(!seen.finding.has_value(), (seen.finding ? to_string(*seen.finding) : ""));
    BOOST_TEST(seen.executions == 2U); // whose addition comes first
}
