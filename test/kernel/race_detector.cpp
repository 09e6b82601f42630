#include "kernel/race_detector.hpp"

#include <boost/test/unit_test.hpp>

using cppvaldi::clock_step;
using cppvaldi::object_id;
using cppvaldi::race_detector;
using cppvaldi::starter_id;

namespace {

constexpr starter_id alice{0};
constexpr starter_id bob{1};
constexpr starter_id carol{2};
constexpr object_id lock{1};
constexpr object_id other{2};
constexpr object_id x{3};

/// A detector that watches three starters, of whom none has made another.
struct watched_three {
    watched_three() {
        detector.begin(true);
        detector.watch(3);
    }

    bool reads(starter_id who) { return detector.note(x, {.by = who}); }
    bool writes(starter_id who) { return detector.note(x, {.by = who, .writes = true}); }
    void take(clock_step how, starter_id who, object_id through = lock) { detector.take(how, who, through); }

    race_detector detector;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(race_detectors, watched_three)

// Section 2.2 of the paper: a write, a release, an acquisition, a write.
BOOST_AUTO_TEST_CASE(a_release_and_an_acquisition_order_two_writes) {
    BOOST_TEST(writes(alice));
    take(clock_step::release, alice);
    take(clock_step::acquire, bob);
    BOOST_TEST(writes(bob));
    BOOST_TEST(detector.found() == nullptr);
}

BOOST_AUTO_TEST_CASE(what_comes_after_the_release_is_not_ordered) {
    take(clock_step::release, alice);
    BOOST_TEST(writes(alice));
    take(clock_step::acquire, bob);
    BOOST_TEST(!writes(bob));
    BOOST_REQUIRE(detector.found() != nullptr);
    BOOST_TEST((detector.found()->on == x));
    BOOST_TEST((detector.found()->earlier.by == alice));
    BOOST_TEST((detector.found()->later.by == bob));
    BOOST_TEST(!detector.watching());
}

BOOST_AUTO_TEST_CASE(another_object_orders_nothing) {
    BOOST_TEST(writes(alice));
    take(clock_step::release, alice);
    take(clock_step::acquire, bob, other);
    BOOST_TEST(!reads(bob));
}

// Section 3 of the paper, its second example: reads by two, a join, a write, a read.
BOOST_AUTO_TEST_CASE(reads_by_several_are_kept_apart_until_a_write_knows_them_all) {
    BOOST_TEST(reads(bob));
    BOOST_TEST(reads(alice));
    take(clock_step::release, bob);
    take(clock_step::acquire, carol);
    detector.join(alice, bob);
    BOOST_TEST(writes(alice));
    BOOST_TEST(reads(alice));
    BOOST_TEST(!reads(carol)); // of the write it knows nothing
    BOOST_TEST((detector.found()->earlier.by == alice));
    BOOST_TEST(detector.found()->earlier.writes);
}

BOOST_AUTO_TEST_CASE(a_write_races_with_any_of_the_reads_that_it_does_not_know) {
    BOOST_TEST(reads(alice));
    BOOST_TEST(reads(bob));
    BOOST_TEST(reads(carol));
    detector.join(alice, bob);
    BOOST_TEST(!writes(alice));
    BOOST_TEST((detector.found()->earlier.by == carol));
    BOOST_TEST(!detector.found()->earlier.writes);
}

BOOST_AUTO_TEST_CASE(a_read_is_forgotten_once_another_one_comes_after_it) {
    BOOST_TEST(reads(alice));
    take(clock_step::release, alice);
    take(clock_step::acquire, bob);
    BOOST_TEST(reads(bob));
    take(clock_step::release, bob);
    take(clock_step::acquire, carol);
    BOOST_TEST(writes(carol));
}

BOOST_AUTO_TEST_CASE(a_release_takes_the_place_of_the_one_before_or_goes_beside_it) {
    BOOST_TEST(reads(alice));
    take(clock_step::release, alice);
    take(clock_step::release_too, bob);
    take(clock_step::acquire, carol);
    BOOST_TEST(writes(carol));
    take(clock_step::release, carol, other);
    take(clock_step::release, alice, other);
    take(clock_step::acquire, bob, other);
    BOOST_TEST(!reads(bob)); // what carol has released there is gone
}

BOOST_AUTO_TEST_CASE(what_is_gathered_is_known_to_who_takes_it_and_to_nobody_later) {
    BOOST_TEST(reads(alice));
    take(clock_step::gather, alice);
    take(clock_step::acquire, bob);
    take(clock_step::acquire_gathered, carol);
    BOOST_TEST(writes(carol));
    take(clock_step::acquire_gathered, bob);
    BOOST_TEST(!writes(bob));
}

BOOST_AUTO_TEST_CASE(who_is_made_knows_what_its_maker_knew) {
    constexpr starter_id dave{3};
    BOOST_TEST(writes(alice));
    detector.start(dave, alice);
    BOOST_TEST(writes(dave));
    BOOST_TEST(!reads(alice));
}

BOOST_AUTO_TEST_CASE(who_is_made_by_the_driver_knows_nothing) {
    constexpr starter_id dave{3};
    BOOST_TEST(writes(alice));
    detector.start(dave, cppvaldi::nobody);
    BOOST_TEST(!writes(dave));
}

BOOST_AUTO_TEST_CASE(an_execution_begins_as_new) {
    BOOST_TEST(writes(alice));
    BOOST_TEST(!writes(bob));
    detector.begin(true);
    BOOST_TEST(detector.found() == nullptr);
    BOOST_TEST(detector.is_due());
    detector.watch(3);
    BOOST_TEST(!detector.is_due());
    BOOST_TEST(writes(carol));
    detector.begin(false);
    BOOST_TEST(!detector.is_due());
}

BOOST_AUTO_TEST_SUITE_END()
