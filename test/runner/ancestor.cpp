// What the ancestor of this library, pyvaldi, promised and tested: a machine of three phases, with checkpoints before and after
// each, and players who take turns.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"

#include <string>
#include <vector>

namespace {

using cppvaldi::at;
using cppvaldi::checkpoint_ref;
using cppvaldi::order;
using cppvaldi::runner;
using cppvaldi::starter;

/// Writes down what it does; "a1" is the first phase of machine a.
struct machine {
    std::string name;
    std::vector<std::string>& log;

    void run() {
        for (const std::string phase : {"1", "2", "3"}) {
            cppvaldi::checkpoint("before " + phase);
            log.push_back(name + phase);
            cppvaldi::checkpoint("after " + phase);
        }
    }
};

struct workshop {
    std::vector<std::string> log;
    machine first{"a", log};
    machine second{"b", log};
    runner run;
    starter a = run.start("a", &machine::run, &first);
    starter b = run.start("b", &machine::run, &second);

    [[nodiscard]] std::string done() const {
        std::string all;
        for (const std::string& each : log) {
            all += (all.empty() ? "" : " ") + each;
        }
        return all;
    }

    /// Goes on to the next declared checkpoint: which it is, and what has been done by then.
    void next(const checkpoint_ref& wanted, const std::string& wanted_done) {
        const auto reached = run.next();
        BOOST_REQUIRE(reached.has_value());
        BOOST_TEST(*reached == wanted);
        BOOST_TEST(done() == wanted_done);
    }

