#include <cppvaldi/errors.hpp>
#include <cppvaldi/explore.hpp>

#include "support/classes.hpp"
#include "support/fixture.hpp"
#include "support/says.hpp"
#include "support/sketches.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace {

using cppvaldi::at;
using cppvaldi::exhaustive;
using cppvaldi::exploration;
using cppvaldi::given;
using cppvaldi::happens_before;
using cppvaldi::order;
using cppvaldi::usage_error;

/// The n-th checkpoint of a thread of a sketch.
cppvaldi::checkpoint_ref nth(char thread, std::uint32_t occurrence) {
    return at(std::string(1, thread), "here", occurrence);
}

std::set<std::string> searched(const sketch& all, const given& only) {
    std::vector<std::string> done;
    std::string current;
    const exploration found = cppvaldi::explore(
        [&] {
            done.emplace_back(); // one that is cut short leaves it empty
            done.back() = run_sketch(all);
        },
        exhaustive{}, {}, only);
    BOOST_TEST(found.complete);
    BOOST_TEST(done.size() == found.executions + found.discarded);
    std::set<std::string> kept(done.begin(), done.end());
    kept.erase("");
    return kept;
}

/// Whether an interleaving keeps an order, worked out from what the words mean, without the library. A mention is reached when
/// its thread has done all before it; the first operation of a thread comes as soon as it may.
class judged {
public:
    judged(const sketch& all, const given& only) : all_(all), at_(all.size(), 0), counts_(all.size(), 0) {
        for (const cppvaldi::checkpoint_ref& each : only.total()) {
            wanted_.push_back({.what = each});
            if (wanted_.size() > 1) {
                wanted_.back().after.push_back(wanted_.size() - 2);
            }
        }
        must_come_ = wanted_.size();
        for (const happens_before& each : only.pairs()) {
            wanted_.push_back({.what = each.first});
            wanted_.push_back({.what = each.then, .after = {wanted_.size() - 1}});
        }
    }

    [[nodiscard]] bool keeps(const std::string& done) {
        for (std::size_t who = 0; who < all_.size(); ++who) {
            arrive(who, true);
        }
        for (const char letter : done) {
            const auto who = static_cast<std::size_t>(letter - 'a');
            if (std::any_of(wanted_.begin(), wanted_.end(), [&](const mention& each) { return each.waiting == who; })) {
                return false;
            }
            ++at_[who];
            arrive(who, false);
        }
        return !too_early_ && std::all_of(wanted_.begin(), wanted_.begin() + static_cast<std::ptrdiff_t>(must_come_),
                                          [](const mention& each) { return each.reached; });
    }

private:
    struct mention {
        cppvaldi::checkpoint_ref what;
        std::vector<std::size_t> after{};
        bool reached = false;
        std::size_t waiting = 99;
    };

    void arrive(std::size_t who, bool by_force) {
        const bool at_end = at_[who] == all_[who].size();
        const bool at_checkpoint = !at_end && all_[who][at_[who]] == '.';
        counts_[who] += at_checkpoint ? 1 : 0;
        for (mention& each : wanted_) {
            const bool here =
                each.what.starter()[0] == static_cast<char>('a' + who) &&
                ((at_checkpoint && each.what.name() == "here" && each.what.occurrence() == counts_[who]) ||
                 (at_end && each.what.name() == "finished"));
            if (here && by_force) {
                each.waiting = who;
            } else if (here) {
                too_early_ = too_early_ || !is_due(each);
                each.reached = true;
            }
        }
        for (std::size_t round = 0; round < wanted_.size(); ++round) {
            for (mention& each : wanted_) {
                if (each.waiting != 99 && is_due(each)) {
                    each.waiting = 99;
                    each.reached = true;
                }
            }
        }
    }

    [[nodiscard]] bool is_due(const mention& of) const {
        return std::all_of(of.after.begin(), of.after.end(),
                           [&](std::size_t before) { return wanted_[before].reached; });
    }

    const sketch& all_;
    std::vector<std::size_t> at_;
    std::vector<std::uint32_t> counts_;
    std::vector<mention> wanted_;
    std::size_t must_come_ = 0;
    bool too_early_ = false;
};

