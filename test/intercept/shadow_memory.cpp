#include "intercept/accesses/shadow.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

using cppvaldi::clock_step;
using cppvaldi::object_id;
using cppvaldi::race_detector;
using cppvaldi::starter_id;
using cppvaldi::intercept::access_now;
using cppvaldi::intercept::conflict;
using cppvaldi::intercept::shadow;

namespace {

constexpr starter_id alice{0};
constexpr starter_id bob{1};
constexpr starter_id carol{2};
constexpr std::uintptr_t here = 0x5555'0000'1000;

/// Three starters and eight bytes.
struct eight_bytes {
    eight_bytes() {
        BOOST_REQUIRE(memory.begin());
        clocks.begin(true);
        clocks.watch(3);
    }

    [[nodiscard]] access_now made(starter_id by, std::uint8_t bytes, bool writes) const {
        return {by, shadow::base_of(by, clocks.now_of(by)), bytes, writes, 0, 0};
    }
    bool reads(starter_id by, std::uint8_t bytes) {
        return memory.note(clocks, here, made(by, bytes, false), other) == shadow::verdict::fine;
    }
    bool writes(starter_id by, std::uint8_t bytes) {
        return memory.note(clocks, here, made(by, bytes, true), other) == shadow::verdict::fine;
    }
    [[nodiscard]] bool is_known(starter_id by, std::uint8_t bytes, bool writes) const {
        return shadow::is_known(*memory.find(here), shadow::base_of(by, clocks.now_of(by)), bytes, writes);
    }
    void hand_over(starter_id from, starter_id to) {
        clocks.take(clock_step::release, from, object_id{1});
        clocks.take(clock_step::acquire, to, object_id{1});
    }

