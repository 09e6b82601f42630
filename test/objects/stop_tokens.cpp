// Stop requests: what the standard says of each member, and who may run where.

#include <cppvaldi/cppvaldi.hpp>

#include "support/every_schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using namespace cppvaldi;

BOOST_AUTO_TEST_SUITE(stop_tokens)

// --- member by member, outside an execution ---

BOOST_AUTO_TEST_CASE(a_default_token_can_never_be_stopped) {
    const stop_token none;
    BOOST_TEST(!none.stop_possible());
    BOOST_TEST(!none.stop_requested());
    BOOST_TEST((none == stop_token()));
}

BOOST_AUTO_TEST_CASE(a_source_without_a_state_does_nothing) {
    const stop_source none(nostopstate);
    BOOST_TEST(!none.stop_possible());
    BOOST_TEST(!none.stop_requested());
    BOOST_TEST(!none.request_stop());
    BOOST_TEST((none.get_token() == stop_token()));
    BOOST_TEST((none == stop_source(nostopstate)));
}

BOOST_AUTO_TEST_CASE(only_the_first_request_returns_true_and_all_tokens_see_it) {
    const stop_source source;
    const stop_token token = source.get_token();
    const stop_source copy = source; // NOLINT(performance-unnecessary-copy-initialization)
    BOOST_TEST((copy == source));
    BOOST_TEST((copy.get_token() == token));
    BOOST_TEST((stop_source() != source));
    BOOST_TEST(!token.stop_requested());
    BOOST_TEST(copy.request_stop());
    BOOST_TEST(!source.request_stop());
    BOOST_TEST(token.stop_requested());
    BOOST_TEST(source.stop_requested());
}

BOOST_AUTO_TEST_CASE(a_token_is_possible_as_long_as_there_is_a_source_or_a_request) {
    std::optional<stop_source> source(std::in_place);
    std::optional<stop_source> other = source;
    const stop_token token = source->get_token();
    source.reset();
    BOOST_TEST(token.stop_possible());
    other.reset();
    BOOST_TEST(!token.stop_possible());

    std::optional<stop_source> requested(std::in_place);
    const stop_token of_requested = requested->get_token();
    requested->request_stop();
    requested.reset();
    BOOST_TEST(of_requested.stop_possible());
    BOOST_TEST(of_requested.stop_requested());
}

BOOST_AUTO_TEST_CASE(moving_assigning_and_swapping_carry_the_state_along) {
    stop_source first;
    stop_source second(nostopstate);
    const stop_token token = first.get_token();
    swap(first, second);
    BOOST_TEST(!first.stop_possible());
    BOOST_TEST((second.get_token() == token));
    first = std::move(second);
    BOOST_TEST((first.get_token() == token));
    second = first;
    BOOST_TEST((second == first));
    first = stop_source(nostopstate);
    second = stop_source(nostopstate);
    BOOST_TEST(!token.stop_possible());
    stop_token one = token;
    stop_token other;
    swap(one, other);
    BOOST_TEST((other == token));
    BOOST_TEST((one == stop_token()));
}

