// What each member of `atomic_ref` does, and that all references to one value are one object.

#include "support/lives.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <concepts>
#include <set>
#include <string>
#include <vector>

namespace {

using ours = cppvaldi::atomic_ref<int>;
using theirs = std::atomic_ref<int>;

static_assert(std::same_as<ours::value_type, theirs::value_type>);
static_assert(std::same_as<ours::difference_type, theirs::difference_type>);
static_assert(ours::is_always_lock_free == theirs::is_always_lock_free);
static_assert(ours::required_alignment == theirs::required_alignment);
static_assert(std::is_nothrow_constructible_v<ours, int&> && !std::is_convertible_v<int&, ours>);
static_assert(std::is_nothrow_copy_constructible_v<ours> && !std::is_copy_assignable_v<ours>);
static_assert(std::same_as<decltype(std::declval<const ours&>() = 1), int>);
static_assert(std::same_as<cppvaldi::atomic_ref<int*>::difference_type, std::ptrdiff_t>);

} // namespace

BOOST_AUTO_TEST_SUITE(atomic_ref)

BOOST_AUTO_TEST_CASE(it_works_on_the_value_itself) {
    int value = 1;
    const cppvaldi::atomic_ref reference(value);
    reference.store(2);
    BOOST_TEST(value == 2);
    BOOST_TEST((reference = 3) == 3);
    BOOST_TEST(reference.load() == 3);
    BOOST_TEST(static_cast<int>(reference) == 3);
    BOOST_TEST(reference.exchange(4) == 3);
    int expected = 0;
    BOOST_TEST(!reference.compare_exchange_weak(expected, 5));
    BOOST_TEST(reference.compare_exchange_strong(expected, 5));
    BOOST_TEST(!reference.compare_exchange_weak(expected, 6, std::memory_order_acq_rel, std::memory_order_relaxed));
    BOOST_TEST(reference.compare_exchange_strong(expected, 6, std::memory_order_acq_rel, std::memory_order_relaxed));
    BOOST_TEST(reference.fetch_add(1) == 6);
    BOOST_TEST(reference.fetch_sub(1) == 7);
    BOOST_TEST(reference.fetch_and(4) == 6);
    BOOST_TEST(reference.fetch_or(3) == 4);
    BOOST_TEST(reference.fetch_xor(1) == 7);
    BOOST_TEST((reference += 4) == 10);
    BOOST_TEST((reference -= 1) == 9);
    BOOST_TEST(++reference == 10);
    BOOST_TEST(reference-- == 10);
    BOOST_TEST(--reference == 8);
    BOOST_TEST(reference++ == 8);
    BOOST_TEST((reference &= 8) == 8);
    BOOST_TEST((reference |= 1) == 9);
    BOOST_TEST((reference ^= 1) == 8);
    reference.wait(0);
    reference.notify_one();
    reference.notify_all();
    BOOST_TEST(reference.is_lock_free());
    BOOST_TEST(value == 8);
}

BOOST_AUTO_TEST_CASE(it_refers_to_numbers_pointers_and_plain_structures) {
    double number = 1;
    BOOST_TEST((cppvaldi::atomic_ref(number) += 0.5) == 1.5);
    int array[2] = {1, 2};
    int* pointer = array;
    BOOST_TEST(*++cppvaldi::atomic_ref(pointer) == 2);
    struct point {
        int x;
        int y;
    } place{1, 2};
    BOOST_TEST(cppvaldi::atomic_ref(place).exchange({3, 4}).y == 2);
    BOOST_TEST(place.x == 3);
}

BOOST_AUTO_TEST_CASE(two_references_to_one_value_are_one_object) {
    int first = 0;
    int second = 0;
    std::set<std::uint32_t> of_first;
    std::set<std::uint32_t> of_second;
    test::by_id decides(test::by_id::first::lowest);
    const auto life = [&] {
        const cppvaldi::atomic_ref one(first);
        const cppvaldi::atomic_ref other(second);
        one.store(1, std::memory_order_relaxed, {"first", 1});
        const auto copy(one); // NOLINT(performance-unnecessary-copy-initialization)
        (void)copy.load(std::memory_order_relaxed, {"first", 1});
        (void)cppvaldi::atomic_ref(first).load(std::memory_order_relaxed, {"first", 1});
        (void)other.load(std::memory_order_relaxed, {"second", 1});
    };
    for (int execution = 0; execution < 2; ++execution) {
        test::play(decides, {{"alice", life}, {"bob", life}}, [&](const cppvaldi::execution& world) {
            for (const cppvaldi::step& each : world.steps()) {
                if (each.event == cppvaldi::step::what::did) {
                    (std::string(each.file) == "first" ? of_first : of_second)
                        .insert(static_cast<std::uint32_t>(each.object));
                }
            }
        });
        BOOST_TEST(of_first.size() == 1U);
        BOOST_TEST(of_second.size() == 1U);
        BOOST_TEST((of_first != of_second));
    }
}

BOOST_AUTO_TEST_CASE(increments_through_references_are_not_lost_in_any_schedule) {
    int value = 0;
    const int schedules = test::play_all(
        [&] {
            value = 0;
            const auto life = [&value] {
                cppvaldi::atomic_ref(value)++;
                cppvaldi::atomic_ref(value)++;
            };
            return std::vector<test::named>{{"alice", life}, {"bob", life}};
        },
        [&](cppvaldi::execution::outcome) { BOOST_TEST(value == 4); });
    BOOST_TEST(schedules == 20); // each begins and increments twice: 6! / (3! 3!)
}

BOOST_AUTO_TEST_CASE(a_waiter_is_woken_through_another_reference) {
    int value = 0;
    cppvaldi::runner run;
    run.start("waiter", [&] { cppvaldi::atomic_ref(value).wait(0); });
    run.start("notifier", [&] {
        const cppvaldi::atomic_ref reference(value);
        reference.store(1);
        reference.notify_one();
    });
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_SUITE_END()
