// The strategy alone: scheduling points made by hand, no fibers.

#include "strategies/declared_order.hpp"

#include <boost/test/unit_test.hpp>

#include <ostream>
#include <vector>

namespace cppvaldi {

static std::ostream& operator<<(std::ostream& out, starter_id id) {
    return id == nobody ? out << "nobody" : id == somebody_else ? out << "somebody else" : out << index(id);
}

} // namespace cppvaldi

namespace {

using namespace cppvaldi;
using goal = declared_order::goal;
using verdict = declared_order::verdict;

constexpr starter_id alice{0};
constexpr starter_id bob{1};
constexpr starter_id carol{2};
constexpr label_id got{3};
constexpr label_id written{4};
constexpr label_id other{5};

/// What the strategy is told of three starters, set by hand.
struct table {
    declared_order order;
    starter_set enabled;
    std::vector<operation> pending{3};
    std::uint64_t step = 0;

    table() {
        for (starter_id each : {alice, bob, carol}) {
            enabled.insert(each);
        }
    }

    void declare(std::vector<mention> mentions) { order.declare(mentions, pending.size()); }

    starter_id ask(starter_id running) { return order.next({enabled, pending, running, step++}); }

    /// The driver resumes.
    starter_id resume(goal where, std::size_t position = 0) {
        order.aim(where, position);
        return ask(nobody);
    }

    starter_id reaches(starter_id who, label_id label) {
        pending[index(who)] = operation{};
        pending[index(who)].kind = operation_kind::checkpoint;
        pending[index(who)].label = label;
        return ask(who);
    }

    void end(starter_id who) {
        pending[index(who)] = operation{};
        pending[index(who)].kind = operation_kind::finished;
        enabled.erase(who);
    }

    starter_id ends(starter_id who) {
        end(who);
        return ask(who);
    }