std::set<std::string> filtered(const sketch& all, const given& only) {
    std::set<std::string> kept;
    const interleavings known(all);
    for (const auto& [done, preemptions] : known.all()) {
        if (judged(all, only).keeps(done)) {
            kept.insert(done);
        }
    }
    return kept;
}

struct example {
    sketch all;
    given only;
};

const std::vector<example> examples = {
    {{"...", "..."}, order{nth('a', 1), nth('b', 1), nth('b', 2), nth('a', 2)}},
    {{"...", "..."}, order{nth('b', 1), nth('a', 1)}},
    {{"...", "..."}, order{nth('b', 3), nth('a', 2)}},
    {{"...", "..."}, order{nth('a', 2), nth('b', 2), nth('a', 3), nth('b', 3), at("a", "finished")}},
    {{"...", "..."}, order{at("b", "finished"), nth('a', 2)}},
    {{"..", "..", ".."}, order{nth('c', 2), nth('b', 2), nth('a', 2)}},
    {{"..", "..", ".."}, {{nth('a', 2), nth('b', 2)}, {nth('c', 2), nth('b', 2)}}},
    {{"...", "..."}, {{nth('a', 2), nth('b', 3)}}},
    {{"...", "..."}, {{nth('b', 2), nth('a', 1)}, {nth('a', 1), nth('b', 3)}}},
    {{"...", "..."}, {{nth('a', 3), nth('b', 3)}, {nth('b', 2), nth('a', 2)}}},
    {{"(..)", ".(.)"}, order{nth('b', 2), nth('a', 2)}},
    {{"(..).", ".(.)"}, {{nth('a', 2), nth('b', 2)}}},
    {{"(.)(.)", "(.)"}, order{nth('a', 1), nth('b', 1), nth('a', 2)}},
    {{"..", "(.)", "[(.)]"}, {{nth('b', 1), nth('c', 1)}, {at("c", "finished"), nth('a', 2)}}},
};

struct account {
    int balance = 100;
    void withdraw(int amount) {
        const int seen = balance;
        cppvaldi::checkpoint("read");
        balance = seen - amount;
        cppvaldi::checkpoint("written");
    }
};

/// Returns the balances at the end of all executions that keep the order.
std::multiset<int> balances(const given& only) {
    std::multiset<int> seen;
    const exploration found = cppvaldi::explore(
        [&] {
            account acc;
            cppvaldi::thread alice{"alice", [&] { acc.withdraw(30); }};
            cppvaldi::thread bob{"bob", [&] { acc.withdraw(50); }};
            alice.join();
            bob.join();
            seen.insert(acc.balance);
        },
        exhaustive{}, {}, only);
    BOOST_TEST(found.complete);
    BOOST_TEST(found.executions == seen.size());
    BOOST_TEST(!found.finding.has_value());
    return seen;
}