    void last(const std::string& wanted_done) {
        BOOST_TEST(!run.next().has_value());
        BOOST_TEST(run.done());
        BOOST_TEST(done() == wanted_done);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(ancestor, clean_world)

BOOST_AUTO_TEST_CASE(one_starter_stops_before_and_after_each_phase) {
    std::vector<std::string> log;
    machine only{"a", log};
    runner run;
    const starter a = run.start("a", &machine::run, &only);
    run.declare(
        {a.at("before 1"), a.at("after 1"), a.at("before 2"), a.at("after 2"), a.at("before 3"), a.at("after 3")});
    for (std::size_t phase = 1; phase <= 3; ++phase) {
        BOOST_TEST(*run.next() == a.at("before " + std::to_string(phase)));
        BOOST_TEST(log.size() == phase - 1);
        BOOST_TEST(*run.next() == a.at("after " + std::to_string(phase)));
        BOOST_TEST(log.size() == phase);
        BOOST_TEST(!a.is_finished());
    }
    BOOST_TEST(!run.next().has_value());
    BOOST_TEST(a.is_finished());
}

BOOST_AUTO_TEST_CASE(nothing_runs_before_the_first_call) {
    workshop shop;
    shop.run.declare({shop.a.at("after 1")});
    BOOST_TEST(shop.done() == "");
    BOOST_TEST(!shop.run.done());
}

BOOST_AUTO_TEST_CASE(a_checkpoint_after_a_phase_is_reached_when_the_phase_is_done_and_the_next_not_begun) {
    workshop shop;
    shop.run.declare({shop.a.at("after 2")});
    shop.next(shop.a.at("after 2"), "a1 a2");
    shop.last("a1 a2 a3 b1 b2 b3");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_before_a_phase_is_reached_when_it_has_not_begun) {
    workshop shop;
    shop.run.declare({shop.b.at("before 2")});
    shop.next(shop.b.at("before 2"), "b1");
    shop.last("b1 b2 b3 a1 a2 a3"); // a machine past its last checkpoint ends before another begins
}

BOOST_AUTO_TEST_CASE(two_starters_one_after_the_other) {
    workshop shop;
    shop.run.declare({shop.a.at("after 1"), shop.a.at("after 3"), shop.b.at("after 1"), shop.b.at("after 3")});
    shop.next(shop.a.at("after 1"), "a1");
    shop.next(shop.a.at("after 3"), "a1 a2 a3");
    shop.next(shop.b.at("after 1"), "a1 a2 a3 b1");
    BOOST_TEST(shop.a.is_finished());
    shop.next(shop.b.at("after 3"), "a1 a2 a3 b1 b2 b3");
    shop.last("a1 a2 a3 b1 b2 b3");
}

BOOST_AUTO_TEST_CASE(the_second_goes_first_where_that_is_declared) {
    workshop shop;
    shop.run.declare({shop.b.at("after 3"), shop.a.at("after 3")});
    shop.next(shop.b.at("after 3"), "b1 b2 b3");
    shop.next(shop.a.at("after 3"), "b1 b2 b3 a1 a2 a3");
    shop.last("b1 b2 b3 a1 a2 a3");
}

BOOST_AUTO_TEST_CASE(two_starters_in_turns) {
    workshop shop;
    shop.run.declare({shop.a.at("after 1"), shop.b.at("after 1"), shop.a.at("after 2"), shop.b.at("after 2"),
                      shop.a.at("after 3"), shop.b.at("after 3")});
    shop.next(shop.a.at("after 1"), "a1");
    shop.next(shop.b.at("after 1"), "a1 b1");
    shop.next(shop.a.at("after 2"), "a1 b1 a2");
    shop.next(shop.b.at("after 2"), "a1 b1 a2 b2");
    shop.next(shop.a.at("after 3"), "a1 b1 a2 b2 a3");
    shop.next(shop.b.at("after 3"), "a1 b1 a2 b2 a3 b3");
    shop.last("a1 b1 a2 b2 a3 b3");
}

BOOST_AUTO_TEST_CASE(two_starters_mixed_before_and_after) {
    workshop shop;
    shop.run.declare({shop.a.at("before 2"), shop.b.at("after 1"), shop.b.at("before 3"), shop.a.at("after 2"),
                      shop.b.at("after 3"), shop.a.at("before 3")});
    shop.next(shop.a.at("before 2"), "a1");
    shop.next(shop.b.at("after 1"), "a1 b1");
    shop.next(shop.b.at("before 3"), "a1 b1 b2");
    shop.next(shop.a.at("after 2"), "a1 b1 b2 a2");
    shop.next(shop.b.at("after 3"), "a1 b1 b2 a2 b3");
    shop.next(shop.a.at("before 3"), "a1 b1 b2 a2 b3");
    shop.last("a1 b1 b2 a2 b3 a3");
}

BOOST_AUTO_TEST_CASE(the_first_finishes_and_then_the_second_starts) {
    workshop shop;
    shop.run.declare({shop.a.started(), shop.a.finished(), shop.b.started(), shop.b.finished()});
    shop.next(shop.a.started(), "");
    shop.next(shop.a.finished(), "a1 a2 a3");
    BOOST_TEST(shop.a.is_finished());
    shop.next(shop.b.started(), "a1 a2 a3");
    shop.next(shop.b.finished(), "a1 a2 a3 b1 b2 b3");
    BOOST_TEST(shop.run.done());
    shop.last("a1 a2 a3 b1 b2 b3");
}

BOOST_AUTO_TEST_CASE(a_starter_past_its_last_declared_checkpoint_ends_before_another_is_resumed) {
    workshop shop;
    shop.run.declare({shop.a.at("after 1"), shop.b.at("before 1"), shop.b.at("after 1")});
    shop.next(shop.a.at("after 1"), "a1");
    shop.next(shop.b.at("before 1"), "a1 a2 a3");
    BOOST_TEST(shop.a.is_finished());
    shop.next(shop.b.at("after 1"), "a1 a2 a3 b1");
    shop.last("a1 a2 a3 b1 b2 b3");
}

BOOST_AUTO_TEST_CASE(an_empty_order_lets_everything_run_to_its_end) {
    workshop shop;
    shop.run.declare(order{});
    shop.last("a1 a2 a3 b1 b2 b3");
    shop.last("a1 a2 a3 b1 b2 b3"); // and asking again changes nothing
}

BOOST_AUTO_TEST_CASE(without_an_order_everything_runs_to_its_end) {
    workshop shop;
    shop.last("a1 a2 a3 b1 b2 b3");
}

BOOST_AUTO_TEST_CASE(no_starters_have_nothing_to_do) {
    runner run;
    BOOST_TEST(run.done());
    run.declare(order{});
    BOOST_TEST(!run.next().has_value());
    run.finish();
    BOOST_TEST(run.played().decisions().empty());
}

BOOST_AUTO_TEST_CASE(from_any_pause_the_caller_may_go_on_to_the_end) {
    for (std::size_t pauses = 0; pauses <= 3; ++pauses) {
        workshop shop;
        shop.run.declare({shop.b.at("after 1"), shop.a.at("after 1"), shop.b.at("after 2")});
        for (std::size_t pause = 0; pause < pauses; ++pause) {
            BOOST_TEST(shop.run.next().has_value());
        }
        shop.run.finish();
        BOOST_TEST(shop.run.done());
        BOOST_TEST(shop.done() == "b1 a1 a2 a3 b2 b3");
    }
}

BOOST_AUTO_TEST_CASE(the_caller_may_skip_to_a_checkpoint_of_choice) {
    workshop shop;
    shop.run.declare({shop.a.at("after 1"), shop.b.at("after 1"), shop.a.at("after 2"), shop.b.at("after 2")});
    BOOST_TEST(shop.run.run_to(shop.a.at("after 2")) == shop.a.at("after 2"));
    BOOST_TEST(shop.done() == "a1 b1 a2");
    shop.next(shop.b.at("after 2"), "a1 b1 a2 a3 b2");
    shop.last("a1 b1 a2 a3 b2 b3");
}

BOOST_AUTO_TEST_CASE(the_reached_checkpoint_is_returned_as_it_was_declared) {
    workshop shop;
    shop.run.declare({at("a", "after 1", 1), shop.b.at("after 1")});
    BOOST_TEST(*shop.run.next() == at("a", "after 1", 1));
    BOOST_TEST(*shop.run.next() == at("b", "after 1"));
}

BOOST_AUTO_TEST_CASE(one_to_four_players_take_turns_at_one_checkpoint) {
    const std::vector<std::string> names{"north", "east", "south", "west"};
    constexpr std::size_t rounds = 3;
    for (std::size_t players = 1; players <= names.size(); ++players) {
        std::vector<std::string> table;
        runner run;
        order turns;
        for (std::size_t player = 0; player < players; ++player) {
            (void)run.start(names[player], [&table, name = names[player]] {
                for (std::size_t round = 0; round < rounds; ++round) {
                    table.push_back(name);
                    cppvaldi::checkpoint("played");
                }
            });
        }
        for (std::size_t round = 0; round < rounds; ++round) {
            for (std::size_t player = 0; player < players; ++player) {
                turns.push_back(at(names[player], "played"));
            }
        }
        run.declare(turns);
        std::size_t cards = 0;
        for (const checkpoint_ref& reached : run) {
            BOOST_TEST(reached == turns[cards]);
            ++cards;
            BOOST_TEST(table.size() == cards);
            BOOST_TEST(table.back() == reached.starter());
        }
        BOOST_TEST(cards == rounds * players);
        BOOST_TEST(run.done());
    }
}

BOOST_AUTO_TEST_CASE(players_take_turns_backwards_too) {
    std::vector<std::string> table;
    runner run;
    for (const std::string name : {"north", "east", "south"}) {
        (void)run.start(name, [&table, name] {
            for (int round = 0; round < 2; ++round) {
                table.push_back(name);
                cppvaldi::checkpoint("played");
            }
        });
    }
    run.declare(order::parse("south:played east:played north:played north:played east:played south:played"));
    run.finish();
    BOOST_TEST(table == (std::vector<std::string>{"south", "east", "north", "north", "east", "south"}));
}

BOOST_AUTO_TEST_SUITE_END()