    starter_id blocks(starter_id who) {
        pending[index(who)] = operation{};
        pending[index(who)].kind = operation_kind::wait;
        enabled.erase(who);
        return ask(who);
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(without_an_order_the_lowest_id_goes_on) {
    table world;
    BOOST_TEST(world.resume(goal::end) == alice);
    BOOST_TEST(world.reaches(alice, got) == alice);
    BOOST_TEST(world.blocks(alice) == bob);
    BOOST_TEST(world.ends(bob) == carol);
    world.enabled.insert(alice);
    BOOST_TEST(world.reaches(carol, got) == alice);
    BOOST_CHECK(world.order.result() == verdict::none);
}

BOOST_AUTO_TEST_CASE(the_owner_of_the_due_checkpoint_goes_on_until_it_is_there) {
    table world;
    world.declare({{bob, got}, {alice, got}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == bob);
    BOOST_TEST(world.reaches(bob, other) == bob);
    BOOST_TEST(world.reaches(bob, written) == bob);
    BOOST_TEST(world.reaches(bob, got) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
    BOOST_TEST(world.order.due() == 1U);
}

BOOST_AUTO_TEST_CASE(towards_the_end_it_does_not_stop) {
    table world;
    world.declare({{bob, got}, {alice, got}, {bob, written}});
    BOOST_TEST(world.resume(goal::end) == bob);
    BOOST_TEST(world.reaches(bob, got) == alice);
    BOOST_TEST(world.reaches(alice, got) == alice); // past its last one, to its end
    BOOST_TEST(world.ends(alice) == bob);
    BOOST_TEST(world.reaches(bob, written) == bob);
    BOOST_TEST(world.order.used_up());
    BOOST_TEST(world.ends(bob) == carol);
}

BOOST_AUTO_TEST_CASE(a_target_is_stopped_at_and_what_comes_before_is_not) {
    table world;
    world.declare({{alice, got}, {bob, got}, {alice, written}});
    BOOST_TEST(world.resume(goal::target, 1) == alice);
    BOOST_TEST(world.reaches(alice, got) == bob);
    BOOST_TEST(world.reaches(bob, got) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
    BOOST_TEST(world.order.due() == 2U);
}

BOOST_AUTO_TEST_CASE(starters_past_their_last_checkpoint_end_first_the_lowest_id_first) {
    table world;
    world.declare({{carol, got}, {alice, got}, {bob, got}});
    BOOST_TEST(world.resume(goal::end) == carol);
    BOOST_TEST(world.reaches(carol, got) == carol);
    BOOST_TEST(world.blocks(carol) == alice); // it cannot, so the owner goes on
    BOOST_TEST(world.reaches(alice, other) == alice);
    world.enabled.insert(carol);
    BOOST_TEST(world.reaches(alice, got) == alice);
    BOOST_TEST(world.ends(alice) == carol);
    BOOST_TEST(world.ends(carol) == bob);
}

BOOST_AUTO_TEST_CASE(an_occurrence_is_counted_and_the_others_are_passed) {
    table world;
    world.declare({{alice, got, 3}, {bob, got, 1}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    BOOST_TEST(world.reaches(alice, got) == alice);
    BOOST_TEST(world.reaches(alice, got) == alice);
    BOOST_TEST(world.reaches(alice, got) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
}

BOOST_AUTO_TEST_CASE(a_blocked_owner_is_helped_by_the_lowest_that_is_not_held) {
    table world;
    world.declare({{carol, got}, {alice, got}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == carol);
    BOOST_TEST(world.blocks(carol) == alice);
    BOOST_TEST(world.reaches(alice, other) == alice);
    BOOST_TEST(world.reaches(alice, got) == bob); // alice is held there
    BOOST_TEST(world.order.holds(alice));
    world.enabled.insert(carol);
    BOOST_TEST(world.reaches(bob, other) == carol);
    BOOST_TEST(world.reaches(carol, got) == nobody);
    BOOST_TEST(world.resume(goal::next_checkpoint) == carol); // past its last one
    BOOST_TEST(world.ends(carol) == nobody);                  // alice stands there already
    BOOST_CHECK(world.order.result() == verdict::reached);
    BOOST_TEST(world.order.used_up());
}

BOOST_AUTO_TEST_CASE(an_order_is_infeasible_when_nobody_may_help) {
    table world;
    world.declare({{bob, got}, {alice, got}});
    BOOST_TEST(world.resume(goal::end) == bob);
    BOOST_TEST(world.blocks(bob) == alice);
    BOOST_TEST(world.reaches(alice, got) == carol);
    BOOST_TEST(world.ends(carol) == somebody_else);
    BOOST_CHECK(world.order.result() == verdict::infeasible);
    BOOST_TEST(world.order.culprit() == bob);
    BOOST_TEST(world.order.due() == 0U);
}

BOOST_AUTO_TEST_CASE(an_owner_that_only_slept_goes_on_when_its_time_has_come) {
    table world;
    world.declare({{bob, got}, {alice, got}});
    world.end(carol);
    BOOST_TEST(world.resume(goal::end) == bob);
    BOOST_TEST(world.blocks(bob) == alice);
    BOOST_TEST(world.reaches(alice, got) == somebody_else);
    world.enabled.insert(bob);
    BOOST_TEST(world.ask(nobody) == bob);
    BOOST_CHECK(world.order.result() == verdict::none);
    BOOST_TEST(world.reaches(bob, got) == bob);
}

BOOST_AUTO_TEST_CASE(blocked_is_reached_by_blocking_once_for_each_mention) {
    table world;
    world.declare({{bob, implicit_label::blocked}, {bob, implicit_label::blocked, 2}, {bob, got}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == bob);
    BOOST_TEST(world.blocks(bob) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice); // blocked still, but that counted already
    world.enabled.insert(bob);
    BOOST_TEST(world.reaches(alice, other) == bob);
    BOOST_TEST(world.blocks(bob) == nobody);
    BOOST_TEST(world.order.due() == 2U);
}

BOOST_AUTO_TEST_CASE(one_that_was_blocked_early_is_held_and_must_be_blocked_when_that_is_due) {
    table world;
    world.declare({{alice, got}, {bob, implicit_label::blocked}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    BOOST_TEST(world.blocks(alice) == bob);
    BOOST_TEST(world.blocks(bob) == carol);
    world.enabled.insert(bob); // it could go on, and would be past its `blocked`
    BOOST_TEST(world.reaches(carol, other) == carol);
    world.enabled.insert(alice);
    BOOST_TEST(world.reaches(carol, other) == alice);
    BOOST_TEST(world.reaches(alice, got) == nobody);
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    BOOST_TEST(world.ends(alice) == bob); // it is not blocked now
    BOOST_TEST(world.blocks(bob) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
}

BOOST_AUTO_TEST_CASE(started_is_reached_before_anything_has_run) {
    table world;
    world.declare({{bob, implicit_label::started}, {bob, implicit_label::finished}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
    BOOST_TEST(world.resume(goal::next_checkpoint) == bob);
    BOOST_TEST(world.ends(bob) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
}

BOOST_AUTO_TEST_CASE(a_starter_that_ends_too_early_missed_its_checkpoint) {
    table world;
    world.declare({{bob, got}, {bob, written}});
    BOOST_TEST(world.resume(goal::end) == bob);
    BOOST_TEST(world.reaches(bob, got) == bob);
    BOOST_TEST(world.ends(bob) == nobody);
    BOOST_CHECK(world.order.result() == verdict::missed);
    BOOST_TEST(world.order.culprit() == bob);
    BOOST_CHECK((world.order.at_fault() == mention{bob, written}));
}

BOOST_AUTO_TEST_CASE(one_that_ended_unseen_missed_its_checkpoint_when_that_is_due) {
    table world;
    world.declare({{alice, got}, {bob, got}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    BOOST_TEST(world.reaches(alice, got) == nobody);
    world.end(bob); // by an exception, say: the driver was told, and not the strategy
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    BOOST_TEST(world.ends(alice) == nobody);
    BOOST_CHECK(world.order.result() == verdict::missed);
    BOOST_TEST(world.order.culprit() == bob);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_its_own_that_comes_too_early_is_out_of_order) {
    table world;
    world.declare({{alice, got}, {alice, written}});
    BOOST_TEST(world.resume(goal::end) == alice);
    BOOST_TEST(world.reaches(alice, other) == alice);
    BOOST_TEST(world.reaches(alice, written) == nobody);
    BOOST_CHECK(world.order.result() == verdict::out_of_order);
    BOOST_TEST(world.order.culprit() == alice);
    BOOST_CHECK((world.order.at_fault() == mention{alice, written}));
}

BOOST_AUTO_TEST_CASE(a_detour_stops_at_a_checkpoint_that_is_not_in_the_order) {
    table world;
    world.declare({{alice, got}, {bob, got}});
    world.order.aim_at_detour({bob, other, 2});
    BOOST_TEST(world.ask(nobody) == alice); // what is due before bob's own comes first
    BOOST_TEST(world.reaches(alice, got) == alice);
    BOOST_TEST(world.ends(alice) == bob);
    BOOST_TEST(world.reaches(bob, other) == bob);
    BOOST_TEST(world.reaches(bob, other) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
    BOOST_TEST(world.order.due() == 1U);
    BOOST_TEST(world.resume(goal::next_checkpoint) == bob);
}

BOOST_AUTO_TEST_CASE(a_detour_that_is_never_reached_is_missed) {
    table world;
    world.order.aim_at_detour({carol, other});
    BOOST_TEST(world.ask(nobody) == carol);
    BOOST_TEST(world.ends(carol) == nobody);
    BOOST_CHECK(world.order.result() == verdict::missed);
    BOOST_TEST(world.order.culprit() == carol);
}

BOOST_AUTO_TEST_CASE(settling_sees_the_end_that_nobody_can_follow) {
    table world;
    world.declare({{alice, implicit_label::finished}});
    world.end(bob);
    world.end(carol);
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    world.end(alice);
    BOOST_CHECK(world.order.settle({world.enabled, world.pending, alice, world.step}) == verdict::reached);
    BOOST_TEST(world.order.used_up());
}

BOOST_AUTO_TEST_CASE(a_second_order_counts_from_where_the_starters_are) {
    table world;
    world.declare({{alice, got}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    BOOST_TEST(world.reaches(alice, got) == nobody);
    world.declare({{alice, got}, {bob, got}});
    BOOST_TEST(world.resume(goal::next_checkpoint) == alice);
    BOOST_TEST(world.reaches(alice, got) == nobody);
    BOOST_CHECK(world.order.result() == verdict::reached);
    BOOST_TEST(world.order.due() == 1U);
}

BOOST_AUTO_TEST_CASE(starters_born_after_the_order_take_part_as_helpers_and_at_the_end) {
    table world;
    world.order.declare(std::vector<mention>{{bob, got}}, 2); // carol is not there yet
    BOOST_TEST(world.resume(goal::end) == bob);
    world.end(alice);
    BOOST_TEST(world.blocks(bob) == carol);
    BOOST_TEST(world.reaches(carol, got) == carol);
    world.enabled.insert(bob);
    BOOST_TEST(world.reaches(carol, other) == bob);
    BOOST_TEST(world.reaches(bob, got) == bob);
    BOOST_TEST(world.ends(bob) == carol);
}

BOOST_AUTO_TEST_CASE(a_cleared_strategy_is_like_a_new_one) {
    table world;
    world.declare({{bob, got}, {alice, got}});
    BOOST_TEST(world.resume(goal::end) == bob);
    world.order.clear();
    BOOST_TEST(world.order.used_up());
    BOOST_TEST(!world.order.holds(alice));
    BOOST_TEST(world.resume(goal::end) == alice);
}
