// What the tests of the Boost.Test adapter run, case by case: most of them fail, and what they print is compared.

#define BOOST_TEST_MODULE explored
#include <cppvaldi/boost_test.hpp>
#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/output/compiler_log_formatter.hpp>

#include <cstdlib>
#include <stdexcept>

namespace {

using cppvaldi::exhaustive;
using cppvaldi::limits;

struct account {
    int balance = 100;

    void withdraw(int amount) {
        const int seen = balance;
        cppvaldi::checkpoint("read", seen);
        balance = seen - amount;
    }
};

/// Two withdrawals at a time.
void withdraw_twice(account& acc) {
    cppvaldi::thread alice{"alice", &account::withdraw, &acc, 30};
    cppvaldi::thread bob{"bob", &account::withdraw, &acc, 50};
    alice.join();
    bob.join();
}

/// The same, one after the other.
void withdraw_in_turn(account& acc) {
    cppvaldi::thread alice{"alice", &account::withdraw, &acc, 30};
    alice.join();
    cppvaldi::thread bob{"bob", &account::withdraw, &acc, 50};
    bob.join();
}

/// Takes the place of the adapter's own formatter, if the environment asks for it.
struct custom_formatter {
    custom_formatter() {
        if (std::getenv("EXPLORED_FORMATTER") != nullptr) {
            boost::unit_test::unit_test_log.set_formatter(new boost::unit_test::output::compiler_log_formatter);
        }
    }
};
BOOST_TEST_GLOBAL_FIXTURE(custom_formatter);

int worlds = 0;

struct counted {
    account acc;
    counted() { ++worlds; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --worlds; }
    void setup() { acc.balance = 200; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(kinds)

CPPVALDI_TEST_CASE(a_check_fails, exhaustive{}) {
    account acc;
    withdraw_twice(acc);
    BOOST_TEST(acc.balance == 20);
}

CPPVALDI_TEST_CASE(a_critical_check_fails_in_a_starter, exhaustive{}) {
    account acc;
    cppvaldi::jthread alice{"alice", [&] { acc.withdraw(30); }};
    cppvaldi::jthread bob{"bob", [&] {
                              acc.withdraw(50);
                              BOOST_REQUIRE_EQUAL(acc.balance, 20);
                          }};
}

CPPVALDI_TEST_CASE(an_old_check_fails_with_a_message, exhaustive{}) {
    account acc;
    withdraw_twice(acc);
    BOOST_CHECK_MESSAGE(acc.balance == 20, "there are " << acc.balance << " left");
}

CPPVALDI_TEST_CASE(an_exception_leaves_a_starter, exhaustive{}) {
    account acc;
    cppvaldi::jthread alice{"alice", [&] { acc.withdraw(30); }};
    cppvaldi::jthread bob{"bob", [&] {
                              acc.withdraw(50);
                              if (acc.balance == 50) {
                                  throw std::runtime_error("alice has taken nothing");
                              }
                          }};
}

CPPVALDI_TEST_CASE(a_deadlock, exhaustive{}) {
    cppvaldi::mutex left{"left"};
    cppvaldi::mutex right{"right"};
    const auto both = [](cppvaldi::mutex& first, cppvaldi::mutex& second) {
        const cppvaldi::lock_guard held(first);
        const cppvaldi::lock_guard held_too(second);
    };
    cppvaldi::jthread alice{"alice", [&] { both(left, right); }};
    cppvaldi::jthread bob{"bob", [&] { both(right, left); }};
}

CPPVALDI_TEST_CASE(a_requirement_fails, exhaustive{}) {
    account acc;
    withdraw_twice(acc);
    cppvaldi::require(acc.balance == 20, "nobody's withdrawal is lost");
}

CPPVALDI_TEST_CASE(it_passes, exhaustive{}) {
    account acc;
    withdraw_in_turn(acc);
    BOOST_TEST(acc.balance == 20);
    BOOST_TEST(acc.balance != 70);
}

CPPVALDI_TEST_CASE(ten_thousand_executions_pass, cppvaldi::random{.seed = 1}, limits{.executions = 10'000}) {
    account acc;
    withdraw_in_turn(acc);
    BOOST_TEST(acc.balance == 20);
    BOOST_TEST_MESSAGE("done");
    BOOST_WARN(acc.balance == 70);
}

CPPVALDI_TEST_CASE(there_is_a_default_limit, cppvaldi::random{}) { BOOST_CHECK(true); }

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(contexts)

CPPVALDI_TEST_CASE(only_those_of_the_starter_are_shown, exhaustive{}) {
    account acc;
    const auto withdraw = [&](int amount) {
        BOOST_TEST_CONTEXT("a withdrawal of " << amount) {
            BOOST_TEST_CONTEXT("by " << (amount == 30 ? "alice" : "bob")) {
                const int seen = acc.balance;
                cppvaldi::checkpoint("read");
                acc.balance = seen - amount;
                cppvaldi::checkpoint("written");
                BOOST_TEST(acc.balance == seen - amount);
            }
        }
    };
    cppvaldi::jthread alice{"alice", [&] { withdraw(30); }};
    cppvaldi::jthread bob{"bob", [&] { withdraw(50); }};
}

BOOST_AUTO_TEST_CASE(those_around_the_exploration_are_shown) {
    BOOST_TEST_CONTEXT("outside") {
        (void)cppvaldi::boost_test::check(
            [] {
                BOOST_TEST_INFO("inside");
                BOOST_CHECK(false);
            },
            exhaustive{});
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(units)

CPPVALDI_FIXTURE_TEST_CASE(each_execution_has_a_fixture_of_its_own, counted, exhaustive{}) {
    BOOST_TEST(worlds == 1);
    withdraw_twice(acc);
    BOOST_TEST(acc.balance >= 120);
}

BOOST_FIXTURE_TEST_SUITE(with_a_fixture, counted)

CPPVALDI_TEST_CASE(the_fixture_of_the_suite_counts, exhaustive{}) {
    BOOST_TEST(worlds == 1);
    withdraw_in_turn(acc);
    BOOST_TEST(acc.balance == 120);
}

BOOST_AUTO_TEST_CASE(an_ordinary_case_stands_beside_it) { BOOST_TEST(acc.balance == 200); }

BOOST_AUTO_TEST_SUITE_END()

BOOST_TEST_DECORATOR(*boost::unit_test::expected_failures(1))
CPPVALDI_TEST_CASE(a_failure_is_expected, exhaustive{}) {
    account acc;
    withdraw_twice(acc);
    BOOST_TEST(acc.balance == 20);
}

BOOST_TEST_DECORATOR(*boost::unit_test::disabled())
CPPVALDI_TEST_CASE(it_is_disabled, exhaustive{}) { BOOST_TEST(false); }

BOOST_DATA_TEST_CASE(it_is_data_driven, boost::unit_test::data::make({20, 50, 120}), left) {
    (void)cppvaldi::boost_test::check(
        [&] {
            account acc;
            withdraw_twice(acc);
            BOOST_TEST(acc.balance <= left);
        },
        exhaustive{});
}

CPPVALDI_DATA_TEST_CASE(its_samples_may_be_explored, boost::unit_test::data::make({100, 80}), start, exhaustive{}) {
    account acc{start};
    withdraw_in_turn(acc);
    BOOST_TEST(acc.balance == 20);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(runners)

BOOST_AUTO_TEST_CASE(its_timeline_is_shown) {
    account acc;
    cppvaldi::runner run;
    const cppvaldi::starter alice = run.start("alice", &account::withdraw, &acc, 30);
    const cppvaldi::starter bob = run.start("bob", &account::withdraw, &acc, 50);
    run.declare({alice.at("read"), bob.at("read"), bob.finished(), alice.finished()});
    BOOST_TEST(acc.balance == 100);
    run.finish();
    BOOST_TEST(acc.balance == 20);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(crashes)

CPPVALDI_TEST_CASE(a_starter_aborts, exhaustive{}) {
    account acc;
    withdraw_twice(acc);
    if (acc.balance != 20) {
        std::abort();
    }
}

BOOST_TEST_DECORATOR(*boost::unit_test::timeout(1))
CPPVALDI_TEST_CASE(a_starter_takes_too_long, exhaustive{}) {
    volatile bool goes_on = true;
    while (goes_on) {}
}

CPPVALDI_TEST_CASE(the_next_case_is_not_in_an_execution_any_more, exhaustive{}) {
    account acc;
    withdraw_in_turn(acc);
    BOOST_TEST(acc.balance == 20);
}

BOOST_AUTO_TEST_CASE(nor_is_an_ordinary_one) {
    cppvaldi::checkpoint("no effect");
    cppvaldi::runner run;
    run.start("alice", [] { BOOST_CHECK(true); });
    run.finish();
    BOOST_CHECK(false);
}

BOOST_AUTO_TEST_SUITE_END()