BOOST_AUTO_TEST_CASE(a_callback_is_called_by_the_request_or_at_once_and_only_once) {
    stop_source source;
    int calls = 0;
    const auto count = [&] { ++calls; };
    const stop_callback before(source.get_token(), count);
    static_assert(std::is_same_v<decltype(before)::callback_type, std::remove_const_t<decltype(count)>>);
    BOOST_TEST(calls == 0);
    source.request_stop();
    BOOST_TEST(calls == 1);
    const stop_callback after(source.get_token(), count);
    BOOST_TEST(calls == 2);
    source.request_stop();
    BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(a_destroyed_callback_is_not_called) {
    stop_source source;
    int calls = 0;
    const stop_callback first(source.get_token(), [&] { calls += 1; });
    {
        const stop_callback second(source.get_token(), [&] { calls += 10; });
        const stop_callback third(source.get_token(), [&] { calls += 100; });
    }
    const stop_callback fourth(source.get_token(), [&] { calls += 1000; });
    source.request_stop();
    BOOST_TEST(calls == 1001);
}

BOOST_AUTO_TEST_CASE(a_callback_may_destroy_itself_another_and_the_source) {
    using callback = stop_callback<std::function<void()>>;
    struct everything {
        std::unique_ptr<stop_source> source = std::make_unique<stop_source>();
        std::optional<callback> itself;
        std::optional<callback> another;
        int calls = 0;
    } all;
    all.itself.emplace(all.source->get_token(), [&all] {
        everything& kept = all; // what is captured is gone with the callback
        ++kept.calls;
        kept.itself.reset();
        kept.another.reset();
        kept.source.reset();
    });
    all.another.emplace(all.source->get_token(), [&all] { ++all.calls; });
    all.source->request_stop();
    BOOST_TEST(all.calls == 1);
}

BOOST_AUTO_TEST_CASE(a_callback_keeps_the_state_alive) {
    int calls = 0;
    std::optional<stop_source> source(std::in_place);
    const stop_callback waits(source->get_token(), [&] { ++calls; });
    stop_source copy = *source;
    source.reset();
    copy.request_stop();
    BOOST_TEST(calls == 1);
}

// --- in an execution ---

BOOST_AUTO_TEST_CASE(a_loop_that_asks_for_a_stop_lets_others_run) {
    runner run;
    const stop_source source;
    run.start("worker", [token = source.get_token()] {
        while (!token.stop_requested()) {}
    });
    run.start("boss", [&] { source.request_stop(); });
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_loop_that_asks_for_a_stop_is_unwound_with_its_execution) {
    const stop_source source;
    bool destroyed = false;
    {
        runner run;
        run.start("worker", [&, token = source.get_token()] {
            struct notes_end {
                bool& destroyed;
                ~notes_end() { destroyed = true; }
            } local{destroyed};
            checkpoint("begun");
            while (!token.stop_requested()) {}
        });
        run.run_to(at("worker", "begun"));
    }
    BOOST_TEST(destroyed);
}

BOOST_AUTO_TEST_CASE(a_callback_runs_in_the_starter_that_requests_the_stop) {
    runner run;
    const stop_source source;
    thread::id caller;
    const stop_callback notes(source.get_token(), [&] { caller = this_thread::get_id(); });
    thread::id boss;
    run.start("boss", [&] {
        boss = this_thread::get_id();
        source.request_stop();
    });
    run.finish();
    BOOST_TEST((caller == boss));
}

BOOST_AUTO_TEST_CASE(destroying_a_callback_waits_for_another_starter_that_is_calling_it) {
    runner run;
    const stop_source source;
    bool alive = true;
    const starter bob = run.start("bob", [&] {
        {
            const stop_callback uses(source.get_token(), [&] {
                checkpoint("called");
                BOOST_TEST(alive);
            });
            checkpoint("registered");
        }
        alive = false;
    });
    const starter alice = run.start("alice", [&] { source.request_stop(); });
    run.declare({bob.at("registered"), alice.at("called"), bob.blocked(), alice.finished()});
    run.next();
    run.next();
    run.next();
    BOOST_TEST(run.status().find("waits for stop request 1") != std::string::npos);
    BOOST_TEST(run.status().find("held by alice") != std::string::npos);
    run.finish();
    BOOST_TEST(!alive);
}

BOOST_AUTO_TEST_CASE(a_callback_is_called_once_or_never_in_every_schedule) {
    std::set<int> seen;
    (void)in_every_schedule([&] {
        const stop_source source;
        int calls = 0;
        thread registers("registers", [&] { const stop_callback one(source.get_token(), [&] { ++calls; }); });
        thread requests("requests", [&] { source.request_stop(); });
        registers.join();
        requests.join();
        seen.insert(calls);
    });
    BOOST_TEST((seen == std::set<int>{0, 1}));
}

BOOST_AUTO_TEST_CASE(a_callback_is_never_gone_while_it_is_called_in_every_schedule) {
    (void)in_every_schedule([&] {
        const stop_source source;
        thread registers("registers", [&] {
            auto alive = std::make_unique<bool>(true);
            const stop_callback one(source.get_token(), [&] {
                this_thread::yield();
                BOOST_REQUIRE(*alive);
            });
            checkpoint("registered");
        });
        thread requests("requests", [&] { source.request_stop(); });
        registers.join();
        requests.join();
    });
}

BOOST_AUTO_TEST_CASE(which_of_several_callbacks_comes_first_is_a_decision) {
    std::set<std::string> seen;
    (void)in_every_schedule([&] {
        std::string order;
        const stop_source source;
        const stop_callback a(source.get_token(), [&] { order += 'a'; });
        const stop_callback b(source.get_token(), [&] { order += 'b'; });
        const stop_callback c(source.get_token(), [&] { order += 'c'; });
        source.request_stop();
        seen.insert(order);
    });
    BOOST_TEST((seen == std::set<std::string>{"abc", "acb", "bac", "bca", "cab", "cba"}));
}

BOOST_AUTO_TEST_CASE(an_exception_that_leaves_a_callback_is_handed_to_who_drives) {
    runner run;
    const stop_source source;
    const stop_callback fails(source.get_token(), [] { throw std::runtime_error("no time to stop"); });
    run.start("boss", [&] { source.request_stop(); });
    BOOST_CHECK_EXCEPTION(run.finish(), std::runtime_error,
                          [](const std::runtime_error& e) { return std::string(e.what()) == "no time to stop"; });
}

BOOST_AUTO_TEST_CASE(a_callback_that_waits_is_unwound_with_its_execution) {
    const stop_source source;
    mutex taken;
    bool destroyed = false;
    {
        runner run;
        const stop_callback waits(source.get_token(), [&] {
            struct notes_end {
                bool& destroyed;
                ~notes_end() { destroyed = true; }
            } local{destroyed};
            const lock_guard<mutex> never(taken);
        });
        run.start("owner", [&] {
            taken.lock();
            checkpoint("locked");
            taken.unlock();
        });
        const starter boss = run.start("boss", [&] { source.request_stop(); });
        run.declare({at("owner", "locked"), boss.blocked(), at("owner", "finished")});
        run.next();
        run.next();
    }
    BOOST_TEST(destroyed);
}

BOOST_AUTO_TEST_SUITE_END()
