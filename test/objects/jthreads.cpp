// std::jthread's members, and its destructor among other starters.

#include <cppvaldi/cppvaldi.hpp>

#include "support/every_schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

using namespace cppvaldi;

namespace {

/// Runs `body` as the starter `main`, to its end.
template <typename Body>
void in_execution(Body body) {
    runner run;
    run.start("main", body);
    run.finish();
    BOOST_TEST(run.done());
}

} // namespace

BOOST_AUTO_TEST_SUITE(jthreads)

static_assert(std::is_same_v<jthread::id, thread::id>);
static_assert(!std::is_copy_constructible_v<jthread> && !std::is_copy_assignable_v<jthread>);
static_assert(std::is_nothrow_move_constructible_v<jthread> && std::is_nothrow_move_assignable_v<jthread>);
static_assert(std::is_nothrow_destructible_v<jthread>);
static_assert(!std::is_constructible_v<jthread, int>);

BOOST_AUTO_TEST_CASE(a_default_one_is_not_joinable_and_cannot_be_stopped) {
    jthread none;
    BOOST_TEST(!none.joinable());
    BOOST_TEST((none.get_id() == jthread::id()));
    BOOST_TEST(!none.get_stop_source().stop_possible());
    BOOST_TEST(!none.get_stop_token().stop_possible());
    BOOST_TEST(!none.request_stop());
    BOOST_CHECK_EXCEPTION(none.join(), std::system_error,
                          [](const auto& e) { return e.code() == std::errc::invalid_argument; });
    BOOST_CHECK_EXCEPTION(none.detach(), std::system_error,
                          [](const auto& e) { return e.code() == std::errc::invalid_argument; });
}

BOOST_AUTO_TEST_CASE(its_destructor_requests_a_stop_and_joins) {
    in_execution([] {
        std::string seen;
        {
            const jthread worker([&](const stop_token& token) {
                seen += "begun ";
                while (!token.stop_requested()) {
                    this_thread::yield();
                }
                seen += "stopped";
            });
            this_thread::yield();
        }
        BOOST_TEST(seen == "begun stopped");
    });
}

BOOST_AUTO_TEST_CASE(the_token_is_given_only_to_who_takes_it) {
    in_execution([] {
        int sum = 0;
        {
            const jthread without([&sum](int number) { sum += number; }, 1);
            const jthread with([&sum](const stop_token& token, int number) { sum += token.stop_possible() ? number : 0; }, 10);
            const jthread named("named", [&sum](const stop_token&, int number) { sum += number; }, 100);
            const jthread plain("named too", [&sum] { sum += 1000; });
        }
        BOOST_TEST(sum == 1111);
    });
}

BOOST_AUTO_TEST_CASE(a_named_one_is_called_so) {
    runner run;
    run.start("main", [] { jthread("alice", [] { checkpoint("here"); }).join(); });
    run.finish();
    BOOST_TEST(run.trace_so_far().starters.at(1) == "alice");
}

BOOST_AUTO_TEST_CASE(joining_and_detaching_leave_it_unjoinable) {
    in_execution([] {
        jthread joined([] {});
        BOOST_TEST(joined.joinable());
        BOOST_TEST((joined.get_id() != jthread::id()));
        joined.join();
        BOOST_TEST(!joined.joinable());
        jthread detached([] {});
        detached.detach();
        BOOST_TEST(!detached.joinable());
    });
}

BOOST_AUTO_TEST_CASE(joining_itself_is_refused) {
    in_execution([] {
        std::error_code why;
        jthread self;
        self = jthread([&] {
            try {
                self.join();
            } catch (const std::system_error& refused) {
                why = refused.code();
            }
        });
        this_thread::yield();
        BOOST_TEST((why == std::errc::resource_deadlock_would_occur));
    });
}

BOOST_AUTO_TEST_CASE(assigning_to_one_stops_and_joins_the_one_before) {
    in_execution([] {
        std::string seen;
        const auto until_stopped = [&seen](const stop_token& token, const char* name) {
            while (!token.stop_requested()) {
                this_thread::yield();
            }
            seen += name;
        };
        jthread one(until_stopped, "1");
        jthread other(until_stopped, "2");
        const jthread::id other_id = other.get_id();
        one = std::move(other);
        BOOST_TEST(seen == "1");
        BOOST_TEST((one.get_id() == other_id));
        BOOST_TEST(!other.joinable());
        BOOST_TEST(!other.get_stop_source().stop_possible());
        swap(one, other);
        BOOST_TEST((other.get_id() == other_id));
        other = jthread();
        BOOST_TEST(seen == "12");
    });
}

BOOST_AUTO_TEST_CASE(a_stop_can_be_requested_through_the_source_and_seen_through_the_token) {
    in_execution([] {
        jthread worker([](const stop_token& token) {
            while (!token.stop_requested()) {
            }
        });
        const stop_token token = worker.get_stop_token();
        BOOST_TEST(!token.stop_requested());
        BOOST_TEST(worker.get_stop_source().request_stop());
        BOOST_TEST(!worker.request_stop());
        BOOST_TEST(token.stop_requested());
    });
}

BOOST_AUTO_TEST_CASE(who_destroys_one_is_blocked_until_its_end) {
    runner run;
    const starter boss = run.start("boss", [] { const jthread worker("worker", [] { checkpoint("working"); }); });
    run.run_to(boss.blocked());
    BOOST_TEST(run.status().find("boss    waits for starter worker") != std::string::npos);
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_jthread_destroyed_in_its_own_starter_is_a_deadlock) {
    runner run;
    std::optional<jthread> self;
    run.start("main", [&] {
        self.emplace("self", [&] { self.reset(); });
        checkpoint("started it");
    });
    BOOST_CHECK_THROW(run.finish(), deadlock);
}

BOOST_AUTO_TEST_CASE(in_every_schedule_it_has_ended_when_its_destructor_returns) {
    const exploration all = in_every_schedule([] {
        int rounds = 0;
        bool ended = false;
        {
            const jthread worker([&](const stop_token& token) {
                while (rounds < 2 && !token.stop_requested()) {
                    ++rounds;
                }
                ended = true;
            });
        }
        BOOST_REQUIRE(ended);
        BOOST_REQUIRE(rounds <= 2);
    });
    BOOST_TEST(all.executions > 1U);
}

BOOST_AUTO_TEST_CASE(one_that_is_cut_off_in_its_destructor_is_unwound_soon_after) {
    bool went_on = false;
    {
        runner run;
        const starter main = run.start("main", [&] {
            { const jthread worker("worker", [] { checkpoint("working"); }); }
            checkpoint("after");
            went_on = true;
        });
        run.run_to(main.blocked());
    }
    BOOST_TEST(!went_on);
}

BOOST_AUTO_TEST_SUITE_END()