    race_detector clocks;
    shadow memory;
    conflict other;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(shadow_memory, eight_bytes)

BOOST_AUTO_TEST_CASE(bytes_race_with_the_same_bytes_alone) {
    BOOST_TEST(writes(alice, 0x0f));
    BOOST_TEST(writes(bob, 0xf0));
    BOOST_TEST(reads(carol, 0x00));
    BOOST_TEST(!reads(carol, 0x08));
    BOOST_TEST(other.wrote);
    BOOST_TEST((other.made.key >> 12 & 0xf) == 0U);
    BOOST_TEST(!writes(carol, 0x10));
    BOOST_TEST((other.made.key >> 12 & 0xf) == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_ordered_does_not_race) {
    BOOST_TEST(writes(alice, 0xff));
    hand_over(alice, bob);
    BOOST_TEST(reads(bob, 0x03));
    BOOST_TEST(writes(bob, 0x0c));
    hand_over(bob, carol);
    BOOST_TEST(writes(carol, 0xff));
    BOOST_TEST(!reads(alice, 0x80));
}

BOOST_AUTO_TEST_CASE(reads_in_no_order_are_all_kept) {
    BOOST_TEST(reads(alice, 0x01));
    BOOST_TEST(reads(bob, 0x03));
    BOOST_TEST(reads(carol, 0x07));
    hand_over(bob, carol);
    BOOST_TEST(writes(carol, 0x02));
    BOOST_TEST(!writes(carol, 0x01));
    BOOST_TEST(!other.wrote);
    BOOST_TEST((other.made.key >> 12 & 0xf) == 0U);
}

BOOST_AUTO_TEST_CASE(the_same_again_is_known_until_a_release) {
    BOOST_TEST(writes(alice, 0x0f));
    BOOST_TEST(is_known(alice, 0x03, true));
    BOOST_TEST(is_known(alice, 0x0f, false));
    BOOST_TEST(!is_known(alice, 0x1f, true));
    BOOST_TEST(!is_known(bob, 0x0f, true));
    BOOST_TEST(reads(alice, 0x70));
    BOOST_TEST(is_known(alice, 0x30, false));
    BOOST_TEST(!is_known(alice, 0x30, true));
    hand_over(alice, bob);
    BOOST_TEST(!is_known(alice, 0x0f, true));
}

BOOST_AUTO_TEST_CASE(each_byte_may_have_a_story_of_its_own) {
    for (unsigned byte = 0; byte < 8; ++byte) {
        BOOST_TEST(writes(alice, static_cast<std::uint8_t>(1U << byte)));
        hand_over(alice, carol);
    }
    BOOST_TEST(writes(alice, 0x80)); // which carol does not know of
    BOOST_TEST(reads(carol, 0x7f));
    BOOST_TEST(writes(carol, 0x40));
    BOOST_TEST(!reads(carol, 0x80));
    BOOST_TEST(!writes(bob, 0x01));
}

BOOST_AUTO_TEST_CASE(what_is_ones_own_is_renewed) {
    const auto renew = [&](starter_id by, std::uint8_t bytes, bool writing) {
        return shadow::renew(*memory.find(here), made(by, bytes, writing));
    };
    BOOST_TEST(writes(alice, 0x0f));
    BOOST_TEST(reads(alice, 0xf0));
    hand_over(alice, bob);
    BOOST_TEST(renew(alice, 0x03, true)); // two bytes more are remembered as they were
    BOOST_TEST(is_known(alice, 0x03, true));
    BOOST_TEST(!is_known(alice, 0x04, true));
    BOOST_TEST(renew(alice, 0xff, false));
    BOOST_TEST(is_known(alice, 0xff, false));
    BOOST_TEST(!renew(bob, 0xff, true));
    BOOST_TEST(!reads(bob, 0x01));
    BOOST_TEST(renew(alice, 0xff, true));
    BOOST_TEST(memory.find(here)->slots[1].key == 0U);
    memory.clear(here, 8);
    BOOST_TEST(!renew(alice, 0xff, true)); // it is to be touched first
    memory.note_freed(here, made(alice, 0xff, true));
    BOOST_TEST(!renew(alice, 0xff, true));
}

BOOST_AUTO_TEST_CASE(what_is_looked_at_only_is_not_remembered) {
    BOOST_TEST((memory.check(clocks, here, made(alice, 0x0f, true), other) == shadow::verdict::fine));
    BOOST_TEST(writes(bob, 0x0f));
    BOOST_TEST((memory.check(clocks, here, made(alice, 0x0f, false), other) == shadow::verdict::races));
    BOOST_TEST((memory.check(clocks, here, made(alice, 0xf0, true), other) == shadow::verdict::fine));
}

BOOST_AUTO_TEST_CASE(what_is_free_is_for_nobody_until_it_is_new) {
    BOOST_TEST(writes(alice, 0xff));
    memory.note_freed(here, made(alice, 0xff, true));
    BOOST_TEST(memory.is_freed(here));
    BOOST_TEST((memory.note(clocks, here, made(alice, 0x01, false), other) == shadow::verdict::is_freed));
    memory.clear(here, 8);
    BOOST_TEST(!memory.is_freed(here));
    BOOST_TEST(writes(bob, 0xff));
}

BOOST_AUTO_TEST_CASE(all_of_it_is_forgotten_at_once_or_in_parts) {
    BOOST_TEST(writes(alice, 0xff));
    BOOST_TEST((memory.note(clocks, here + (std::uintptr_t{1} << 40), made(alice, 0xff, true), other) ==
                shadow::verdict::fine));
    memory.clear(here, 1);
    BOOST_TEST(writes(bob, 0xff));
    BOOST_TEST((memory.check(clocks, here + (std::uintptr_t{1} << 40), made(bob, 0x01, false), other) ==
                shadow::verdict::races));
    memory.clear();
    BOOST_TEST(writes(carol, 0xff));
}

BOOST_AUTO_TEST_CASE(of_much_memory_what_has_been_touched_is_forgotten_and_nothing_beside) {
    constexpr std::uintptr_t much = std::uintptr_t{1} << 32; // more than one region, in the middle of two
    const std::uintptr_t from = here - much / 2;
    const auto races = [&](std::uintptr_t at) {
        return memory.check(clocks, at, made(bob, 0x01, false), other) == shadow::verdict::races;
    };
    for (const std::uintptr_t each : {from - 8, from, here, from + much - 8, from + much}) {
        BOOST_TEST((memory.note(clocks, each, made(alice, 0xff, true), other) == shadow::verdict::fine));
    }
    memory.clear(from, much);
    BOOST_TEST((races(from - 8) && races(from + much)));
    BOOST_TEST((!races(from) && !races(here) && !races(from + much - 8)));
}

BOOST_AUTO_TEST_SUITE_END()