cppvaldi::finding infeasible(const sketch& all, const given& only) {
    const exploration found = cppvaldi::explore([&] { (void)run_sketch(all); }, exhaustive{}, {}, only);
    BOOST_REQUIRE(found.finding.has_value());
    BOOST_TEST((found.finding->what == cppvaldi::finding::kind::infeasible_order));
    return *found.finding;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(given_orders, clean_world)

BOOST_AUTO_TEST_CASE(a_full_search_goes_through_just_those_interleavings_that_keep_the_order) {
    for (std::size_t position = 0; position < examples.size(); ++position) {
        BOOST_TEST_CONTEXT("example " << position) {
            const std::set<std::string> expected = filtered(examples[position].all, examples[position].only);
            BOOST_TEST(!expected.empty());
            BOOST_TEST(searched(examples[position].all, examples[position].only) == expected,
                       boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(what_an_order_allows_is_what_a_runner_does) {
    BOOST_TEST(balances(given{}).size() == 6U);
    BOOST_TEST((balances(order{at("alice", "read"), at("bob", "read"), at("bob", "written"), at("alice", "written")}) ==
                std::multiset<int>{70, 70, 70}));
    BOOST_TEST((balances(order{at("bob", "read"), at("alice", "read"), at("alice", "written"), at("bob", "written")}) ==
                std::multiset<int>{50, 50, 50}));
}

BOOST_AUTO_TEST_CASE(a_partial_order_leaves_the_rest_open) {
    const std::multiset<int> seen = balances(given(happens_before{at("alice", "written"), at("bob", "written")}));
    BOOST_TEST(seen.size() == 3U);
    BOOST_TEST(seen.count(50) == 3U); // bob writes last
}

BOOST_AUTO_TEST_CASE(a_finding_under_an_order_replays_without_it) {
    const auto body = [] {
        account acc;
        cppvaldi::thread alice{"alice", [&] { acc.withdraw(30); }};
        cppvaldi::thread bob{"bob", [&] { acc.withdraw(50); }};
        alice.join();
        bob.join();
        cppvaldi::require(acc.balance == 20);
    };
    const order lost{at("alice", "read"), at("bob", "read"), at("bob", "written"), at("alice", "written")};
    const exploration found = cppvaldi::explore(body, exhaustive{}, {}, lost);
    BOOST_REQUIRE(found.finding.has_value());
    const exploration again = cppvaldi::explore(body, cppvaldi::replay{found.finding->played});
    BOOST_REQUIRE(again.finding.has_value());
    BOOST_TEST(again.finding->report() == found.finding->report());
}

BOOST_AUTO_TEST_CASE(an_order_that_no_interleaving_keeps_is_a_finding) {
    BOOST_TEST(infeasible({"..", ".."}, order{nth('a', 2), nth('a', 1)}).message ==
               "no interleaving keeps the given order: where it is kept longest, a:here is reached before a:here#2");
    BOOST_CHECK_EXCEPTION(throw std::runtime_error(
                              infeasible({"(..)", "(.)"}, order{nth('a', 1), nth('b', 1), nth('a', 2)}).message),
                          std::runtime_error, says({"no interleaving", "a:here#2 is reached before b:here"}));
    BOOST_TEST(
        infeasible({"..", ".."}, {{nth('a', 2), nth('b', 2)}, {nth('b', 2), nth('a', 2)}}).report().find("b:here#2") !=
        std::string::npos);
    BOOST_TEST(infeasible({"..", ".."}, order{nth('a', 1), nth('b', 3)}).message ==
               "no interleaving keeps the given order: where it is kept longest, b:here#3 is not reached");
    BOOST_TEST(infeasible({"..", ".."}, order{at("nobody", "here")}).message ==
               "no interleaving keeps the given order: where it is kept longest, nobody:here is not reached");
}

BOOST_AUTO_TEST_CASE(a_pair_that_is_never_met_is_a_finding) {
    BOOST_TEST(infeasible({"..", ".."}, given(happens_before{nth('a', 1), at("b", "misspelt")})).message ==
               "b:misspelt is reached in no execution, so the given order says nothing of it");
}

BOOST_AUTO_TEST_CASE(strategies_that_draw_are_led_to_what_is_given) {
    // One interleaving out of 184,756.
    order alternating;
    for (std::uint32_t occurrence = 2; occurrence <= 10; ++occurrence) {
        alternating.push_back(nth('a', occurrence));
        alternating.push_back(nth('b', occurrence));
    }
    const auto body = [] { (void)run_sketch({"..........", ".........."}); };
    const auto led = [&](const auto& by) {
        const exploration found = cppvaldi::explore(body, by, {.executions = 400}, alternating);
        BOOST_TEST(found.executions + found.discarded == 400U);
        return found.executions;
    };
    BOOST_TEST(led(cppvaldi::random{}) > 300U);
    BOOST_TEST(led(cppvaldi::pct{}) > 300U);
    BOOST_TEST(led(cppvaldi::pos{}) > 300U);
    BOOST_TEST(led(cppvaldi::surw{}) > 300U);
    BOOST_TEST(led(cppvaldi::sticky{}) > 300U);
}

BOOST_AUTO_TEST_CASE(strategies_that_draw_come_to_all_that_is_given) {
    for (const example& each : examples) {
        std::set<std::string> seen;
        const exploration found = cppvaldi::explore([&] { seen.insert(run_sketch(each.all)); }, cppvaldi::random{},
                                                    {.executions = 4'000}, each.only);
        BOOST_TEST(!found.finding.has_value());
        BOOST_TEST(seen == filtered(each.all, each.only), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(limits_count_what_is_discarded_too) {
    const exploration found = cppvaldi::explore(
        [] {
            (void)run_sketch({"...", "..."});
        },
        exhaustive{}, {.executions = 5}, order{nth('a', 3), nth('b', 2)});
    BOOST_TEST(found.executions + found.discarded == 5U);
    BOOST_TEST(found.discarded > 0U);
}

BOOST_AUTO_TEST_CASE(an_order_that_says_the_same_twice_is_refused) {
    const auto body = [] {};
    BOOST_CHECK_EXCEPTION((void)cppvaldi::explore(body, exhaustive{}, {}, order{nth('a', 2), nth('a', 2)}), usage_error,
                          says({"a:here#2 is there twice", "another occurrence"}));
    BOOST_CHECK_EXCEPTION((void)cppvaldi::explore(body, exhaustive{}, {}, order{at("a", "finished", 2)}), usage_error,
                          says({"finished", "leave the number out"}));
}

namespace {

/// Collects the classes of the executions that come to their end.
class collecting final : public cppvaldi::strategy {
public:
    explicit collecting(cppvaldi::strategy& decides) : noting_(decides) {}

    bool begin_execution() override { return noting_.begin_execution(); }
    bool end_execution(const cppvaldi::scheduling_point& point) override {
        (void)noting_.end_execution(point);
        if (point.pending[0].kind == cppvaldi::operation_kind::finished) {
            seen_.insert(noting_.class_of_it());
        }
        return true;
    }
    [[nodiscard]] cppvaldi::strategy_needs needs() const override { return noting_.needs(); }
    [[nodiscard]] bool completes() const override { return true; }
    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override { return noting_.next(point); }
    std::uint32_t value(const cppvaldi::value_point& point) override { return noting_.value(point); }

    [[nodiscard]] std::size_t classes() const { return seen_.size(); }

private:
    scribe noting_;
    std::set<std::string> seen_;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_reduction_leaves_out_the_classes_that_contradict_an_order_and_only_those) {
    const auto body = [] {
        cppvaldi::atomic<int> x{0};
        cppvaldi::atomic<int> y{0};
        const auto life = [&] {
            const int seen = x.load();
            cppvaldi::checkpoint("read");
            x.store(seen + 1);
            cppvaldi::checkpoint("written");
            y.fetch_add(1);
        };
        cppvaldi::thread alice("alice", life);
        cppvaldi::thread bob("bob", life);
        alice.join();
        bob.join();
    };
    const std::vector<given> orders{
        order{at("alice", "read"), at("bob", "read"), at("bob", "written"), at("alice", "written")},
        order{at("alice", "written"), at("bob", "read")},
        given{happens_before{at("alice", "read"), at("bob", "written")}},
        given{happens_before{at("alice", "read"), at("bob", "written")},
              happens_before{at("bob", "read"), at("alice", "written")}},
    };
    for (const given& only : orders) {
        const auto everything = cppvaldi::make_strategy(exhaustive{});
        collecting kept(*everything);
        const exploration all = cppvaldi::explore(body, kept, {}, only);
        const exploration found = cppvaldi::explore(body, cppvaldi::dpor{}, {}, only);
        BOOST_TEST(all.complete);
        BOOST_TEST(found.complete);
        BOOST_TEST(!found.finding);
        BOOST_TEST(found.executions == kept.classes());
        BOOST_TEST(found.executions > 0U);
        BOOST_TEST(found.executions < 12U); // without an order
    }
    BOOST_TEST(cppvaldi::explore(body, cppvaldi::dpor{}).executions == 8U);
}

BOOST_AUTO_TEST_SUITE_END()
